//! Any bytes that somebody uploads as an image.
#![no_main]

use bams_media::{MediaType, NotAPicture, Picture, dimensions, sniff};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let picture = match Picture::of(bytes) {
        Ok(picture) => picture,
        Err(NotAPicture::Empty) => return assert!(bytes.is_empty()),
        Err(NotAPicture::Unknown) => return assert_eq!(sniff(bytes), None),
        Err(NotAPicture::NoSize) => return assert_eq!(dimensions(bytes), None),
        Err(NotAPicture::CutOff) => return,
    };
    assert_eq!(sniff(bytes), Some(picture.media_type));
    assert!(picture.width > 0 && picture.height > 0, "{picture:?}");
    // What stands behind an image changes nothing. Boxes of AVIF would go on.
    if picture.media_type != MediaType::Avif {
        assert_eq!(Picture::of(&[bytes, b"note"].concat()), Ok(picture));
    }
});
