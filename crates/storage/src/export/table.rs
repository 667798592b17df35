//! The tables of an export, with their columns and queries.

use bams_domain::{Quarter, Revenue, Slot};
use sea_orm::{DbBackend, DbErr, QueryResult};

use crate::database::whole_sum::whole_sum;
use crate::import::moment::written;
use crate::performance::staged_sums::{COUNTING, counts};

/// A table of an export. The rows of events come in a file for each quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportedTable {
    /// Campaigns with their settings.
    Campaigns,
    /// Banners with their settings and images.
    Banners,
    /// The banners of campaigns.
    Attachments,
    /// Banners that have images, as a file that an import takes.
    Images,
    /// How often banners were seen.
    Impressions,
    /// Clicks.
    Clicks,
    /// Conversions that count.
    Conversions,
}

/// A column, and how its value is written.
type ColumnOf = (&'static str, fn(&QueryResult, &str) -> Result<String, DbErr>);

impl ExportedTable {
    /// Every table.
    pub const ALL: [Self; 7] = [
        Self::Campaigns,
        Self::Banners,
        Self::Attachments,
        Self::Images,
        Self::Impressions,
        Self::Clicks,
        Self::Conversions,
    ];

    /// Returns the beginning of the names of its files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Campaigns => "campaigns",
            Self::Banners => "banners",
            Self::Attachments => "attachments",
            Self::Images => "images",
            Self::Impressions => "impressions",
            Self::Clicks => "clicks",
            Self::Conversions => "conversions",
        }
    }

    /// Returns true if the rows of each quarter make a file of their own.
    pub const fn is_by_quarter(self) -> bool {
        matches!(self, Self::Impressions | Self::Clicks | Self::Conversions)
    }

    /// Returns the names of its columns.
    pub fn header(self) -> Vec<&'static str> {
        let own = self.columns().iter().map(|column| column.0);
        own.chain(self.is_by_quarter().then_some("occurred_at")).collect()
    }

    const fn columns(self) -> &'static [ColumnOf] {
        match self {
            Self::Campaigns => &[
                ("id", number),
                ("name", text),
                ("status", text),
                ("starts_at", moment),
                ("ends_at", moment),
                ("policy", text),
                ("page_size", number),
                ("tags", tags),
                ("notes", text),
                ("created_at", moment),
                ("updated_at", moment),
            ],
            Self::Banners => &[
                ("id", number),
                ("name", text),
                ("status", text),
                ("landing_url", text),
                ("alt", text),
                ("width", number),
                ("height", number),
                ("tags", tags),
                ("image_key", text),
                ("image_media_type", text),
                ("image_bytes", number),
                ("created_at", moment),
                ("updated_at", moment),
            ],
            Self::Attachments => {
                &[("campaign_id", number), ("banner_id", number), ("status", text)]
            }
            Self::Images => &[
                ("url", text),
                ("id", number),
                ("name", text),
                ("landing_url", text),
                ("alt", text),
                ("tags", tags),
            ],
            Self::Impressions => {
                &[("banner_id", number), ("campaign_id", number), ("impressions", number)]
            }
            Self::Clicks => &[("click_id", text), ("banner_id", number), ("campaign_id", number)],
            Self::Conversions => {
                &[("conversion_id", text), ("click_id", text), ("revenue", revenue)]
            }
        }
    }

    /// Returns the query for all rows.
    pub(super) fn query(self, dialect: DbBackend, has_staged_sums: bool) -> String {
        match self {
            Self::Campaigns => "SELECT * FROM campaigns ORDER BY id".to_owned(),
            Self::Banners => "SELECT * FROM banners ORDER BY id".to_owned(),
            Self::Attachments => {
                "SELECT * FROM campaign_banners ORDER BY campaign_id, banner_id".to_owned()
            }
            Self::Images => {
                "SELECT image_key AS url, id, name, landing_url, alt, tags FROM banners \
                             WHERE image_key IS NOT NULL ORDER BY id"
                    .to_owned()
            }
            Self::Impressions if has_staged_sums => {
                let sum = whole_sum(dialect, "impressions");
                format!(
                    "SELECT campaign_id, banner_id, slot, {sum} AS impressions FROM \
                     (SELECT campaign_id, banner_id, slot, impressions FROM performance UNION ALL \
                     SELECT campaign_id, banner_id, slot, impressions FROM {COUNTING}) AS shown \
                     WHERE impressions > 0 GROUP BY campaign_id, banner_id, slot \
                     ORDER BY campaign_id, banner_id, slot"
                )
            }
            Self::Impressions => {
                "SELECT campaign_id, banner_id, slot, impressions FROM performance \
                                  WHERE impressions > 0 ORDER BY campaign_id, banner_id, slot"
                    .to_owned()
            }
            Self::Clicks => format!(
                "SELECT id AS click_id, banner_id, campaign_id, slot FROM clicks WHERE {}",
                counts("import_id")
            ),
            Self::Conversions => format!(
                "SELECT id AS conversion_id, click_id, revenue_micros AS revenue, slot \
                 FROM campaign_conversions WHERE retracted_at IS NULL AND {}",
                counts("import_id")
            ),
        }
    }

    /// Returns the fields of a row, and its quarter if it has one.
    ///
    /// A row in a slot from `ahead` on, in seconds since 1970, has no time of its own: it was counted in
    /// a quarter that still lies ahead, and an import puts it there.
    pub(super) fn read(
        self,
        row: &QueryResult,
        ahead: i64,
    ) -> Result<(Option<Quarter>, Vec<String>), DbErr> {
        let fields = self.columns().iter().map(|(name, field)| field(row, name));
        let mut fields = fields.collect::<Result<Vec<_>, _>>()?;
        if !self.is_by_quarter() {
            return Ok((None, fields));
        }
        let slot = Slot::from_number(row.try_get("", "slot")?);
        let starts_at = slot.starts_at();
        fields.push(if starts_at > ahead { String::new() } else { written(starts_at) });
        Ok((Some(slot.quarter()), fields))
    }
}

fn number(row: &QueryResult, name: &str) -> Result<String, DbErr> {
    let number = row
        .try_get::<Option<i64>>("", name)
        .or_else(|_| row.try_get::<Option<i32>>("", name).map(|number| number.map(i64::from)))?;
    Ok(number.map(|number| number.to_string()).unwrap_or_default())
}

fn text(row: &QueryResult, name: &str) -> Result<String, DbErr> {
    Ok(row.try_get::<Option<String>>("", name)?.unwrap_or_default())
}

fn moment(row: &QueryResult, name: &str) -> Result<String, DbErr> {
    let unix_millis: Option<i64> = row.try_get("", name)?;
    Ok(unix_millis.map(|it| written(it.div_euclid(1000))).unwrap_or_default())
}

/// Returns tags with commas between them.
fn tags(row: &QueryResult, name: &str) -> Result<String, DbErr> {
    let stored = text(row, name)?;
    let tags: Vec<String> = serde_json::from_str(&stored).unwrap_or_default();
    Ok(tags.join(","))
}

fn revenue(row: &QueryResult, name: &str) -> Result<String, DbErr> {
    Ok(Revenue::from_micros(row.try_get("", name)?).to_string())
}
