//! The kinds of files, and their names.

use std::fmt;
use std::str::FromStr;

use bams_domain::Quarter;
use serde::{Deserialize, Serialize};

use super::column::Column;
use crate::alternatives::alternatives;

/// The kind of a file. In the order of import, so that every conversion finds its click.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// Banners and the object keys of their images: `url`, optional `id`, `name`, `landing_url`, `alt`
    /// and `tags`.
    Images,
    /// Impressions: `banner_id,campaign_id`, optional `impressions`, for how many a row stands.
    Impressions,
    /// Clicks: `click_id,banner_id,campaign_id`.
    Clicks,
    /// Conversions: `conversion_id,click_id,revenue`.
    Conversions,
}

impl ImportKind {
    /// Every kind, in the order of import.
    pub const ALL: [Self; 4] = [Self::Images, Self::Impressions, Self::Clicks, Self::Conversions];

    /// Returns the name in JSON, in the database and at the beginning of file names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Impressions => "impressions",
            Self::Clicks => "clicks",
            Self::Conversions => "conversions",
        }
    }

    /// Returns the kind at the beginning of a file name such as `impressions_1.csv`, in either
    /// case.
    pub fn of_file_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        Self::ALL.into_iter().find(|kind| name.starts_with(kind.name()))
    }

    /// Returns the place of a file among others by its name, so that every conversion finds its click:
    /// conversions come last, and just before them the files whose names do not tell their kind.
    pub fn turn_of_file_name(name: &str) -> usize {
        match Self::of_file_name(name) {
            Some(Self::Conversions) => Self::ALL.len(),
            Some(kind) => Self::ALL.into_iter().take_while(|it| *it != kind).count(),
            None => Self::ALL.len() - 1,
        }
    }

    /// Returns the kind, and the quarter if there is one, in the `table_name` of older clients,
    /// such as `clicks` or `clicks_2`. `None` for anything else.
    pub fn of_table_name(name: &str) -> Option<(Self, Option<Quarter>)> {
        match name.rsplit_once('_') {
            None => name.parse().ok().map(|kind| (kind, None)),
            Some((kind, quarter)) => Some((kind.parse().ok()?, Some(single_quarter(quarter)?))),
        }
    }

    /// Returns true if rows have ids, by which each counts once.
    pub(super) const fn has_ids(self) -> bool {
        matches!(self, Self::Clicks | Self::Conversions)
    }

    /// Returns the columns that a file of this kind must have.
    pub(super) const fn columns(self) -> &'static [Column] {
        match self {
            Self::Images => &[Column::Url],
            Self::Impressions => &[Column::BannerId, Column::CampaignId],
            Self::Clicks => &[Column::ClickId, Column::BannerId, Column::CampaignId],
            Self::Conversions => &[Column::ConversionId, Column::ClickId, Column::Revenue],
        }
    }

    /// Returns true if a file of this kind may have a column.
    pub(super) fn may_have(self, column: Column) -> bool {
        match column {
            Column::Id | Column::Name | Column::LandingUrl | Column::Alt | Column::Tags => {
                self == Self::Images
            }
            Column::Quarter | Column::OccurredAt => self != Self::Images,
            Column::Impressions => self == Self::Impressions,
            needed => self.columns().contains(&needed),
        }
    }
}

impl fmt::Display for ImportKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// The error of a text that names no kind of file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a kind of file: use {known}", known = alternatives(ImportKind::ALL.map(ImportKind::name)))]
pub struct UnknownKind(pub String);

impl FromStr for ImportKind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|it| it.name() == name);
        known.ok_or_else(|| UnknownKind(name.to_owned()))
    }
}

/// Returns the quarter at the end of a file name such as `clicks_2.csv`, packed or not.
pub(super) fn quarter_of_file_name(name: &str) -> Option<Quarter> {
    let lower_case = name.to_ascii_lowercase();
    let unpacked = lower_case.strip_suffix(".gz").unwrap_or(&lower_case);
    let (_, quarter) = unpacked.strip_suffix(".csv")?.rsplit_once('_')?;
    single_quarter(quarter)
}

fn single_quarter(digit: &str) -> Option<Quarter> {
    Quarter::ALL.into_iter().find(|quarter| quarter.to_string() == digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_tells_its_kind_and_quarter() {
        for (name, kind, quarter) in [
            ("impressions_1.csv", Some(ImportKind::Impressions), Some(Quarter::First)),
            ("Clicks_4.CSV", Some(ImportKind::Clicks), Some(Quarter::Fourth)),
            ("conversions-2026_3.csv", Some(ImportKind::Conversions), Some(Quarter::Third)),
            ("conversions.csv", Some(ImportKind::Conversions), None),
            ("images.csv", Some(ImportKind::Images), None),
            ("clicks_5.csv", Some(ImportKind::Clicks), None),
            ("clicks_12.csv", Some(ImportKind::Clicks), None),
            ("clicks_1.txt", Some(ImportKind::Clicks), None),
            ("clicks_2.csv.gz", Some(ImportKind::Clicks), Some(Quarter::Second)),
            ("clicks_2.gz", Some(ImportKind::Clicks), None),
            ("export.csv", None, None),
            ("", None, None),
        ] {
            assert_eq!(ImportKind::of_file_name(name), kind, "{name}");
            assert_eq!(quarter_of_file_name(name), quarter, "{name}");
        }
    }

    #[test]
    fn older_clients_name_tables() {
        for (name, expected) in [
            ("impressions", Some((ImportKind::Impressions, None))),
            ("clicks_2", Some((ImportKind::Clicks, Some(Quarter::Second)))),
            ("clicks_0", None),
            ("clicks_", None),
            ("banners_1", None),
            ("", None),
        ] {
            assert_eq!(ImportKind::of_table_name(name), expected, "{name}");
        }
    }
}
