//! Whether browsers turn an image by a quarter, by what its metadata says.
//!
//! Tried in Chromium: JPEG by its first Exif segment, PNG by an `eXIf` chunk before the pixels. WebP, and
//! PNG with the chunk behind the pixels, are shown as they are. AVIF turns by its own properties, which
//! belong to its size.

/// The Exif tag of the orientation.
const ORIENTATION: u16 = 0x0112;

/// The type of its value, 16 bits.
const SHORT: u16 = 3;

/// Returns true if browsers turn this JPEG image by a quarter.
pub(crate) fn turns_jpeg(bytes: &[u8]) -> bool {
    first_exif(bytes).is_some_and(is_quarter_turn)
}

/// Returns true if browsers turn this PNG image by a quarter.
pub(crate) fn turns_png(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((head, behind)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, name @ ..] = *head;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        match (&name, behind.get(..length)) {
            (b"eXIf", Some(exif)) => return is_quarter_turn(exif),
            (b"IDAT", _) | (_, None) => return false,
            _ => rest = behind.get(length + 4..).unwrap_or_default(),
        }
    }
    false
}

/// Returns what the first Exif segment of a JPEG image says.
fn first_exif(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(2..)?;
    loop {
        let (0xff, mut behind) = rest.split_first().map(|(first, behind)| (*first, behind))? else {
            return None;
        };
        while let Some((0xff, more)) = behind.split_first() {
            behind = more;
        }
        let (marker, behind) = behind.split_first()?;
        let length = usize::from(u16::from_be_bytes(*behind.first_chunk()?));
        let segment = behind.get(2..length)?;
        match (marker, segment.strip_prefix(b"Exif\0")) {
            (0xe1, Some(exif)) => return exif.get(1..),
            (0xda, _) => return None,
            _ => rest = behind.get(length..)?,
        }
    }
}

/// Returns true if an orientation puts the sides of an image in each other's place.
fn is_quarter_turn(exif: &[u8]) -> bool {
    orientation(exif).is_some_and(|orientation| (5..=8).contains(&orientation))
}

/// Returns the orientation that Exif data says, 1 to 8.
fn orientation(exif: &[u8]) -> Option<u16> {
    let is_little = match exif.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes: [u8; 2] = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let long = |at: usize| {
        let bytes: [u8; 4] = exif.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let directory = usize::try_from(long(4)?).ok()?;
    for entry in 0..usize::from(short(directory)?) {
        let at = directory.checked_add(2 + entry * 12)?;
        if short(at)? == ORIENTATION {
            let is_one_short = short(at + 2)? == SHORT && long(at + 4)? == 1;
            return is_one_short.then_some(short(at + 8)?);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exif(orientation: u8) -> Vec<u8> {
        [&b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"[..], &[orientation, 0, 0, 0]].concat()
    }

    fn big_exif(orientation: u8) -> Vec<u8> {
        [&b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"[..], &[orientation, 0, 0]].concat()
    }

    fn jpeg(segments: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = b"\xff\xd8".to_vec();
        for segment in segments {
            let length = u16::try_from(segment.len() + 8).unwrap().to_be_bytes();
            bytes.extend([b"\xff\xe1", &length[..], b"Exif\0\0", segment].concat());
        }
        bytes.extend(b"\xff\xda\0\x02");
        bytes
    }

    fn png(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
        let chunk = |(name, content): &(&[u8; 4], Vec<u8>)| {
            let length = u32::try_from(content.len()).unwrap().to_be_bytes();
            [&length[..], &name[..], content, &[0; 4]].concat()
        };
        [&b"\x89PNG\r\n\x1a\n"[..], &chunks.iter().flat_map(chunk).collect::<Vec<_>>()].concat()
    }

    #[test]
    fn the_last_four_orientations_turn_by_a_quarter() {
        for orientation in 0..=9 {
            let turns = (5..=8).contains(&orientation);
            assert_eq!(turns_jpeg(&jpeg(&[exif(orientation)])), turns, "{orientation}");
            assert_eq!(turns_jpeg(&jpeg(&[big_exif(orientation)])), turns, "{orientation}");
            let chunks = [(b"IHDR", vec![0; 13]), (b"eXIf", exif(orientation))];
            assert_eq!(turns_png(&png(&chunks)), turns, "{orientation}");
        }
    }

    #[test]
    fn only_the_first_word_counts_and_only_before_the_pixels() {
        assert!(turns_jpeg(&jpeg(&[exif(6), exif(1)])));
        assert!(!turns_jpeg(&jpeg(&[exif(1), exif(6)])));
        assert!(!turns_png(&png(&[(b"IDAT", vec![0; 9]), (b"eXIf", exif(6))])));
        let mut wide = exif(6);
        wide[12] = 4;
        assert!(!turns_jpeg(&jpeg(&[wide])));
    }

    #[test]
    fn damaged_metadata_turns_nothing_and_does_not_panic() {
        let (jpeg, png) = (jpeg(&[exif(6)]), png(&[(b"eXIf", exif(6))]));
        for (bytes, turns) in [(jpeg, turns_jpeg as fn(&[u8]) -> bool), (png, turns_png)] {
            for length in 0..bytes.len() {
                let _ = turns(&bytes[..length]);
            }
            for place in 0..bytes.len() {
                let mut damaged = bytes.clone();
                damaged[place] = 0xff;
                let _ = turns(&damaged);
            }
        }
        assert_eq!(orientation(b"II*\0\xff\xff\xff\xff"), None);
    }
}
