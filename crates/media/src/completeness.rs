//! Whether an image is whole, found by stepping over the parts of its format.

use crate::MediaType;

/// Returns true if the structure of an image is whole up to its end.
///
/// Decodes nothing, and ignores what follows the image.
pub(crate) fn is_complete(bytes: &[u8], media_type: MediaType) -> bool {
    let rest = Rest(bytes);
    let complete = match media_type {
        MediaType::Png => png(rest),
        MediaType::Jpeg => jpeg(rest),
        MediaType::Gif => gif(rest),
        MediaType::Webp => webp(rest),
        MediaType::Avif => avif(rest),
    };
    complete.is_some()
}

/// The bytes that are still to be read. Each step returns `None` if they are too short for it.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.array::<1>()?[0])
    }

    /// Reads a length of 32 bits, the most significant byte first.
    fn length(&mut self) -> Option<usize> {
        usize::try_from(u32::from_be_bytes(self.array()?)).ok()
    }
}

/// Steps over chunks from `IHDR`, which has the size, to `IEND`. One of them must have pixels.
fn png(mut rest: Rest<'_>) -> Option<()> {
    rest.take(8)?;
    if !rest.0.starts_with(b"\0\0\0\x0dIHDR") {
        return None;
    }
    let mut has_pixels = false;
    loop {
        let (length, name) = (rest.length()?, rest.array::<4>()?);
        rest.take(length)?;
        rest.take(4)?;
        match &name {
            b"IDAT" => has_pixels = true,
            b"IEND" => return has_pixels.then_some(()),
            _ => {}
        }
    }
}

/// Steps over segments up to the first scan. The marker of the end must follow somewhere behind it.
fn jpeg(mut rest: Rest<'_>) -> Option<()> {
    rest.take(2)?;
    loop {
        let (0xff, mut marker) = (rest.byte()?, rest.byte()?) else { return None };
        while marker == 0xff {
            marker = rest.byte()?;
        }
        let length = u16::from_be_bytes(rest.array()?);
        rest.take(usize::from(length.checked_sub(2)?))?;
        if marker == 0xda {
            return rest.0.windows(2).any(|pair| pair == [0xff, 0xd9]).then_some(());
        }
    }
}

/// Steps over blocks up to the trailer, or up to what is no block, where browsers stop, too. One of
/// them must be a frame, and each frame must fit on the screen.
fn gif(mut rest: Rest<'_>) -> Option<()> {
    let palette_length = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    rest.take(6)?;
    let screen = [rest.array()?, rest.array()?].map(u16::from_le_bytes).map(u32::from);
    let screen_flags = rest.byte()?;
    rest.take(2 + palette_length(screen_flags))?;
    let mut has_frame = false;
    while !rest.0.is_empty() {
        match rest.byte()? {
            0x21 => drop(rest.byte()?),
            0x2c => {
                let frame: [_; 4] = [rest.array()?, rest.array()?, rest.array()?, rest.array()?];
                let [left, top, width, height] = frame.map(u16::from_le_bytes).map(u32::from);
                if left + width > screen[0] || top + height > screen[1] {
                    return None;
                }
                let frame_flags = rest.byte()?;
                rest.take(palette_length(frame_flags) + 1)?;
                has_frame = true;
            }
            _ => break,
        }
        while let length @ 1.. = rest.byte()? {
            rest.take(usize::from(length))?;
        }
    }
    has_frame.then_some(())
}

/// Steps over as many bytes as the header announces.
fn webp(mut rest: Rest<'_>) -> Option<()> {
    rest.take(4)?;
    let announced = usize::try_from(u32::from_le_bytes(rest.array()?)).ok()?;
    rest.take(announced).map(drop)
}

/// Steps over boxes up to the end of the file. One of them must have pixels.
fn avif(mut rest: Rest<'_>) -> Option<()> {
    let mut has_pixels = false;
    while !rest.0.is_empty() {
        let (length, name) = (rest.length()?, rest.array::<4>()?);
        has_pixels |= &name == b"mdat" || &name == b"idat";
        match length {
            // A length of 0 means that the box reaches to the end of the file.
            0 => break,
            1 => {
                let long_length = usize::try_from(u64::from_be_bytes(rest.array()?)).ok()?;
                rest.take(long_length.checked_sub(16)?)?;
            }
            length => drop(rest.take(length.checked_sub(8)?)?),
        }
    }
    has_pixels.then_some(())
}
