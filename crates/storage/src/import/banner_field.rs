//! The texts of banners in fields.

use bams_domain::{
    BannerId, InvalidLine, KeyError, LandingUrl, check_object_key, hidden_characters,
};

use super::field::{FieldFlaw, MOST, flaw};
use super::row_error::{ErrorCode, quoted};
use crate::catalog::{LONGEST_ALT, LONGEST_NAME, LONGEST_TAG, MOST_TAGS};

/// Reads the key of an image.
pub(super) fn object_key(text: &str) -> Result<String, FieldFlaw> {
    let problem = match check_object_key(text) {
        Ok(()) if text.ends_with('/') => "has an empty, `.` or `..` segment",
        Ok(()) if hidden_characters(text).next().is_none() => return Ok(text.to_owned()),
        Err(KeyError::Empty) => "is no object key",
        Err(KeyError::TooLong(_)) => "is longer than 1024 bytes",
        Ok(()) | Err(KeyError::ControlCharacter) => "has a character that nobody sees",
        Err(KeyError::LeadingSlash | KeyError::EmptySegment | KeyError::DotSegment) => {
            "has an empty, `.` or `..` segment"
        }
    };
    Err(flaw(ErrorCode::BadKey, text, problem))
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
    line(text, LONGEST_NAME)
}

/// Reads a banner's text for screen readers, if there is one.
pub(super) fn alt(text: &str) -> Result<Option<String>, FieldFlaw> {
    line(text, LONGEST_ALT)
}

/// Reads the address that a banner's clicks lead to, if there is one.
pub(super) fn landing_url(text: &str) -> Result<Option<String>, FieldFlaw> {
    let url = text.trim();
    if url.is_empty() {
        return Ok(None);
    }
    let invalid = |reason| FieldFlaw {
        code: ErrorCode::BadUrl,
        message: format!("{reason}: {}", quoted(url)),
    };
    url.parse::<LandingUrl>().map(|url| Some(url.as_str().to_owned())).map_err(invalid)
}

/// Reads a banner's tags, with commas between them, if there are any.
pub(super) fn tags(text: &str) -> Result<Option<Vec<String>>, FieldFlaw> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split(',') {
        if let Some(tag) = line(tag, LONGEST_TAG)?
            && !tags.contains(&tag)
        {
            tags.push(tag);
        }
    }
    if tags.len() > MOST_TAGS {
        let problem = format!("has more than {MOST_TAGS} tags");
        return Err(flaw(ErrorCode::TooLong, text, &problem));
    }
    Ok((!tags.is_empty()).then_some(tags))
}

/// Reads a text of one line, if there is one.
fn line(text: &str, longest: usize) -> Result<Option<String>, FieldFlaw> {
    match bams_domain::line(text, &(0..=longest)) {
        Ok(line) => Ok((!line.is_empty()).then(|| line.to_owned())),
        Err(InvalidLine::Hidden(_)) => {
            Err(flaw(ErrorCode::HiddenCharacter, text, "has a character that nobody sees"))
        }
        Err(InvalidLine::Length) => {
            let problem = format!("is longer than {longest} characters");
            Err(flaw(ErrorCode::TooLong, text, &problem))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorCode::{BadKey, TooLong};

    fn code<T>(result: Result<T, FieldFlaw>) -> Result<T, ErrorCode> {
        result.map_err(|it| it.code)
    }

    #[test]
    fn tags_and_landing_urls_keep_the_rules() {
        let two = Some(vec!["shoes".to_owned(), "summer 2026".to_owned()]);
        assert_eq!(code(tags(" shoes, summer 2026,,shoes ")), Ok(two));
        assert_eq!(code(tags("  ")), Ok(None));
        assert_eq!(code(tags(&"x".repeat(51))), Err(TooLong));
        let many: Vec<String> = (0..21).map(|it| it.to_string()).collect();
        assert_eq!(code(tags(&many.join(","))), Err(TooLong));
        assert_eq!(code(landing_url("")), Ok(None));
        let url = "https://shop.example/?c={click_id}";
        assert_eq!(code(landing_url(&format!(" {url} "))), Ok(Some(url.to_owned())));
        assert_eq!(code(landing_url("javascript:alert(1)")), Err(ErrorCode::BadUrl));
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
