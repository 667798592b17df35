//! The rules of conversions that advertisers report, and their violations.

use bams_domain::{InvalidRevenue, Revenue};
use bams_storage::{
    ConversionFault, ConversionFlaw, ConversionsError, LONGEST_EVENT_ID, MOST_REVENUE,
};

use super::error::TrackingError;
use crate::violation::Violation;

/// The most conversions that can be reported together.
pub const MOST_CONVERSIONS: usize = 1000;

/// How far an advertiser's clock may be ahead of ours, in milliseconds.
const AHEAD: i64 = 5 * 60 * 1000;
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
        };
        let pointer = format!("/{}/{field}", fault.index);
        Violation { pointer, code, detail: detail.to_owned() }
    });
    let violations = explained.collect();
    if faults.iter().any(|fault| fault.flaw == ConversionFlaw::UnknownClick) {
        TrackingError::UnknownClicks(violations)
    } else {
        TrackingError::Conflicts(violations)
    }
}

/// Returns the id of a conversion, or of the click that led to it, as it is stored.
pub fn event_id(text: &str) -> Result<String, Violation> {
    bams_storage::event_id(text).ok_or_else(|| {
        let detail = format!("an id has 1 to {LONGEST_EVENT_ID} visible ASCII characters");
        violation("invalid_id", detail)
    })
}

/// Reads the revenue of a conversion.
pub fn revenue(text: &str) -> Result<Revenue, Violation> {
    match text.parse::<Revenue>() {
        Ok(revenue) if revenue <= MOST_REVENUE => Ok(revenue),
        Ok(_) | Err(InvalidRevenue::TooLarge) => {
            let detail = format!("revenue must not exceed {MOST_REVENUE}");
            Err(violation("out_of_range", detail))
        }
        Err(error) => Err(violation("invalid_revenue", error.to_string())),
    }
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
