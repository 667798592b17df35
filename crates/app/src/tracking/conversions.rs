//! The rules of conversions that advertisers report, and their violations.

use std::ops::RangeInclusive;

use bams_domain::{InvalidRevenue, Revenue};
use bams_storage::{
    Conversion, ConversionFault, ConversionFlaw, ConversionsError, LONGEST_EVENT_ID, MOST_REVENUE,
    too_much_revenue,
};

use super::error::TrackingError;
use crate::violation::Violation;

/// How many conversions can be reported together.
pub const CONVERSION_COUNT: RangeInclusive<usize> = 1..=1000;

/// How far an advertiser's clock may be ahead of ours, in milliseconds.
const AHEAD: i64 = 5 * 60 * 1000;
/// The code of what belongs to a time that is summed up.
const TOO_OLD: &str = "too_old";

/// How old a conversion may be when it is reported, in milliseconds.
const OLDEST: i64 = 30 * 24 * 3600 * 1000;

impl From<ConversionsError> for TrackingError {
    fn from(error: ConversionsError) -> Self {
        match error {
            ConversionsError::Event(error) => error.into(),
            ConversionsError::Refused(faults) => refusal(&faults),
        }
    }
}

/// Makes the error of some faults, which is a conflict if all of them are ids that are taken.
fn refusal(faults: &[ConversionFault]) -> TrackingError {
    let explained = faults.iter().map(|fault| {
        let (field, code, detail) = match fault.flaw {
            ConversionFlaw::UnknownClick => ("click_id", "unknown_click", "there is no such click"),
            ConversionFlaw::Conflict => {
                let detail = "another conversion with this id was stored before";
                ("conversion_id", "conversion_conflict", detail)
            }
            ConversionFlaw::OldClick => {
                ("click_id", TOO_OLD, "the click is so old that it is summed up")
            }
            ConversionFlaw::OldTime => {
                ("occurred_at", TOO_OLD, "what happened at that time is summed up")
            }
            ConversionFlaw::UsedId => {
                let detail = "a conversion with this id is so old that it is summed up";
                ("conversion_id", TOO_OLD, detail)
            }
        };
        let pointer = format!("/{}/{field}", fault.index);
        Violation { pointer, code, detail: detail.to_owned() }
    });
    let violations = explained.collect();
    if faults.iter().all(|fault| fault.flaw == ConversionFlaw::Conflict) {
        TrackingError::Conflicts(violations)
    } else {
        TrackingError::Unusable(violations)
    }
}

/// Fails unless so many conversions can be reported together.
pub fn conversion_count(count: usize) -> Result<(), Violation> {
    if CONVERSION_COUNT.contains(&count) {
        return Ok(());
    }
    let (least, most) = (CONVERSION_COUNT.start(), CONVERSION_COUNT.end());
    Err(violation("out_of_range", format!("a list has {least} to {most} conversions")))
}

/// Fails with everything that is wrong with conversions that are reported together.
pub(super) fn check(conversions: &[Conversion]) -> Result<(), TrackingError> {
    conversion_count(conversions.len()).map_err(|it| TrackingError::Invalid(vec![it]))?;
    let mut found = Vec::new();
    for (index, conversion) in conversions.iter().enumerate() {
        for (field, checked) in [
            ("conversion_id", stored_id(&conversion.id)),
            ("click_id", stored_id(&conversion.click)),
            ("revenue", possible(conversion.revenue)),
        ] {
            let Err(violation) = checked else { continue };
            found.push(Violation { pointer: format!("/{index}/{field}"), ..violation });
        }
    }
    if found.is_empty() { Ok(()) } else { Err(TrackingError::Invalid(found)) }
}

/// Fails unless an id is as it is stored.
fn stored_id(id: &str) -> Result<(), Violation> {
    if bams_storage::is_stored_event_id(id) { Ok(()) } else { Err(invalid_id()) }
}

/// Returns the id of a conversion, or of the click that led to it, as it is stored.
pub fn event_id(text: &str) -> Result<String, Violation> {
    bams_storage::event_id(text).ok_or_else(invalid_id)
}

/// Returns the violation of an id that is none.
pub fn invalid_id() -> Violation {
    let detail = format!("an id has 1 to {LONGEST_EVENT_ID} visible ASCII characters");
    violation("invalid_id", detail)
}

/// Reads the revenue of a conversion.
pub fn revenue(text: &str) -> Result<Revenue, Violation> {
    let revenue = text.parse().map_err(invalid_revenue)?;
    possible(revenue).map(|()| revenue)
}

/// Returns the violation of a revenue that cannot be read.
pub fn invalid_revenue(error: InvalidRevenue) -> Violation {
    match error {
        InvalidRevenue::TooLarge => violation("out_of_range", too_much_revenue()),
        error => violation("invalid_revenue", error.to_string()),
    }
}

fn possible(revenue: Revenue) -> Result<(), Violation> {
    if revenue <= MOST_REVENUE {
        return Ok(());
    }
    Err(violation("out_of_range", too_much_revenue()))
}

/// Returns the moment of a conversion (unix milliseconds) as its advertiser tells it. Fails if it
/// is still to come or too long ago.
pub fn conversion_time(told: i64, now: i64) -> Result<i64, Violation> {
    if told > now.saturating_add(AHEAD) {
        return Err(violation("out_of_range", "the conversion is still to come".to_owned()));
    }
    if told < now.saturating_sub(OLDEST) {
        return Err(violation("out_of_range", "the conversion is older than 30 days".to_owned()));
    }
    Ok(told)
}

/// Makes a violation whose place its caller knows.
fn violation(code: &'static str, detail: String) -> Violation {
    Violation { pointer: String::new(), code, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_262_800_000;

    #[test]
    fn too_much_revenue_is_told_the_same_limit_however_much_it_is() {
        for written in ["1000000.000001", "99999999999999999999999999"] {
            let violation = revenue(written).unwrap_err();
            assert_eq!(violation.code, "out_of_range");
            assert_eq!(violation.detail, "revenue must not exceed 1000000");
        }
        assert_eq!(revenue("1000000"), Ok(MOST_REVENUE));
        assert_eq!(revenue("").unwrap_err().code, "invalid_revenue");
    }

    #[test]
    fn a_time_is_at_most_five_minutes_ahead_and_thirty_days_old() {
        for allowed in [NOW - OLDEST, NOW, NOW + AHEAD] {
            assert_eq!(conversion_time(allowed, NOW), Ok(allowed));
        }
        for refused in [i64::MIN, NOW - OLDEST - 1, NOW + AHEAD + 1, i64::MAX] {
            assert_eq!(conversion_time(refused, NOW).unwrap_err().code, "out_of_range");
        }
    }
}
