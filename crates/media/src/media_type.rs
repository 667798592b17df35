//! The kind of an image, by its bytes.

use std::fmt;

use imagesize::{Compression, ImageType};

use crate::orientation::{turns_jpeg, turns_png};

/// A kind of image that banners may have.
///
/// SVG is not among them, because it can run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaType {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// Graphics Interchange Format, still or animated.
    Gif,
    /// WebP.
    Webp,
    /// AV1 image.
    Avif,
}

impl MediaType {
    /// Every kind of image.
    pub const ALL: [Self; 5] = [Self::Png, Self::Jpeg, Self::Gif, Self::Webp, Self::Avif];

    /// Returns the name in HTTP's `Content-Type`, such as `image/png`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
        }
    }

    /// Returns the usual extension of a file's name, such as `png`.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::Webp => "webp",
            Self::Avif => "avif",
        }
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.content_type())
    }
}

/// Returns the kind of image that some bytes are, without looking at their file's name.
///
/// `None` for anything else, such as SVG, HTML and no bytes at all.
///
/// ```
/// use bams_media::{MediaType, sniff};
///
/// assert_eq!(sniff(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Some(MediaType::Png));
/// assert_eq!(sniff(b"<svg xmlns='http://www.w3.org/2000/svg'>"), None);
/// ```
pub fn sniff(bytes: &[u8]) -> Option<MediaType> {
    match imagesize::image_type(bytes).ok()? {
        ImageType::Png => Some(MediaType::Png),
        ImageType::Jpeg => Some(MediaType::Jpeg),
        ImageType::Gif => Some(MediaType::Gif),
        ImageType::Webp => Some(MediaType::Webp),
        ImageType::Heif(Compression::Av1) => Some(MediaType::Avif),
        _ => None,
    }
}

/// Returns width and height of an image in pixels, as browsers show it: by its header, and turned if its
/// metadata says so.
///
/// `None` if [`sniff`] does not know the bytes, or if the header is broken or states an empty image.
pub fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    let is_turned = match sniff(bytes)? {
        MediaType::Jpeg => turns_jpeg(bytes),
        MediaType::Png => turns_png(bytes),
        MediaType::Gif | MediaType::Webp | MediaType::Avif => false,
    };
    let size = imagesize::blob_size(bytes).ok()?;
    let width = u32::try_from(size.width).ok().filter(|pixels| *pixels > 0)?;
    let height = u32::try_from(size.height).ok().filter(|pixels| *pixels > 0)?;
    Some(if is_turned { (height, width) } else { (width, height) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes the shortest AVIF image: file type, then nested boxes with the size.
    fn avif(major_brand: &[u8], width: u32, height: u32) -> Vec<u8> {
        fn nested(name: &[u8], content: &[u8]) -> Vec<u8> {
            let length = u32::try_from(content.len() + 8).unwrap();
            [&length.to_be_bytes(), name, content].concat()
        }
        let size = [&[0; 4], &width.to_be_bytes()[..], &height.to_be_bytes()].concat();
        let properties = nested(b"iprp", &nested(b"ipco", &nested(b"ispe", &size)));
        let file_type = nested(b"ftyp", &[major_brand, &[0; 4], b"avif", b"mif1"].concat());
        [file_type, nested(b"meta", &[&[0; 4], properties.as_slice()].concat())].concat()
    }

    fn check(bytes: &[u8], expected: Option<MediaType>, size: Option<(u32, u32)>) {
        let text = bytes.escape_ascii();
        assert_eq!(sniff(bytes), expected, "{text}");
        assert_eq!(dimensions(bytes), size, "{text}");
    }

    #[test]
    fn images_are_known_by_their_bytes() {
        use MediaType::{Avif, Gif, Jpeg, Png, Webp};
        let size = Some((300, 250));

        check(
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x2c\0\0\0\xfa\x08\x06\0\0\0",
            Some(Png),
            size,
        );
        check(b"GIF89a\x2c\x01\xfa\0\x80\0\0", Some(Gif), size);
        check(b"\xff\xd8\xff\xc0\0\x11\x08\0\xfa\x01\x2c\x03\x01\x11\0\x02\x11", Some(Jpeg), size);
        check(b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x2b\x01\0\xf9\0\0", Some(Webp), size);
        check(&avif(b"avif", 300, 250), Some(Avif), size);
        check(&avif(b"mif1", 300, 250), Some(Avif), size);
    }

    #[test]
    fn files_that_can_run_scripts_are_no_images() {
        check(b"<svg xmlns='http://www.w3.org/2000/svg' width='1'/>", None, None);
        check(b"<?xml version='1.0'?><svg/>", None, None);
        check(b"<!doctype html><script>alert(1)</script>", None, None);
        check(b"%PDF-1.7 and more", None, None);
    }

    #[test]
    fn other_images_and_films_are_refused() {
        check(&avif(b"heic", 300, 250), None, None);
        check(&avif(b"isom", 300, 250), None, None);
        check(b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0", None, None);
    }

    #[test]
    fn a_broken_header_has_no_size() {
        check(b"", None, None);
        check(b"\x89PNG", None, None);
        check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", Some(MediaType::Png), None);
        check(b"GIF89a\0\0\xfa\0\x80\0\0", Some(MediaType::Gif), None);
        check(b"GIF89a\x2c\x01\0\0\x80\0\0", Some(MediaType::Gif), None);
        check(b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01", Some(MediaType::Jpeg), None);
    }
}
