//! The values of fields, which are read strictly.

use bams_domain::{BannerId, InvalidRevenue, Quarter, Revenue, hidden_characters};

use super::row_error::{ErrorCode, quoted};
use crate::events::{LONGEST_EVENT_ID, MOST_REVENUE, event_id as event_id_text};

/// The longest object key, in bytes, as in S3.
const KEY: usize = 1024;

/// The longest name of a banner, in characters.
const NAME: usize = 200;

/// What is wrong with a value, and how to say it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FieldFlaw {
    pub(super) code: ErrorCode,
    pub(super) message: String,
}

fn flaw(code: ErrorCode, text: &str, problem: &str) -> FieldFlaw {
    FieldFlaw { code, message: format!("{} {problem}", quoted(text)) }
}

/// The largest number of a campaign or banner in a file: half of what fits, so that there is room
/// after it for those that are created next.
const MOST: u32 = u32::MAX / 2;

/// Reads the number of a campaign or banner: 1 to 2147483647.
pub(super) fn number(text: &str) -> Result<u32, FieldFlaw> {
    let number = digits(text)?.and_then(|number| u32::try_from(number).ok());
    let allowed = number.filter(|number| (1..=MOST).contains(number));
    allowed.ok_or_else(|| flaw(ErrorCode::OutOfRange, text, "is not between 1 and 2147483647"))
}

/// Reads the id of a conversion: visible ASCII characters, or a whole number without its leading zeros.
pub(super) fn conversion_id(text: &str) -> Result<String, FieldFlaw> {
    event_id_text(text.trim_matches(' ')).ok_or_else(|| {
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

pub(super) fn revenue(text: &str) -> Result<Revenue, FieldFlaw> {
    let (code, problem) = match text.trim_matches(' ').parse::<Revenue>() {
        Ok(revenue) if revenue <= MOST_REVENUE => return Ok(revenue),
        Ok(_) | Err(InvalidRevenue::TooLarge) => {
            (ErrorCode::OutOfRange, format!("revenue must not exceed {MOST_REVENUE}"))
        }
        Err(error @ InvalidRevenue::NotANumber) => (ErrorCode::NotANumber, error.to_string()),
        Err(error @ InvalidRevenue::Negative) => (ErrorCode::Negative, error.to_string()),
        Err(error @ InvalidRevenue::TooPrecise) => (ErrorCode::TooPrecise, error.to_string()),
    };
    Err(FieldFlaw { code, message: format!("{problem}, not {}", quoted(text)) })
}

/// Reads a whole number, or `None` if it is too large for any use.
fn digits(text: &str) -> Result<Option<u64>, FieldFlaw> {
    let number = text.trim_matches(' ');
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    if is_number(number) {
        return Ok(number.parse().ok());
    }
    match number.strip_prefix('-') {
        Some(rest) if is_number(rest) => Err(flaw(ErrorCode::Negative, text, "is negative")),
        _ => Err(flaw(ErrorCode::NotANumber, text, "is not a whole number")),
    }
}

/// Reads the key of an image.
pub(super) fn object_key(text: &str) -> Result<String, FieldFlaw> {
    let bad = |problem| Err(flaw(ErrorCode::BadKey, text, problem));
    match text {
        "" => bad("is no object key"),
        _ if text.len() > KEY => bad("is longer than 1024 bytes"),
        _ if hidden_characters(text).next().is_some() => bad("has a character that nobody sees"),
        _ if text.split('/').any(|segment| matches!(segment, "" | "." | "..")) => {
            bad("has an empty, `.` or `..` segment")
        }
        _ => Ok(text.to_owned()),
    }
}

/// Returns the banner in a key such as `image_141.png`.
pub(super) fn banner_in_key(key: &str) -> Option<BannerId> {
    let (stem, extension) = key.rsplit_once('.')?;
    let (_, number) = stem.rsplit_once('_')?;
    if extension.contains('/') || !number.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    number.parse().ok().filter(|number| (1..=MOST).contains(number)).map(BannerId)
}

/// Reads a banner's name, if there is one.
pub(super) fn name(text: &str) -> Result<Option<String>, FieldFlaw> {
    let name = text.trim();
    if name.chars().count() > NAME {
        return Err(flaw(ErrorCode::TooLong, text, "is longer than 200 characters"));
    }
    if hidden_characters(name).next().is_some() {
        return Err(flaw(ErrorCode::HiddenCharacter, text, "has a character that nobody sees"));
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorCode::{BadKey, Negative, NotANumber, OutOfRange, TooLong, TooPrecise};

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
            ("1.0", Err(NotANumber)),
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
        assert_eq!(code(revenue(" 1.173893 ")), Ok(Revenue::from_micros(1_173_893)));
        assert_eq!(code(revenue("1000000")), Ok(MOST_REVENUE));
        for (text, expected) in [
            ("1.1234567", TooPrecise),
            ("-0.5", Negative),
            ("1e309", NotANumber),
            ("", NotANumber),
            ("9223372036855", OutOfRange),
            ("1000000.000001", OutOfRange),
        ] {
            assert_eq!(code(revenue(text)), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn keys_stay_inside_their_store() {
        assert_eq!(code(object_key("a/image 1.png")), Ok("a/image 1.png".to_owned()));
        let long = "x".repeat(1025);
        for text in ["", "/a", "a/", "a//b", "../a", "a/./b", "a\nb", &long] {
            assert_eq!(code(object_key(text)), Err(BadKey), "{text:?}");
        }
    }

    #[test]
    fn a_key_may_name_its_banner() {
        for (key, expected) in [
            ("image_141.png", Some(141)),
            ("2026/spring_image_7.v2_8.webp", Some(8)),
            ("image_141", None),
            ("image_.png", None),
            ("image_x1.png", None),
            ("image_+1.png", None),
            ("image_0.png", None),
            ("image_2147483648.png", None),
            ("image_4294967296.png", None),
            ("folder_1.d/logo", None),
        ] {
            assert_eq!(banner_in_key(key), expected.map(BannerId), "{key}");
        }
    }

    #[test]
    fn names_fit_their_column() {
        assert_eq!(code(name(" Spring ")), Ok(Some("Spring".to_owned())));
        assert_eq!(code(name("  ")), Ok(None));
        assert_eq!(code(name("gpj.\u{202e}evil")), Err(ErrorCode::HiddenCharacter));
        assert_eq!(code(name(&"ä".repeat(200))), Ok(Some("ä".repeat(200))));
        assert_eq!(code(name(&"x".repeat(201))), Err(TooLong));
    }
}
