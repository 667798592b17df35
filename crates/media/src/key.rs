//! The name of an image in its folder or bucket.

use std::{borrow::Borrow, fmt, str::FromStr, sync::Arc};

use bams_domain::{KeyError, check_object_key};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::MediaType;

/// The length of what follows a [`KeyPrefix`]: a hash, a dot and an extension.
const LONGEST_HASH: usize = 37;

/// The name of one image in its bucket or folder, such as `spring/image_141.png`.
///
/// Spaces, any script and `+&=?#%` are allowed. Keys that a server, a browser or a file system would
/// read as another one are refused: those with `.` or `..` as a segment, an empty segment, a leading
/// slash or a control character.
///
/// ```
/// use bams_media::ObjectKey;
///
/// let key: ObjectKey = "été 50%/image_141.png".parse()?;
/// assert_eq!(key.as_str(), "été 50%/image_141.png");
/// assert!("../passwords".parse::<ObjectKey>().is_err());
/// # Ok::<_, bams_media::KeyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(Arc<str>);

/// The beginning of the keys of uploaded images, such as `p/`. It may be empty.
///
/// ```
/// use bams_media::KeyPrefix;
///
/// assert!("p/".parse::<KeyPrefix>().is_ok());
/// assert!("../".parse::<KeyPrefix>().is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyPrefix(Arc<str>);

impl FromStr for KeyPrefix {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let _whole: ObjectKey = format!("{text}{}", "0".repeat(LONGEST_HASH)).parse()?;
        Ok(Self(text.into()))
    }
}

impl ObjectKey {
    /// Returns the key under which an uploaded image is stored.
    ///
    /// The key is a hash of the bytes, so that equal images share a key and different ones never do.
    ///
    /// ```
    /// use bams_media::{MediaType, ObjectKey};
    ///
    /// let key = ObjectKey::of_content(&"p/".parse()?, b"test", MediaType::Png);
    /// assert_eq!(key.as_str(), "p/9f86d081884c7d659a2feaa0c55ad015.png");
    /// # Ok::<_, bams_media::KeyError>(())
    /// ```
    pub fn of_content(prefix: &KeyPrefix, bytes: &[u8], media_type: MediaType) -> Self {
        let hash = HEXLOWER.encode(&Sha256::digest(bytes)[..16]);
        Self(format!("{}{hash}.{}", prefix.0, media_type.extension()).into())
    }

    /// Returns the key as it was written, without encoding for a URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the key without copying its text.
    pub(crate) fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl FromStr for ObjectKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        check_object_key(text)?;
        Ok(Self(text.into()))
    }
}

impl Borrow<str> for ObjectKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for ObjectKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(), KeyError>) {
        assert_eq!(text.parse::<ObjectKey>().map(|_| ()), expected, "{text:?}");
    }

    #[test]
    fn any_name_that_a_browser_can_ask_for_is_allowed() {
        check("image_141.png", Ok(()));
        check("a/b/c.webp", Ok(()));
        check("with space +&=?#%/%2e%2e/ü 猫.png", Ok(()));
        check("...", Ok(()));
        check(".hidden/..x", Ok(()));
        check(&"x".repeat(1024), Ok(()));
    }

    #[test]
    fn a_prefix_makes_keys_of_every_hash() {
        for prefix in ["", "p/", "a/b/c-", &"x".repeat(987)] {
            assert!(prefix.parse::<KeyPrefix>().is_ok(), "{prefix}");
        }
        for prefix in ["/", "a//", "../", "a\n", &"x".repeat(988)] {
            assert!(prefix.parse::<KeyPrefix>().is_err(), "{prefix}");
        }
    }

    #[test]
    fn a_text_that_could_be_read_as_another_key_is_refused() {
        check("", Err(KeyError::Empty));
        check(&"ü".repeat(513), Err(KeyError::TooLong(1026)));
        check("/image.png", Err(KeyError::LeadingSlash));
        check("//host/image.png", Err(KeyError::LeadingSlash));
        check("a//b", Err(KeyError::EmptySegment));
        for dotted in [".", "..", "../a", "a/../b", "a/./b", "a/.."] {
            check(dotted, Err(KeyError::DotSegment));
        }
        for control in ["a\nb", "a\0", "\u{7f}", "\u{85}"] {
            check(control, Err(KeyError::ControlCharacter));
        }
    }
}
