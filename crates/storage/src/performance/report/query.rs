//! The parameters of a report.

use bams_domain::{BannerId, CampaignId, Quarter, Slot};

use super::local_time::LocalTime;

/// A dimension by which rows of a report are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// The campaign.
    Campaign,
    /// The banner.
    Banner,
    /// The quarter of the UTC hour, in all hours.
    Quarter,
    /// One concrete hour.
    Hour,
    /// One concrete day.
    Day,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 5] = [Self::Campaign, Self::Banner, Self::Quarter, Self::Hour, Self::Day];

    /// Returns the name in requests and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Campaign => "campaign",
            Self::Banner => "banner",
            Self::Quarter => "quarter",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }
}

/// A key by which rows are sorted. Rows without a value come last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// A dimension by which the report is grouped.
    Dimension(Dimension),
    /// Impressions.
    Impressions,
    /// Clicks.
    Clicks,
    /// Conversions.
    Conversions,
    /// Revenue.
    Revenue,
    /// Clicks ÷ impressions.
    Ctr,
    /// Conversions ÷ clicks.
    Cvr,
    /// Revenue ÷ impressions.
    Rpm,
    /// Revenue ÷ clicks.
    Epc,
}

impl SortKey {
    /// Every key.
    pub const ALL: [Self; 13] = [
        Self::Impressions,
        Self::Clicks,
        Self::Conversions,
        Self::Revenue,
        Self::Ctr,
        Self::Cvr,
        Self::Rpm,
        Self::Epc,
        Self::Dimension(Dimension::Campaign),
        Self::Dimension(Dimension::Banner),
        Self::Dimension(Dimension::Quarter),
        Self::Dimension(Dimension::Hour),
        Self::Dimension(Dimension::Day),
    ];

    /// Returns the name in requests and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dimension(dimension) => dimension.name(),
            Self::Impressions => "impressions",
            Self::Clicks => "clicks",
            Self::Conversions => "conversions",
            Self::Revenue => "revenue",
            Self::Ctr => "ctr",
            Self::Cvr => "cvr",
            Self::Rpm => "rpm",
            Self::Epc => "epc",
        }
    }
}

/// The slots `from..to`. `None` is an open end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// The first slot.
    pub from: Option<Slot>,
    /// The first slot after the period.
    pub to: Option<Slot>,
}

/// What to sum up, how to group it and how to sort it.
#[derive(Clone, Debug)]
pub struct ReportQuery {
    /// The dimensions by which rows are grouped, without repeats. Empty for totals only.
    pub group_by: Vec<Dimension>,
    /// Only these campaigns; all if empty.
    pub campaigns: Vec<CampaignId>,
    /// Only these banners; all if empty.
    pub banners: Vec<BannerId>,
    /// Only these quarters; all if empty.
    pub quarters: Vec<Quarter>,
    /// The period.
    pub period: Period,
    /// The time whose hours and days are meant.
    pub local: LocalTime,
    /// True if each row also has the sums of the period before, which has as many local days or, if the
    /// period has no whole days, the same length. Needs a period with both ends.
    pub compared: bool,
    /// The key by which rows are sorted. Equal rows are sorted by their dimensions. A dimension
    /// must be one of `group_by`.
    pub sort: SortKey,
    /// True if the largest value comes first.
    pub descending: bool,
}

/// The position of a row in a report, after which the next page begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// The value by which the row is sorted.
    pub rank: Rank,
    /// Its dimensions as they are stored, in the order of `group_by`.
    pub dimensions: Vec<i64>,
}

/// The value by which a row is sorted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rank {
    /// A count, a sum or a dimension.
    Whole(i64),
    /// A rate, or `None` if the row has none.
    Rate(Option<f64>),
}
