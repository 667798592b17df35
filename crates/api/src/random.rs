//! The only source of randomness.

use rand::rngs::{SmallRng, ThreadRng};
use rand::{Rng, SeedableRng};
use uuid::{Builder, Uuid};

/// Returns this thread's generator, which the operating system seeds and strangers cannot predict.
#[expect(clippy::disallowed_methods, reason = "this is the source of randomness")]
pub(crate) fn rng() -> ThreadRng {
    rand::rng()
}

/// Returns a generator for shuffling banners, which is fast, newly seeded and not secret.
pub(crate) fn quick_rng() -> SmallRng {
    SmallRng::from_rng(&mut rng())
}

/// Returns a random UUID (version 4).
pub(crate) fn uuid() -> Uuid {
    Builder::from_random_bytes(bytes()).into_uuid()
}

/// Returns random bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rng().fill_bytes(&mut bytes);
    bytes
}
