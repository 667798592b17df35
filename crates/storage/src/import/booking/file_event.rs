//! Clicks and conversions of files, as rows with ids.

use std::hash::Hash;

use sea_orm::{DbErr, QueryResult, Value};

use crate::database::insert::Insert;
use crate::events::raw_events::{CLICKS, CONVERSIONS};
use crate::events::used_ids;
use crate::import::row_error::{ErrorCode, RowError};
use crate::import::rows::{Account, FileClick, FileConversion};

/// A row that has an id.
pub(super) trait FileEvent {
    /// The insert into its table, whose columns begin with the id and the campaign.
    const INSERT: Insert;

    /// The columns of the key and the contents of a stored row.
    const COLUMNS: &'static str;

    /// What is unique.
    type Key: Eq + Hash;

    /// What a repetition must say again.
    type Contents;

    /// Reads the columns of a stored row.
    fn stored(columns: &QueryResult) -> Result<(Self::Key, Self::Contents), DbErr>;

    fn id(&self) -> Value;

    fn key(&self) -> Self::Key;

    fn contents(&self) -> Self::Contents;

    /// Returns true if a row with the same key has these contents.
    fn says(&self, contents: &Self::Contents) -> bool;

    fn values(&self) -> Vec<Value>;

    /// Returns the error of a row whose key has other contents.
    fn conflict(&self) -> RowError;

    /// Returns what stands for the key once it is summed up, unless it tells its time.
    fn hash(&self) -> Option<i64>;

    /// Returns the error of a row whose key is summed up.
    fn too_old(&self) -> RowError {
        let message = "this id is that of a row which is so old that it is summed up".to_owned();
        RowError { code: ErrorCode::TooOld, message, ..self.conflict() }
    }
}

impl FileEvent for FileClick {
    const INSERT: Insert = CLICKS;

    const COLUMNS: &'static str = "id, campaign_id, banner_id";

    type Key = String;

    type Contents = (i64, i64);

    fn stored(columns: &QueryResult) -> Result<(String, (i64, i64)), DbErr> {
        let (campaign, banner) =
            (columns.try_get("", "campaign_id")?, columns.try_get("", "banner_id")?);
        Ok((columns.try_get("", "id")?, (campaign, banner)))
    }

    fn id(&self) -> Value {
        self.id.as_str().into()
    }

    fn key(&self) -> String {
        self.id.clone()
    }

    fn contents(&self) -> (i64, i64) {
        (self.account.campaign.0.into(), self.account.banner.0.into())
    }

    fn says(&self, contents: &(i64, i64)) -> bool {
        *contents == self.contents()
    }

    fn values(&self) -> Vec<Value> {
        let (campaign, banner) = self.contents();
        vec![self.id(), campaign.into(), banner.into(), self.account.slot.number().into()]
    }

    fn conflict(&self) -> RowError {
        let message = format!("click {} was stored before, of another banner or campaign", self.id);
        RowError {
            line: self.line,
            column: "click_id".to_owned(),
            code: ErrorCode::Conflict,
            message,
        }
    }

    fn hash(&self) -> Option<i64> {
        used_ids::of_click(&self.id)
    }
}

/// A conversion with the campaign and the banner of its click.
pub(super) struct KnownConversion {
    pub(super) conversion: FileConversion,
    pub(super) account: Account,
}

impl FileEvent for KnownConversion {
    const INSERT: Insert = CONVERSIONS;

    const COLUMNS: &'static str = "id, campaign_id, click_id, first_revenue_micros, slot";

    type Key = (String, i64);

    /// The click, the revenue and the slot.
    type Contents = (String, i64, i64);

    fn stored(columns: &QueryResult) -> Result<(Self::Key, Self::Contents), DbErr> {
        let key = (columns.try_get("", "id")?, columns.try_get("", "campaign_id")?);
        let revenue = columns.try_get("", "first_revenue_micros")?;
        let (click, slot) = (columns.try_get("", "click_id")?, columns.try_get("", "slot")?);
        Ok((key, (click, revenue, slot)))
    }

    fn id(&self) -> Value {
        self.conversion.id.as_str().into()
    }

    fn key(&self) -> (String, i64) {
        (self.conversion.id.clone(), self.account.campaign.0.into())
    }

    fn contents(&self) -> (String, i64, i64) {
        let FileConversion { click, revenue, .. } = &self.conversion;
        (click.clone(), revenue.micros(), self.account.slot.number())
    }

    fn says(&self, (click, revenue, slot): &(String, i64, i64)) -> bool {
        let FileConversion { told_time, .. } = self.conversion;
        let is_at = *slot == self.account.slot.number() || !told_time;
        *click == self.conversion.click && *revenue == self.conversion.revenue.micros() && is_at
    }

    fn values(&self) -> Vec<Value> {
        let revenue = self.conversion.revenue.micros();
        vec![
            self.id(),
            i64::from(self.account.campaign.0).into(),
            i64::from(self.account.banner.0).into(),
            self.conversion.click.as_str().into(),
            self.account.slot.number().into(),
            revenue.into(),
            revenue.into(),
        ]
    }

    fn conflict(&self) -> RowError {
        let FileConversion { line, id, .. } = &self.conversion;
        let message = format!(
            "conversion {id} of campaign {} was stored before, of another click, with other revenue or at \
             another time",
            self.account.campaign
        );
        let column = "conversion_id".to_owned();
        RowError { line: *line, column, code: ErrorCode::Conflict, message }
    }

    fn hash(&self) -> Option<i64> {
        Some(used_ids::of_conversion(&self.conversion.id, self.account.campaign.0.into()))
    }
}
