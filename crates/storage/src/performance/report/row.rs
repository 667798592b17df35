//! Reading a row of a report into types of the domain.

use bams_domain::{BannerId, CampaignId, Performance, Quarter, Revenue, Slot};
use sea_orm::{DbErr, QueryResult};

use super::columns::{SUMS, previous};
use super::query::{Dimension, Position, Rank, ReportQuery};
use crate::database::values::{banner_id, campaign_id, corrupt, count};
use crate::error::{Attempt, StorageError};

const ACTION: &str = "read a report";

/// The largest integer of the database.
const MOST: u64 = i64::MAX.unsigned_abs();

/// The number of events of each kind that did not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FilteredCounts {
    /// Impressions.
    pub impressions: u64,
    /// Clicks.
    pub clicks: u64,
    /// Conversions.
    pub conversions: u64,
}

/// Counts, and events that did not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// The counts.
    pub performance: Performance,
    /// The events that did not count.
    pub filtered: FilteredCounts,
}

/// The sums of one row, or of all rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// The sums of the period.
    pub current: Measured,
    /// The sums of the period of the same length before, if the query asks for them.
    pub previous: Option<Measured>,
}

/// One row. It has the dimensions by which the report is grouped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportRow {
    /// The campaign.
    pub campaign: Option<CampaignId>,
    /// The campaign's name, or `None` if the campaign no longer exists.
    pub campaign_name: Option<String>,
    /// The banner.
    pub banner: Option<BannerId>,
    /// The banner's name, or `None` if the banner no longer exists.
    pub banner_name: Option<String>,
    /// The quarter of the hour.
    pub quarter: Option<Quarter>,
    /// The first slot of the hour.
    pub hour: Option<Slot>,
    /// The first slot that the day has in UTC, also if it is a local one.
    pub day: Option<Slot>,
    /// The sums.
    pub sums: Sums,
}

impl ReportRow {
    pub(super) fn read(query: &ReportQuery, row: &QueryResult) -> Result<Self, StorageError> {
        let mut read = Self { sums: Sums::read(query, row)?, ..Self::default() };
        for dimension in &query.group_by {
            let value: i64 = row.try_get("", dimension.column()).attempt(ACTION)?;
            let name = |column| row.try_get::<Option<String>>("", column).attempt(ACTION);
            match dimension {
                Dimension::Campaign => {
                    read.campaign = Some(campaign_id("performance", value)?);
                    read.campaign_name = name("campaign_name")?;
                }
                Dimension::Banner => {
                    read.banner = Some(banner_id("performance", value)?);
                    read.banner_name = name("banner_name")?;
                }
                Dimension::Quarter => read.quarter = Some(quarter(value)?),
                Dimension::Hour => read.hour = Some(Slot::from_number(value)),
                Dimension::Day => read.day = Some(Slot::from_number(value)),
            }
        }
        Ok(read)
    }
}

impl Position {
    pub(super) fn read(query: &ReportQuery, row: &QueryResult) -> Result<Self, StorageError> {
        let rank = if query.sort.is_rate() {
            row.try_get("", "ranked").map(Rank::Rate)
        } else {
            row.try_get("", "ranked").map(Rank::Whole)
        };
        let dimensions = query.group_by.iter().map(|dimension| row.try_get("", dimension.column()));
        Ok(Self {
            rank: rank.attempt(ACTION)?,
            dimensions: dimensions.collect::<Result<_, DbErr>>().attempt(ACTION)?,
        })
    }
}

impl Sums {
    pub(super) fn read(query: &ReportQuery, row: &QueryResult) -> Result<Self, StorageError> {
        let current = measured(row, str::to_owned)?;
        let before = query.compared.then(|| measured(row, previous)).transpose()?;
        Ok(Self { current, previous: before })
    }

    /// Returns the sums of rows that are all of a report.
    pub(super) fn of_all(query: &ReportQuery, rows: &[ReportRow]) -> Self {
        let mut all = Self { previous: query.compared.then(Measured::default), ..Self::default() };
        for row in rows {
            all.current.add(&row.sums.current);
            if let (Some(all), Some(own)) = (&mut all.previous, &row.sums.previous) {
                all.add(own);
            }
        }
        all
    }
}

impl Measured {
    /// Adds counts, each up to the largest integer of the database.
    fn add(&mut self, other: &Self) {
        let add = |sum: &mut u64, more: u64| *sum = sum.saturating_add(more).min(MOST);
        let (own, more) = (&mut self.performance, &other.performance);
        add(&mut own.impressions, more.impressions);
        add(&mut own.clicks, more.clicks);
        add(&mut own.conversions, more.conversions);
        own.revenue = own.revenue.saturating_add(more.revenue);
        let (own, more) = (&mut self.filtered, &other.filtered);
        add(&mut own.impressions, more.impressions);
        add(&mut own.clicks, more.clicks);
        add(&mut own.conversions, more.conversions);
    }
}

fn measured(row: &QueryResult, name: impl Fn(&str) -> String) -> Result<Measured, StorageError> {
    let mut sums = [0_i64; SUMS.len()];
    for (sum, column) in sums.iter_mut().zip(SUMS) {
        *sum = row.try_get("", &name(column)).attempt(ACTION)?;
    }
    let [.., revenue_micros, _, _, _] = sums;
    let of = |index: usize| count("performance", SUMS[index], sums[index]);
    Ok(Measured {
        performance: Performance {
            impressions: of(0)?,
            clicks: of(1)?,
            conversions: of(2)?,
            revenue: Revenue::from_micros(revenue_micros),
        },
        filtered: FilteredCounts { impressions: of(4)?, clicks: of(5)?, conversions: of(6)? },
    })
}

fn quarter(position: i64) -> Result<Quarter, StorageError> {
    let index = usize::try_from(position).ok();
    let quarter = index.and_then(|index| Quarter::ALL.get(index).copied());
    quarter.ok_or_else(|| corrupt("performance", "slot", position))
}
