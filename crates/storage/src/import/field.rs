//! The numbers, ids and times of fields, which are read strictly.

use std::borrow::Cow;

use bams_domain::{InvalidRevenue, Quarter, Revenue};

use super::moment::{ToldTime, told};
use super::row_error::{ErrorCode, quoted};
use crate::events::{LONGEST_EVENT_ID, MOST_REVENUE, event_id as event_id_text, too_much_revenue};

/// The most impressions that a row stands for.
const MOST_IMPRESSIONS: u64 = 1_000_000_000;

/// What is wrong with a value, and how to say it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FieldFlaw {
    pub(super) code: ErrorCode,
    pub(super) message: String,
}

pub(super) fn flaw(code: ErrorCode, text: &str, problem: &str) -> FieldFlaw {
    FieldFlaw { code, message: format!("{} {problem}", quoted(text)) }
}

/// The largest number of a campaign or banner in a file: half of what fits, so that there is room
/// after it for those that are created next.
pub(super) const MOST: u32 = u32::MAX / 2;

/// Reads the number of a campaign or banner: 1 to 2147483647.
pub(super) fn number(text: &str) -> Result<u32, FieldFlaw> {
    let number = digits(text)?.and_then(|number| u32::try_from(number).ok());
    let allowed = number.filter(|number| (1..=MOST).contains(number));
    allowed.ok_or_else(|| flaw(ErrorCode::OutOfRange, text, "is not between 1 and 2147483647"))
}

/// Reads the id of a conversion: visible ASCII characters, or a whole number without its leading zeros.
pub(super) fn conversion_id(text: &str) -> Result<String, FieldFlaw> {
    event_id_text(whole(text.trim_matches(' '))).ok_or_else(|| {
        let problem = format!("is not 1 to {LONGEST_EVENT_ID} visible ASCII characters");
        flaw(ErrorCode::InvalidId, text, &problem)
    })
}

/// Reads the id of a click of a file: a whole number of 63 bits.
pub(super) fn event_id(text: &str) -> Result<i64, FieldFlaw> {
    let number = digits(text)?.and_then(|number| i64::try_from(number).ok());
    let largest = "is larger than 9223372036854775807";
    number.ok_or_else(|| flaw(ErrorCode::OutOfRange, text, largest))
}

/// Reads the id of a click, imported or live.
pub(super) fn click_id(text: &str) -> Result<String, FieldFlaw> {
    if is_live_click(text.trim_matches(' ')) {
        return Ok(text.trim_matches(' ').to_owned());
    }
    event_id(text).map(|it| it.to_string())
}

/// Returns true for 32 lower-case hex digits, a dash, and a banner's number.
fn is_live_click(text: &str) -> bool {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.split_once('-').is_some_and(|(decision, banner)| {
        decision.len() == 32
            && decision.bytes().all(hex)
            && banner.parse::<u32>().is_ok_and(|number| number > 0 && number.to_string() == banner)
    })
}

pub(super) fn quarter(text: &str) -> Result<Quarter, FieldFlaw> {
    let number = digits(text)?.and_then(|number| u8::try_from(number).ok());
    let quarter = number.and_then(|number| Quarter::try_from(number).ok());
    quarter.ok_or_else(|| flaw(ErrorCode::OutOfRange, text, "is not a quarter from 1 to 4"))
}

/// Reads a revenue, in which a comma may be the decimal point if it parts no fields.
pub(super) fn revenue(text: &str, decimal_comma: bool) -> Result<Revenue, FieldFlaw> {
    let number = text.trim_matches(' ');
    let number = match number.split_once(',') {
        Some((whole, decimals)) if decimal_comma => Cow::Owned(format!("{whole}.{decimals}")),
        _ => Cow::Borrowed(number),
    };
    let (code, problem) = match number.parse::<Revenue>() {
        Ok(revenue) if revenue <= MOST_REVENUE => return Ok(revenue),
        Ok(_) | Err(InvalidRevenue::TooLarge) => (ErrorCode::OutOfRange, too_much_revenue()),
        Err(error @ InvalidRevenue::NotANumber) => (ErrorCode::NotANumber, error.to_string()),
        Err(error @ InvalidRevenue::Negative) => (ErrorCode::Negative, error.to_string()),
        Err(error @ InvalidRevenue::TooPrecise) => (ErrorCode::TooPrecise, error.to_string()),
    };
    Err(FieldFlaw { code, message: format!("{problem}, not {}", quoted(text)) })
}

/// Reads a whole number, or `None` if it is too large for any use.
fn digits(text: &str) -> Result<Option<u64>, FieldFlaw> {
    let number = whole(text.trim_matches(' '));
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    if is_number(number) {
        return Ok(number.parse().ok());
    }
    if number.is_empty() {
        let message = "it is empty, not a whole number".to_owned();
        return Err(FieldFlaw { code: ErrorCode::NotANumber, message });
    }
    match number.strip_prefix('-') {
        Some(rest) if is_number(rest) => Err(flaw(ErrorCode::Negative, text, "is negative")),
        _ => Err(flaw(ErrorCode::NotANumber, text, "is not a whole number")),
    }
}

/// Returns a whole number without the decimals that programs write behind it when another row of the
/// column is empty: `95.0` is `95`.
fn whole(text: &str) -> &str {
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    match text.split_once(['.', ',']) {
        Some((number, zeros)) if is_number(number) && !zeros.is_empty() => {
            if zeros.bytes().all(|it| it == b'0') { number } else { text }
        }
        _ => text,
    }
}

