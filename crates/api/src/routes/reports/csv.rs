//! Rows of a report, as CSV (RFC 4180).

use std::io::{Error, Write};

use bams_domain::{Revenue, Slot};
use bams_storage::{Dimension, Measured, Period, Report, ReportQuery, ReportRow};
use csv::Writer;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use super::query::CsvStyle;
use super::row::Rates;
use super::{local_start_of, start_of};
use crate::answer::csv::{safe, writer};
use crate::problem::ApiError;

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

/// The columns of money, with their names in the currency.
const MONEY: [(&str, &str); 3] =
    [("revenue_micros", "revenue"), ("rpm_micros", "rpm"), ("epc_micros", "epc")];

/// Writes the rows of one report.
pub(super) struct CsvRows<'a, W: Write> {
    query: &'a ReportQuery,
    style: CsvStyle,
    writer: Writer<W>,
}

impl<'a, W: Write> CsvRows<'a, W> {
    /// Begins with the names of the columns.
    pub(super) fn begin(
        query: &'a ReportQuery,
        style: CsvStyle,
        mut out: W,
    ) -> Result<Self, Error> {
        if style.bom {
            out.write_all("\u{feff}".as_bytes())?;
        }
        let mut writer = writer(out);
        let mut names: Vec<String> = Vec::new();
        for dimension in &query.group_by {
            names.extend(columns(*dimension).iter().map(|it| (*it).to_owned()));
        }
        let counted = COUNTED.map(|name| match MONEY.iter().find(|it| it.0 == name) {
            Some((_, decimal)) if style.decimal_money => decimal,
            _ => name,
        });
        names.extend(counted.map(str::to_owned));
        if query.compared {
            names.extend(counted.map(|it| format!("previous_{it}")));
        }
        writer.write_record(&names)?;
        Ok(Self { query, style, writer })
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
                Dimension::Hour => fields.push(self.hour(row.hour)),
                Dimension::Day => fields.push(number(row.day.map(|it| start_of(it).date()))),
            }
        }
        fields.extend(counted(&row.sums.current, self.style));
        if let Some(previous) = &row.sums.previous {
            fields.extend(counted(previous, self.style));
        }
        self.writer.write_record(&fields)?;
        Ok(())
    }

    fn hour(&self, slot: Option<Slot>) -> String {
        let begun = slot.map(|it| local_start_of(it, &self.query.local));
        begun.and_then(|it| it.format(&Rfc3339).ok()).unwrap_or_default()
    }

    /// Returns the writer.
    pub(super) fn finish(self) -> Result<W, Error> {
        self.writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

/// Returns one page as text; where nothing is grouped, the totals.
pub(super) fn page(
    query: &ReportQuery,
    style: CsvStyle,
    report: Report,
) -> Result<Vec<u8>, ApiError> {
    let Report { mut rows, totals, .. } = report;
    if query.group_by.is_empty() {
        rows.push(ReportRow { sums: totals, ..ReportRow::default() });
    }
    let written = || {
        let mut writer = CsvRows::begin(query, style, Vec::new())?;
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

fn counted(measured: &Measured, style: CsvStyle) -> [String; COUNTED.len()] {
    let rates = Rates::of(&measured.performance);
    let money = |micros: i64| {
        if style.decimal_money {
            Revenue::from_micros(micros).to_string()
        } else {
            micros.to_string()
        }
    };
    let filtered = measured.filtered;
    [
        rates.impressions.to_string(),
        rates.clicks.to_string(),
        rates.conversions.to_string(),
        money(rates.revenue_micros),
        number(rates.ctr),
        number(rates.ctr_low),
        number(rates.ctr_high),
        number(rates.cvr),
        number(rates.cvr_low),
        number(rates.cvr_high),
        number(rates.rpm_micros.map(money)),
        number(rates.epc_micros.map(money)),
        filtered.impressions.to_string(),
        filtered.clicks.to_string(),
        filtered.conversions.to_string(),
    ]
}

/// Returns a value as text; empty where there is none.
fn number(value: Option<impl ToString>) -> String {
    value.map(|it| it.to_string()).unwrap_or_default()
}

/// Returns a name as it may stand in a spreadsheet; empty where there is none.
fn name(name: Option<&str>) -> String {
    name.map(safe).unwrap_or_default()
}
