//! The rule of object keys, the names of images in their folder or bucket.

/// The longest object key in bytes, which is S3's limit.
const LONGEST: usize = 1024;

/// Why a text is no object key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text is empty.
    #[error("an image key cannot be empty")]
    Empty,
    /// The text is longer than S3 allows.
    #[error("an image key has at most {LONGEST} bytes, not {0}")]
    TooLong(usize),
    /// A control character, such as a line break.
    #[error("an image key cannot have control characters")]
    ControlCharacter,
    /// The key begins with a slash.
    #[error("an image key cannot begin with a slash")]
    LeadingSlash,
    /// Two slashes follow each other.
    #[error("an image key cannot have two slashes in a row")]
    EmptySegment,
    /// A segment is `.` or `..`.
    #[error("an image key cannot have `.` or `..` between its slashes")]
    DotSegment,
}

/// Fails for a text that a server, a browser or a file system would read as another key: one with `.`
/// or `..` as a segment, two slashes in a row, a leading slash or a control character. Spaces, any script
/// and `+&=?#%` are allowed.
///
/// ```
/// use bams_domain::{KeyError, check_object_key};
///
/// assert!(check_object_key("été 50%/image_141.png").is_ok());
/// assert_eq!(check_object_key("../passwords"), Err(KeyError::DotSegment));
/// ```
pub fn check_object_key(text: &str) -> Result<(), KeyError> {
    if text.is_empty() {
        return Err(KeyError::Empty);
    }
    if text.len() > LONGEST {
        return Err(KeyError::TooLong(text.len()));
    }
    if text.chars().any(char::is_control) {
        return Err(KeyError::ControlCharacter);
    }
    if text.starts_with('/') {
        return Err(KeyError::LeadingSlash);
    }
    if text.contains("//") {
        return Err(KeyError::EmptySegment);
    }
    if text.split('/').any(|segment| segment == "." || segment == "..") {
        return Err(KeyError::DotSegment);
    }
    Ok(())
}
