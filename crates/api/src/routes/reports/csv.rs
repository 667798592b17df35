//! Rows of a report, as CSV (RFC 4180).

use std::io::{Error, Write};

use bams_domain::Slot;
use bams_storage::{Dimension, Measured, Period, Report, ReportQuery, ReportRow};
use csv::Writer;
use time::OffsetDateTime;
use time::macros::format_description;

use super::row::Rates;
use super::start_of;
use crate::answer::csv::{safe, writer};
use crate::problem::ApiError;
use crate::timestamp;

const COUNTED: [&str; 15] = [
    "impressions",
    "clicks",
    "conversions",
    "revenue_micros",
    "ctr",
    "ctr_low",
    "ctr_high",
    "cvr",
    "cvr_low",
    "cvr_high",
    "rpm_micros",
    "epc_micros",
    "filtered_impressions",
    "filtered_clicks",
    "filtered_conversions",
];

/// Writes the rows of one report.
pub(super) struct CsvRows<'a, W: Write> {
    query: &'a ReportQuery,
    writer: Writer<W>,
}

impl<'a, W: Write> CsvRows<'a, W> {
    /// Begins with the names of the columns.
    pub(super) fn begin(query: &'a ReportQuery, out: W) -> Result<Self, Error> {
        let mut writer = writer(out);
        let mut names: Vec<String> = Vec::new();
        for dimension in &query.group_by {
            names.extend(columns(*dimension).iter().map(|it| (*it).to_owned()));
        }
        names.extend(COUNTED.map(str::to_owned));
        if query.compared {
            names.extend(COUNTED.map(|it| format!("previous_{it}")));
        }
        writer.write_record(&names)?;
        Ok(Self { query, writer })
    }

    pub(super) fn write(&mut self, row: &ReportRow) -> Result<(), Error> {
        let mut fields: Vec<String> = Vec::with_capacity(2 * COUNTED.len() + 7);
        for dimension in &self.query.group_by {
            match dimension {
                Dimension::Campaign => {
                    fields.extend([number(row.campaign), name(row.campaign_name.as_deref())]);
                }
                Dimension::Banner => {
                    fields.extend([number(row.banner), name(row.banner_name.as_deref())]);
                }
                Dimension::Quarter => fields.push(number(row.quarter)),
                Dimension::Hour => fields.push(hour(row.hour)),
                Dimension::Day => fields.push(number(row.day.map(|it| start_of(it).date()))),
            }
        }
        fields.extend(counted(&row.sums.current));
        if let Some(previous) = &row.sums.previous {
            fields.extend(counted(previous));
        }
        self.writer.write_record(&fields)?;
        Ok(())
    }

    /// Returns the writer.
    pub(super) fn finish(self) -> Result<W, Error> {
        self.writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

/// Returns one page as text; where nothing is grouped, the totals.
pub(super) fn page(query: &ReportQuery, report: Report) -> Result<Vec<u8>, ApiError> {
    let Report { mut rows, totals, .. } = report;
    if query.group_by.is_empty() {
        rows.push(ReportRow { sums: totals, ..ReportRow::default() });
    }
    let written = || {
        let mut writer = CsvRows::begin(query, Vec::new())?;
        rows.iter().try_for_each(|row| writer.write(row))?;
        writer.finish()
    };
    written().map_err(|source| ApiError::Internal { action: "write a report", source })
}

/// Returns `performance_<from>_<to>.csv`. A report that is open at its end ends with what is complete.
pub(super) fn file_name(period: Period, complete_up_to: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour][minute]Z");
    let text = |it: OffsetDateTime| it.format(format).unwrap_or_default();
    let from = period.from.map_or_else(|| "beginning".to_owned(), |it| text(start_of(it)));
    let to = text(period.to.map_or(complete_up_to, start_of));
    format!("performance_{from}_{to}.csv")
}

fn columns(dimension: Dimension) -> &'static [&'static str] {
    match dimension {
        Dimension::Campaign => &["campaign_id", "campaign_name"],
        Dimension::Banner => &["banner_id", "banner_name"],
        Dimension::Quarter => &["quarter"],
        Dimension::Hour => &["hour"],
        Dimension::Day => &["day"],
    }
}

fn counted(measured: &Measured) -> [String; COUNTED.len()] {
    let rates = Rates::of(&measured.performance);
    let filtered = measured.filtered;
    [
        rates.impressions.to_string(),
        rates.clicks.to_string(),
        rates.conversions.to_string(),
        rates.revenue_micros.to_string(),
        number(rates.ctr),
        number(rates.ctr_low),
        number(rates.ctr_high),
        number(rates.cvr),
        number(rates.cvr_low),
        number(rates.cvr_high),
        number(rates.rpm_micros),
        number(rates.epc_micros),
        filtered.impressions.to_string(),
        filtered.clicks.to_string(),
        filtered.conversions.to_string(),
    ]
}

/// Returns a value as text; empty where there is none.
fn number(value: Option<impl ToString>) -> String {
    value.map(|it| it.to_string()).unwrap_or_default()
}

fn hour(slot: Option<Slot>) -> String {
    slot.map(|it| timestamp::text(it.starts_at() * 1000)).unwrap_or_default()
}

/// Returns a name as it may stand in a spreadsheet; empty where there is none.
fn name(name: Option<&str>) -> String {
    name.map(safe).unwrap_or_default()
}
