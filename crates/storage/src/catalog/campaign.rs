//! A campaign, and the row that keeps it.

use bams_domain::{CampaignId, Policy, Status};
use sea_orm::ActiveValue::{NotSet, Set};

use crate::database::values::{campaign_id, corrupt, tags_of, tags_text};
use crate::entity::campaign::{ActiveModel, Model};
use crate::error::StorageError;

/// What people decide about a campaign. Times are unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignSettings {
    /// Its name, at most 200 characters.
    pub name: String,
    /// Whether it runs, within its schedule.
    pub status: Status,
    /// When it begins; `None` is always.
    pub starts_at: Option<i64>,
    /// When it is over; `None` is never.
    pub ends_at: Option<i64>,
    /// Who ranks its banners.
    pub policy: Policy,
    /// How many banners a page shows, where that is not left to the rule.
    pub page_size: Option<u32>,
    /// For people and filters; without commas.
    pub tags: Vec<String>,
    /// For people, at most 10,000 characters.
    pub notes: String,
}

/// A campaign as it is kept. Times are unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// Its number.
    pub id: CampaignId,
    /// What people decided about it.
    pub settings: CampaignSettings,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
}

impl CampaignSettings {
    /// Those of a campaign of which only the name is known.
    pub fn named(name: String) -> Self {
        Self {
            name,
            status: Status::Active,
            starts_at: None,
            ends_at: None,
            policy: Policy::default(),
            page_size: None,
            tags: Vec::new(),
            notes: String::new(),
        }
    }
}

/// The row of a new campaign. Without a number it gets the next free one.
pub(crate) fn new_row(
    id: Option<CampaignId>,
    settings: &CampaignSettings,
    now: i64,
) -> ActiveModel {
    ActiveModel {
        id: id.map_or(NotSet, |it| Set(it.0.into())),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..row_of(settings)
    }
}

/// What a row says of the settings.
pub(super) fn row_of(settings: &CampaignSettings) -> ActiveModel {
    ActiveModel {
        name: Set(settings.name.clone()),
        status: Set(settings.status.name().to_owned()),
        starts_at: Set(settings.starts_at),
        ends_at: Set(settings.ends_at),
        policy: Set(settings.policy.name().to_owned()),
        page_size: Set(settings.page_size.and_then(|it| i32::try_from(it).ok())),
        tags: Set(tags_text(&settings.tags)),
        notes: Set(settings.notes.clone()),
        ..Default::default()
    }
}

impl TryFrom<Model> for Campaign {
    type Error = StorageError;

    fn try_from(row: Model) -> Result<Self, StorageError> {
        let table = "campaigns";
        let page_size = row.page_size.map(u32::try_from).transpose();
        Ok(Self {
            id: campaign_id(table, row.id)?,
            settings: CampaignSettings {
                status: row.status.parse().map_err(|_| corrupt(table, "status", &row.status))?,
                starts_at: row.starts_at,
                ends_at: row.ends_at,
                policy: row.policy.parse().map_err(|_| corrupt(table, "policy", &row.policy))?,
                page_size: page_size
                    .map_err(|_| corrupt(table, "page_size", "a negative number"))?,
                tags: tags_of(table, &row.tags)?,
                name: row.name,
                notes: row.notes,
            },
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
