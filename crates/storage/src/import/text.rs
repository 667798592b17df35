//! The text of a file as UTF-8, with the hash of its bytes.

use std::io::{self, Read};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// How many bytes of UTF-16 are read together.
const TOGETHER: usize = 16 * 1024;

/// A byte that is never part of UTF-8. It stands for what is no character in UTF-16, so that the field
/// is refused like any other that is no text.
const BROKEN: u8 = 0xFF;

/// The text of a file. UTF-16 with a byte order mark is translated, other bytes pass as they are.
pub(super) struct FileText<R> {
    source: R,
    digest: Sha256,
    order: Option<fn([u8; 2]) -> u16>,
    /// The text that was not passed on yet, from `next` on.
    ready: Vec<u8>,
    next: usize,
    /// The first half of what is not complete yet: a byte, and a surrogate.
    half: Option<u8>,
    high: Option<u16>,
    /// The error of the opening, for the next reading.
    failed: Option<io::Error>,
}

impl<R: Read> FileText<R> {
    /// Reads the first bytes, which tell the encoding.
    pub(super) fn of(source: R) -> io::Result<Self> {
        let mut text = Self {
            source,
            digest: Sha256::new(),
            order: None,
            ready: Vec::new(),
            next: 0,
            half: None,
            high: None,
            failed: None,
        };
        let mut mark = Vec::with_capacity(2);
        text.source.by_ref().take(2).read_to_end(&mut mark)?;
        text.digest.update(&mark);
        text.order = match mark[..] {
            [0xFF, 0xFE] => Some(u16::from_le_bytes),
            [0xFE, 0xFF] => Some(u16::from_be_bytes),
            _ => None,
        };
        if text.order.is_none() {
            text.ready = mark;
        }
        Ok(text)
    }

    /// Reads the first bytes, at most so many. An error is left for the next reading, so that what comes
    /// before it is known.
    pub(super) fn opening(&mut self, most: u64) -> Vec<u8> {
        let mut opening = Vec::new();
        self.failed = self.by_ref().take(most).read_to_end(&mut opening).err();
        opening
    }

    /// Returns true if the bytes are translated.
    pub(super) fn is_translated(&self) -> bool {
        self.order.is_some()
    }

    /// Returns the SHA-256 of the bytes read, in hex.
    pub(super) fn finish(self) -> String {
        HEXLOWER.encode(&self.digest.finalize())
    }

    /// Translates some more bytes, and returns false at the end.
    fn translate(&mut self, order: fn([u8; 2]) -> u16) -> io::Result<bool> {
        let mut bytes = vec![0; TOGETHER];
        let count = self.source.read(&mut bytes)?;
        self.digest.update(&bytes[..count]);
        if count == 0 {
            let cut_off = self.half.take().is_some() || self.high.take().is_some();
            self.ready.extend(cut_off.then_some(BROKEN));
            return Ok(cut_off);
        }
        for &byte in &bytes[..count] {
            match self.half.take() {
                None => self.half = Some(byte),
                Some(first) => self.translate_unit(order([first, byte])),
            }
        }
        Ok(true)
    }

    fn translate_unit(&mut self, unit: u16) {
        let is_last = (0xDC00..0xE000).contains(&unit);
        let high = self.high.take();
        if high.is_some() && !is_last {
            self.ready.push(BROKEN);
        }
        if (0xD800..0xDC00).contains(&unit) {
            self.high = Some(unit);
            return;
        }
        let units = high.filter(|_| is_last).into_iter().chain([unit]);
        match char::decode_utf16(units).next() {
            Some(Ok(character)) => {
                let mut bytes = [0; 4];
                self.ready.extend_from_slice(character.encode_utf8(&mut bytes).as_bytes());
            }
            _ => self.ready.push(BROKEN),
        }
    }
}

impl<R: Read> Read for FileText<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        while self.next == self.ready.len() {
            self.ready.clear();
            self.next = 0;
            match self.order {
                None => {
                    let count = self.source.read(buffer)?;
                    self.digest.update(&buffer[..count]);
                    return Ok(count);
                }
                Some(order) => {
                    if !self.translate(order)? {
                        return Ok(0);
                    }
                }
            }
        }
        let rest = &self.ready[self.next..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.next += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (Vec<u8>, String) {
        let mut text = FileText::of(bytes).unwrap();
        let mut all = Vec::new();
        text.read_to_end(&mut all).unwrap();
        (all, text.finish())
    }

    #[test]
    fn utf16_with_a_mark_is_translated_and_the_rest_is_not() {
        let words = "click_id\tß\u{1F600}\n".repeat(20_000);
        let encode = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let units = std::iter::once(0xFEFF).chain(words.encode_utf16());
            units.flat_map(order).collect()
        };
        for bytes in [encode(u16::to_le_bytes), encode(u16::to_be_bytes)] {
            let (text, sha256) = read(&bytes);
            assert!(text == words.as_bytes());
            assert_eq!(sha256, HEXLOWER.encode(&Sha256::digest(&bytes)));
        }
        for bytes in [&b""[..], b"a", b"ab", b"\xEF\xBB\xBFabc", b"\xFFa", words.as_bytes()] {
            assert_eq!(read(bytes), (bytes.to_vec(), HEXLOWER.encode(&Sha256::digest(bytes))));
        }
    }

    #[test]
    fn what_is_no_utf16_is_no_utf8_either() {
        for (bytes, expected) in [
            (&b"\xFF\xFEa"[..], &b"\xFF"[..]),
            (b"\xFF\xFEa\x00\x00\xD8", b"a\xFF"),
            (b"\xFF\xFE\x00\xD8a\x00", b"\xFFa"),
            (b"\xFF\xFE\x00\xDCa\x00", b"\xFFa"),
            (b"\xFF\xFE\x00\xD8\x00\xD8\x00\xDC", b"\xFF\xF0\x90\x80\x80"),
        ] {
            assert_eq!(read(bytes).0, expected, "{bytes:?}");
        }
    }
}
