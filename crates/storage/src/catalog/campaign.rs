//! A campaign and its row.

use bams_domain::{CampaignId, Policy, Schedule, Status};
use sea_orm::ActiveValue::{NotSet, Set};
use serde::{Deserialize, Serialize};

use crate::database::values::{campaign_id, corrupt, tags_of, tags_text};
use crate::entity::campaign::{ActiveModel, Model};
use crate::error::StorageError;

/// The settings of a campaign, which people decide. Times are unix milliseconds.
///
/// The audit log keeps them under the names of these fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignSettings {
    /// The name, at most [`LONGEST_NAME`](crate::LONGEST_NAME) characters.
    pub name: String,
    /// The status.
    pub status: Status,
    /// When it begins. `None` is always.
    pub starts_at: Option<i64>,
    /// When it ends. `None` is never.
    pub ends_at: Option<i64>,
    /// The policy that ranks its banners.
    pub policy: Policy,
    /// How many banners a page shows. `None` leaves that to the rule.
    pub page_size: Option<u32>,
    /// The tags, for people and filters. They contain no commas.
    pub tags: Vec<String>,
    /// Notes for people, at most 10,000 characters.
    pub notes: String,
}

/// A campaign as it is stored. Times are unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// Its number.
    pub id: CampaignId,
    /// Its settings.
    pub settings: CampaignSettings,
    /// When its status became what it is. `None` if nobody wrote that down.
    pub status_since: Option<i64>,
    /// True if a banner is attached to it that is not [left out](bams_domain::left_out).
    pub has_eligible_banner: bool,
    /// The number of its changes, from 1 on.
    pub version: i64,
    /// When it was created.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
}

impl CampaignSettings {
    /// Makes the settings of a campaign of which only the name is known.
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

    /// Returns when it runs.
    pub fn schedule(&self) -> Schedule {
        schedule(self.starts_at, self.ends_at)
    }
}

/// Makes a schedule of moments in unix milliseconds. The domain counts seconds: a start within a
/// second counts from the beginning of the second.
pub(crate) fn schedule(starts_at: Option<i64>, ends_at: Option<i64>) -> Schedule {
    let seconds = |unix_ms: i64| unix_ms.div_euclid(1000);
    Schedule { starts_at: starts_at.map(seconds), ends_at: ends_at.map(seconds) }
}

/// Makes the row of a new campaign. Without a number it gets the next free one.
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
        status_since: Set(Some(now)),
        ..row_of(settings)
    }
}

/// Returns the columns of the settings.
pub(super) fn row_of(settings: &CampaignSettings) -> ActiveModel {
    ActiveModel {
        name: Set(settings.name.clone()),
        status: Set(settings.status.name().to_owned()),
        starts_at: Set(settings.starts_at),
        ends_at: Set(settings.ends_at),
        policy: Set(settings.policy.name().to_owned()),
        page_size: Set(settings.page_size.and_then(|size| i32::try_from(size).ok())),
        tags: Set(tags_text(&settings.tags)),
        notes: Set(settings.notes.clone()),
        ..Default::default()
    }
}

impl Campaign {
    /// Reads a row. Whether the campaign has an eligible banner stands in other tables.
    pub(crate) fn of(row: Model, has_eligible_banner: bool) -> Result<Self, StorageError> {
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
            status_since: row.status_since,
            has_eligible_banner,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
