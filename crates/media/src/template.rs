//! The keys of images that no file names.

use std::str::FromStr;

use bams_domain::BannerId;

use crate::{KeyError, ObjectKey};

const PLACEHOLDER: &str = "{banner_id}";

/// The pattern of the keys of imported banners' images, such as `image_{banner_id}.png`.
///
/// ```
/// use bams_domain::BannerId;
/// use bams_media::KeyTemplate;
///
/// let template: KeyTemplate = "image_{banner_id}.png".parse()?;
/// assert_eq!(template.key_of(BannerId(141)).as_str(), "image_141.png");
/// # Ok::<_, bams_media::TemplateError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTemplate {
    before: String,
    after: String,
}

/// Why a text is not a [`KeyTemplate`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `{banner_id}` is missing, so all banners would share one image.
    #[error("`{0}` does not contain {PLACEHOLDER}")]
    MissingPlaceholder(String),
    /// Braces around another word, or `{banner_id}` twice.
    #[error("`{0}` has other braces than one {PLACEHOLDER}")]
    UnknownPlaceholder(String),
    /// The template makes texts that are no keys.
    #[error("`{template}` does not make image keys: {reason}")]
    NotAKey {
        /// The template in question.
        template: String,
        /// What is wrong with its keys.
        #[source]
        reason: KeyError,
    },
}

impl KeyTemplate {
    /// Returns the key of a banner's image.
    pub fn key_of(&self, banner: BannerId) -> ObjectKey {
        // Parsing tried the longest number, so every number fits.
        self.fill(&banner.to_string()).unwrap_or_else(|_| unreachable!("checked when parsed"))
    }

    fn fill(&self, number: &str) -> Result<ObjectKey, KeyError> {
        [&self.before, number, &self.after].concat().parse()
    }
}

impl FromStr for KeyTemplate {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let Some((before, after)) = text.split_once(PLACEHOLDER) else {
            return Err(TemplateError::MissingPlaceholder(text.to_owned()));
        };
        if [before, after].iter().any(|part| part.contains(['{', '}'])) {
            return Err(TemplateError::UnknownPlaceholder(text.to_owned()));
        }
        let template = Self { before: before.to_owned(), after: after.to_owned() };
        template
            .fill(&u32::MAX.to_string())
            .map_err(|reason| TemplateError::NotAKey { template: text.to_owned(), reason })?;
        Ok(template)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_takes_the_place_of_the_placeholder() {
        let template: KeyTemplate = "banners/{banner_id}/image.webp".parse().unwrap();
        assert_eq!(template.key_of(BannerId(7)).as_str(), "banners/7/image.webp");
    }

    #[test]
    fn a_template_that_cannot_work_is_refused_when_it_is_read() {
        use TemplateError::{MissingPlaceholder, NotAKey, UnknownPlaceholder};

        let parse = |text: &str| text.parse::<KeyTemplate>().unwrap_err();
        assert!(matches!(parse("image.png"), MissingPlaceholder(_)));
        assert!(matches!(parse("image_{banner}.png"), MissingPlaceholder(_)));
        assert!(matches!(parse("{campaign_id}/{banner_id}"), UnknownPlaceholder(_)));
        assert!(matches!(parse("{banner_id}/{banner_id}"), UnknownPlaceholder(_)));
        assert!(matches!(parse("/{banner_id}"), NotAKey { reason: KeyError::LeadingSlash, .. }));
        assert!(matches!(parse("../{banner_id}"), NotAKey { reason: KeyError::DotSegment, .. }));
        let long = format!("{}{{banner_id}}", "x".repeat(1020));
        assert!(matches!(parse(&long), NotAKey { reason: KeyError::TooLong(1030), .. }));
    }
}
