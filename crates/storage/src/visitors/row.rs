//! The preferences of a visitor as a row.

use bams_domain::{BannerId, Preferences, VisitorId};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use crate::database::values::corrupt;
use crate::entity::visitor::{ActiveModel, Model};
use crate::error::StorageError;

#[derive(Clone)]
/// The preferences of one visitor with their expiry.
pub(super) struct VisitorRow {
    pub(super) visitor: VisitorId,
    pub(super) wish: Wish,
    pub(super) revision: i64,
    pub(super) expires_at: i64,
}

#[derive(Clone)]
pub(super) enum Wish {
    Preferences(Preferences),
    Forgotten,
}

#[derive(Serialize, Deserialize)]
struct PreferencesText {
    preferred_tags: Vec<String>,
    blocked_tags: Vec<String>,
    hidden_banners: Vec<u32>,
}

impl VisitorRow {
    pub(super) fn into_model(self) -> ActiveModel {
        ActiveModel {
            id: Set(bytes(self.visitor)),
            preferences: Set(match self.wish {
                Wish::Preferences(it) if it.is_empty() => Some(String::new()),
                Wish::Preferences(it) => Some(text(&it)),
                Wish::Forgotten => None,
            }),
            revision: Set(self.revision),
            expires_at: Set(self.expires_at),
        }
    }
}

impl TryFrom<Model> for VisitorRow {
    type Error = StorageError;

    fn try_from(row: Model) -> Result<Self, StorageError> {
        let number = <[u8; 16]>::try_from(row.id.as_slice()).map(u128::from_be_bytes);
        let number = number.map_err(|_| corrupt("visitors", "id", format!("{:?}", row.id)))?;
        Ok(Self {
            visitor: VisitorId::from_u128(number),
            wish: match row.preferences.as_deref() {
                None => Wish::Forgotten,
                Some("") => Wish::Preferences(Preferences::default()),
                Some(text) => Wish::Preferences(read(text)?),
            },
            revision: row.revision,
            expires_at: row.expires_at,
        })
    }
}

pub(super) fn bytes(visitor: VisitorId) -> Vec<u8> {
    visitor.as_u128().to_be_bytes().to_vec()
}

fn read(text: &str) -> Result<Preferences, StorageError> {
    let read: PreferencesText =
        serde_json::from_str(text).map_err(|_| corrupt("visitors", "preferences", text))?;
    let hidden = read.hidden_banners.into_iter().map(BannerId).collect();
    Ok(Preferences::new(read.preferred_tags, read.blocked_tags, hidden))
}

fn text(preferences: &Preferences) -> String {
    let text = PreferencesText {
        preferred_tags: preferences.preferred_tags().to_vec(),
        blocked_tags: preferences.blocked_tags().to_vec(),
        hidden_banners: preferences.hidden_banners().iter().map(|it| it.0).collect(),
    };
    serde_json::to_string(&text).unwrap_or_default()
}
