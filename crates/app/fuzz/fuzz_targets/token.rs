//! Any text in the place of a tracking token, and tokens that were changed in one place.
#![no_main]

use std::sync::LazyLock;

use bams_app::tracking::{TrackingLink, TOKEN, Tokens};
use bams_domain::{BannerId, CampaignId, Policy};
use bams_storage::Showing;
use libfuzzer_sys::fuzz_target;
use uuid::Uuid;

/// The secret that signed the seeds.
static TOKENS: LazyLock<Tokens> =
    LazyLock::new(|| Tokens::new("0123456789abcdef0123456789abcdef", &[]));

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        read(text);
    }
    if let Some((named, change)) = bytes.split_first_chunk::<24>() {
        make(named, change);
    }
});

/// Checks that a token is read only if it is the one that we would make.
fn read(text: &str) {
    let Some(link) = TOKENS.read(text) else { return };
    let _ = link.unix_millis();
    if let Some(policy) = link.policy {
        assert_eq!(TOKENS.token(&link.showing, policy), text.as_bytes());
    }
}

/// Checks that a token that we make is read as what it was made of, and is refused when a letter of it
/// is another.
fn make(named: &[u8; 24], change: &[u8]) {
    let number = |at: usize| u32::from_be_bytes([0, 1, 2, 3].map(|it| named[at + it]));
    let decision = Uuid::from_bytes(std::array::from_fn(|it| named[8 + it]));
    let showing =
        Showing { campaign: CampaignId(number(0)), banner: BannerId(number(4)), decision };
    let token = TOKENS.token(&showing, Policy::RevenueLadder);
    let text = str::from_utf8(&token).expect("ASCII");
    assert_eq!(TOKENS.read(text), Some(TrackingLink { showing, policy: Some(Policy::RevenueLadder) }));

    let [place, letter, ..] = *change else { return };
    let mut forged = token;
    forged[usize::from(place) % TOKEN] = letter;
    if forged != token
        && let Ok(text) = str::from_utf8(&forged)
    {
        assert_eq!(TOKENS.read(text), None);
    }
}
