//! Kind and size of an image, checked before a banner shows it.

use crate::completeness::is_complete;
use crate::{MediaType, dimensions, sniff};

/// What the bytes of a whole image say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// The kind of image.
    pub media_type: MediaType,
    /// The width in pixels, at least 1.
    pub width: u32,
    /// The height in pixels, at least 1.
    pub height: u32,
}

/// Why some bytes are not a [`Picture`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAPicture {
    /// There are no bytes.
    #[error("there are no bytes")]
    Empty,
    /// The bytes are something else, such as SVG or HTML.
    #[error("the bytes are not PNG, JPEG, GIF, WebP or AVIF")]
    Unknown,
    /// The header names no size, or an impossible one.
    #[error("the image's header names no width and height")]
    NoSize,
    /// Something is missing at the end, or in between.
    #[error("the image is cut off or damaged")]
    CutOff,
}

impl Picture {
    /// Returns kind and size of an image by its bytes alone, without its name.
    ///
    /// Decodes nothing, so that it costs the same for any number of pixels. The image is whole in its
    /// structure; its pixels may still be damaged.
    ///
    /// ```
    /// use bams_media::{NotAPicture, Picture};
    ///
    /// assert_eq!(Picture::of(b"<svg onload='alert(1)'/>"), Err(NotAPicture::Unknown));
    /// ```
    pub fn of(bytes: &[u8]) -> Result<Self, NotAPicture> {
        if bytes.is_empty() {
            return Err(NotAPicture::Empty);
        }
        let media_type = sniff(bytes).ok_or(NotAPicture::Unknown)?;
        let (width, height) = dimensions(bytes).ok_or(NotAPicture::NoSize)?;
        if !is_complete(bytes, media_type) {
            return Err(NotAPicture::CutOff);
        }
        Ok(Self { media_type, width, height })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = include_bytes!("../fuzz/seeds/picture/dot.png");
    const JPEG: &[u8] = include_bytes!("../fuzz/seeds/picture/dot.jpg");
    const GIF: &[u8] = include_bytes!("../fuzz/seeds/picture/dot.gif");
    const WEBP: &[u8] = include_bytes!("../fuzz/seeds/picture/dot.webp");
    const AVIF: &[u8] = include_bytes!("../fuzz/seeds/picture/dot.avif");

    const ALL: [(MediaType, &[u8]); 5] = [
        (MediaType::Png, PNG),
        (MediaType::Jpeg, JPEG),
        (MediaType::Gif, GIF),
        (MediaType::Webp, WEBP),
        (MediaType::Avif, AVIF),
    ];

    #[test]
    fn whole_images_are_pictures() {
        for (media_type, bytes) in ALL {
            let picture = Picture { media_type, width: 1, height: 1 };
            assert_eq!(Picture::of(bytes), Ok(picture), "{media_type}");
            // Cameras and editors append notes to images.
            if media_type != MediaType::Avif {
                assert_eq!(Picture::of(&[bytes, b"note"].concat()), Ok(picture), "{media_type}");
            }
        }
    }

    #[test]
    fn an_image_that_was_cut_off_is_refused() {
        for (media_type, bytes) in ALL {
            // Browsers need no trailer of a GIF.
            let bytes = bytes.strip_suffix(b"\x3b").unwrap_or(bytes);
            for length in 0..bytes.len() {
                let refused = Picture::of(&bytes[..length]);
                assert!(refused.is_err(), "{media_type} with {length} of {} bytes", bytes.len());
            }
        }
    }

    #[test]
    fn a_gif_that_ends_between_blocks_is_whole() {
        let gif = GIF.strip_suffix(b"\x3b").unwrap();
        let picture = Picture { media_type: MediaType::Gif, width: 1, height: 1 };
        assert_eq!(Picture::of(gif), Ok(picture));
        // Browsers show the frames before what is no block.
        assert_eq!(Picture::of(&[gif, b"note"].concat()), Ok(picture));
        let without_frame = &GIF[..GIF.iter().position(|byte| *byte == 0x2c).unwrap()];
        assert_eq!(Picture::of(without_frame), Err(NotAPicture::CutOff));
        let note = [without_frame, b"note"].concat();
        assert_eq!(Picture::of(&note), Err(NotAPicture::CutOff));
    }

    #[test]
    fn a_frame_does_not_exceed_the_size_that_a_gif_states() {
        let mut gif = GIF.to_vec();
        let width = gif.iter().position(|byte| *byte == 0x2c).unwrap() + 5;
        gif[width..width + 2].copy_from_slice(&20_000_u16.to_le_bytes());
        assert_eq!(Picture::of(&gif), Err(NotAPicture::CutOff));
    }

    /// Changes each byte, and asks only that nothing panics.
    #[test]
    fn damaged_images_do_not_panic() {
        for (_, bytes) in ALL {
            for place in 0..bytes.len() {
                for value in [0, 1, 7, 8, 0x7f, 0x80, 0xd9, 0xff] {
                    let mut damaged = bytes.to_vec();
                    damaged[place] = value;
                    let _ = Picture::of(&damaged);
                }
            }
        }
    }
}
