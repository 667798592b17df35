//! What a report is asked for.

use bams_domain::{BannerId, CampaignId, Quarter, Slot};

/// What rows of a report are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// The campaign.
    Campaign,
    /// The banner.
    Banner,
    /// The quarter of the UTC hour, in all hours.
    Quarter,
    /// One concrete UTC hour.
    Hour,
    /// One concrete UTC day.
    Day,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 5] = [Self::Campaign, Self::Banner, Self::Quarter, Self::Hour, Self::Day];

    /// Its public name.
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

/// What rows are sorted by. Rows that have no such value come last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// A dimension the report is grouped by.
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

    /// Its public name.
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

/// The slots `from..to`; an end that is missing is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// The first slot.
    pub from: Option<Slot>,
    /// The first slot that is not part of it any more.
    pub to: Option<Slot>,
}

impl Period {
    /// The period of the same length directly before, and that length in slots; none for a period
    /// with an open end or without slots.
    pub fn previous(self) -> Option<(Self, i64)> {
        let (from, to) = (self.from?, self.to?);
        let length = to.number().checked_sub(from.number()).filter(|it| *it > 0)?;
        let before = Slot::from_number(from.number().checked_sub(length)?);
        Some((Self { from: Some(before), to: Some(from) }, length))
    }
}

/// What to sum up, how to group and how to sort it.
#[derive(Clone, Debug)]
pub struct ReportQuery {
    /// What rows are grouped by, without repeats; none for totals only.
    pub group_by: Vec<Dimension>,
    /// Only these campaigns; all if empty.
    pub campaigns: Vec<CampaignId>,
    /// Only these banners; all if empty.
    pub banners: Vec<BannerId>,
    /// Only these quarters; all if empty.
    pub quarters: Vec<Quarter>,
    /// When.
    pub period: Period,
    /// Whether each row also says what it was in the period before. Needs a period with both ends.
    pub compared: bool,
    /// What rows are sorted by; equal ones stand in the order of their dimensions. A dimension
    /// must be one of `group_by`.
    pub sort: SortKey,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// Where a row stands in a report, so that the next page can begin behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// What the row is sorted by.
    pub rank: Rank,
    /// Its dimensions as they are stored, in the order of `group_by`.
    pub dimensions: Vec<i64>,
}

/// The value a row is sorted by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rank {
    /// A count, a sum or a dimension.
    Whole(i64),
    /// A rate; nothing where there is none.
    Rate(Option<f64>),
}
