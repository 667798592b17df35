//! The only source of randomness.

use rand::rngs::{SmallRng, ThreadRng};
use rand::{Rng, SeedableRng};
use uuid::{Builder, Uuid};

/// This thread's generator: seeded by the operating system, unpredictable for strangers.
#[expect(clippy::disallowed_methods, reason = "this is the source of randomness")]
pub(crate) fn rng() -> ThreadRng {
    rand::rng()
}

/// A generator for shuffling banners: quick, seeded anew each time, and no secret.
pub(crate) fn quick_rng() -> SmallRng {
    SmallRng::from_rng(&mut rng())
}

/// A random UUID (version 4).
pub(crate) fn uuid() -> Uuid {
    Builder::from_random_bytes(bytes()).into_uuid()
}

/// Random bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rng().fill_bytes(&mut bytes);
    bytes
}
