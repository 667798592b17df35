//! Whether the bytes of an image end where its format says so, found by stepping over its parts.

use crate::MediaType;

/// Whether nothing is missing at the end of an image, as far as its structure tells.
///
/// Nothing is decoded. What follows the image is not looked at.
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

/// What was not stepped over yet. Each step is `None` when that is too short.
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

    fn length(&mut self) -> Option<usize> {
        usize::try_from(u32::from_be_bytes(self.array()?)).ok()
    }
}

/// Chunks from `IHDR`, where the size stands, to `IEND`; one of them has pixels.
fn png(mut rest: Rest<'_>) -> Option<()> {
    rest.take(8)?;
    if !rest.0.starts_with(b"\0\0\0\x0dIHDR") {
        return None;
    }
    let mut pixels = false;
    loop {
        let (length, name) = (rest.length()?, rest.array::<4>()?);
        rest.take(length)?;
        rest.take(4)?;
        match &name {
            b"IDAT" => pixels = true,
            b"IEND" => return pixels.then_some(()),
            _ => {}
        }
    }
}

/// Segments up to the first scan, and the end of the image somewhere behind it.
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
            return rest.0.windows(2).any(|it| it == [0xff, 0xd9]).then_some(());
        }
    }
}

/// Blocks up to the trailer; one of them is a frame, and every frame fits on the screen.
fn gif(mut rest: Rest<'_>) -> Option<()> {
    let palette = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    rest.take(6)?;
    let screen = [rest.array()?, rest.array()?].map(u16::from_le_bytes).map(u32::from);
    let flags = rest.byte()?;
    rest.take(2 + palette(flags))?;
    let mut frames = false;
    loop {
        match rest.byte()? {
            0x21 => drop(rest.byte()?),
            0x2c => {
                let frame: [_; 4] = [rest.array()?, rest.array()?, rest.array()?, rest.array()?];
                let [left, top, width, height] = frame.map(u16::from_le_bytes).map(u32::from);
                if left + width > screen[0] || top + height > screen[1] {
                    return None;
                }
                let flags = rest.byte()?;
                rest.take(palette(flags) + 1)?;
                frames = true;
            }
            0x3b => return frames.then_some(()),
            _ => return None,
        }
        while let length @ 1.. = rest.byte()? {
            rest.take(usize::from(length))?;
        }
    }
}

/// As many bytes as its header announces.
fn webp(mut rest: Rest<'_>) -> Option<()> {
    rest.take(4)?;
    let announced = usize::try_from(u32::from_le_bytes(rest.array()?)).ok()?;
    rest.take(announced).map(drop)
}

/// Boxes that are all there; one of them has pixels.
fn avif(mut rest: Rest<'_>) -> Option<()> {
    let mut pixels = false;
    while !rest.0.is_empty() {
        let (length, name) = (rest.length()?, rest.array::<4>()?);
        pixels |= &name == b"mdat" || &name == b"idat";
        match length {
            // To the end of the file.
            0 => break,
            1 => {
                let length = usize::try_from(u64::from_be_bytes(rest.array()?)).ok()?;
                rest.take(length.checked_sub(16)?)?;
            }
            length => drop(rest.take(length.checked_sub(8)?)?),
        }
    }
    pixels.then_some(())
}