/// Reads for how many impressions a row stands.
pub(super) fn impressions(text: &str) -> Result<u64, FieldFlaw> {
    let number = digits(text)?.filter(|number| (1..=MOST_IMPRESSIONS).contains(number));
    let range = "is not between 1 and 1000000000";
    number.ok_or_else(|| flaw(ErrorCode::OutOfRange, text, range))
}

/// Reads a day or a moment, if there is one.
pub(super) fn occurred_at(text: &str) -> Result<Option<ToldTime>, FieldFlaw> {
    let text = text.trim_matches(' ');
    if text.is_empty() {
        return Ok(None);
    }
    let problem = "is no day such as 2026-06-01 and no moment such as 2026-06-01T10:07:00Z";
    let told = told(text).ok_or_else(|| flaw(ErrorCode::NotATime, text, problem))?;
    match told {
        ToldTime::Day(start) | ToldTime::Moment(start) if start < 0 => {
            Err(flaw(ErrorCode::OutOfRange, text, "is before 1970"))
        }
        known => Ok(Some(known)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorCode::{Negative, NotANumber, OutOfRange, TooPrecise};

    fn money(text: &str) -> Result<Revenue, FieldFlaw> {
        revenue(text, false)
    }

    fn code<T>(result: Result<T, FieldFlaw>) -> Result<T, ErrorCode> {
        result.map_err(|it| it.code)
    }

    #[test]
    fn numbers_of_campaigns_and_banners_are_exact() {
        for (text, expected) in [
            ("1", Ok(1)),
            (" 2147483647 ", Ok(2_147_483_647)),
            ("007", Ok(7)),
            ("0", Err(OutOfRange)),
            ("2147483648", Err(OutOfRange)),
            ("4294967295", Err(OutOfRange)),
            ("4294967296", Err(OutOfRange)),
            ("99999999999999999999999", Err(OutOfRange)),
            ("-1", Err(Negative)),
            ("", Err(NotANumber)),
            ("-", Err(NotANumber)),
            ("+1", Err(NotANumber)),
            ("95.0", Ok(95)),
            ("95.000", Ok(95)),
            ("95,0", Ok(95)),
            ("95.5", Err(NotANumber)),
            ("95.", Err(NotANumber)),
            (".0", Err(NotANumber)),
            ("1e3", Err(NotANumber)),
            ("1 2", Err(NotANumber)),
            ("٣", Err(NotANumber)),
        ] {
            assert_eq!(code(number(text)), expected, "{text:?}");
        }
    }

    #[test]
    fn ids_of_events_are_whole_numbers() {
        for (text, expected) in [
            ("0", Ok(0)),
            ("000123", Ok(123)),
            ("9223372036854775807", Ok(i64::MAX)),
            ("9223372036854775808", Err(OutOfRange)),
            ("1e309", Err(NotANumber)),
            ("-5", Err(Negative)),
            ("0198c0ffee0198c0ffee0198c0ffee01-141", Err(NotANumber)),
        ] {
            assert_eq!(code(event_id(text)), expected, "{text:?}");
        }
    }

    #[test]
    fn a_conversion_may_name_a_live_click() {
        let live = "0198c0ffee0198c0ffee0198c0ffee01";
        let id = format!("{live}-141");
        assert_eq!(code(click_id(&format!(" {id} "))), Ok(id));
        assert_eq!(code(click_id("0012")), Ok("12".to_owned()));
        for (decision, banner) in [
            (live, "0"),
            (live, "01"),
            (live, ""),
            (live, "+1"),
            ("0198", "1"),
            (live, "4294967296"),
        ] {
            assert_eq!(code(click_id(&format!("{decision}-{banner}"))), Err(NotANumber));
        }
        assert_eq!(code(click_id(&format!("{}-1", live.to_uppercase()))), Err(NotANumber));
    }

    #[test]
    fn quarters_and_revenue_are_exact() {
        assert_eq!(code(quarter("4")), Ok(Quarter::Fourth));
        assert_eq!(code(quarter("5")), Err(OutOfRange));
        assert_eq!(code(quarter("first")), Err(NotANumber));
        assert_eq!(code(money(" 1.173893 ")), Ok(Revenue::from_micros(1_173_893)));
        assert_eq!(code(money("1000000")), Ok(MOST_REVENUE));
        for (text, expected) in [
            ("1.1234567", TooPrecise),
            ("-0.5", Negative),
            ("1e309", NotANumber),
            ("", NotANumber),
            ("9223372036855", OutOfRange),
            ("1000000.000001", OutOfRange),
        ] {
            assert_eq!(code(money(text)), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn a_comma_is_a_decimal_point_where_it_parts_no_fields() {
        for (text, micros) in [("12,50", 12_500_000), ("12.5", 12_500_000), ("3", 3_000_000)] {
            assert_eq!(code(revenue(text, true)), Ok(Revenue::from_micros(micros)), "{text}");
        }
        for text in ["1.234,50", "1,234.50", "1,2,3", ",5", "5,"] {
            assert_eq!(code(revenue(text, true)), Err(NotANumber), "{text}");
        }
        assert_eq!(code(revenue("12,50", false)), Err(NotANumber));
    }

    #[test]
    fn a_number_is_the_same_id_with_decimals_that_are_zeros() {
        assert_eq!(code(conversion_id("95.0")), Ok("95".to_owned()));
        assert_eq!(code(conversion_id("order-95.0")), Ok("order-95.0".to_owned()));
        assert_eq!(code(conversion_id("1.2.0")), Ok("1.2.0".to_owned()));
        assert_eq!(code(click_id("95.0")), Ok("95".to_owned()));
    }
}
