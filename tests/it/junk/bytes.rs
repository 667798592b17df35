//! Bytes that are random and yet the same for a seed.

/// A source of junk (`SplitMix64`).
pub(super) struct Bytes(u64);

/// What programs trip over.
const NASTY: [&str; 30] = [
    "",
    " ",
    "0",
    "-0",
    "-1",
    "1.5",
    "1e309",
    "NaN",
    "null",
    "true",
    "256",
    "65536",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "٣",
    "１２",
    "\u{0}",
    "\u{feff}1",
    "\u{202e}abc",
    "😀",
    "e\u{301}",
    "' OR 1=1 --",
    "\\",
    "%",
    "../../etc/passwd",
    "9999-12-31T23:59:60Z",
    "-271821-04-20T00:00:00Z",
];

impl Bytes {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    /// Whether something happens that does so many times in a hundred.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// Junk: random bytes, random characters, something nasty, or something good with a scratch.
    pub(super) fn junk(&mut self, good: &[&str]) -> Vec<u8> {
        let length = self.below(48);
        match self.below(5) {
            0 => (0..length).map(|_| self.byte()).collect(),
            1 => self.text(length).into_bytes(),
            2 => self.one_of(&NASTY).as_bytes().to_vec(),
            3 if good.is_empty() => self.next().to_string().into_bytes(),
            3 => self.one_of(good).as_bytes().to_vec(),
            _ => {
                let mut bytes =
                    good.get(self.below(good.len().max(1))).unwrap_or(&"1").as_bytes().to_vec();
                self.scratch(&mut bytes);
                bytes
            }
        }
    }

    /// The same as text.
    pub(super) fn junk_text(&mut self, good: &[&str]) -> String {
        String::from_utf8_lossy(&self.junk(good)).into_owned()
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.next() % 256).unwrap()
    }

    /// Characters of all planes, control characters among them.
    fn text(&mut self, length: usize) -> String {
        let bits = [7, 8, 11, 16, 21];
        (0..length)
            .filter_map(|_| {
                let limit = 1 << bits[self.below(bits.len())];
                char::from_u32(u32::try_from(self.below(limit)).unwrap())
            })
            .collect()
    }

    fn scratch(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            let place = self.below(bytes.len() + 1);
            match self.below(3) {
                0 => bytes.insert(place, self.byte()),
                1 => bytes.truncate(place),
                _ if place < bytes.len() => bytes[place] = self.byte(),
                _ => bytes.extend_from_within(..),
            }
        }
    }
}
