//! The signed tokens of tracking links.
//!
//! A token is 45 bytes in base64url: the key's id, the policy, campaign, banner and decision, and
//! the first 128 bits of their HMAC-SHA256. The decision's id is a UUID of version 7 and contains
//! its time. The address that a click leads to is not a part of it.

use bams_domain::{BannerId, CampaignId, Policy};
use bams_storage::Showing;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const NAMED: usize = 29;
const SIGNATURE: usize = 16;
const SIGNED: usize = NAMED + SIGNATURE;

/// The length of a token as text.
pub const TOKEN: usize = SIGNED / 3 * 4;

/// Keeps these signatures apart from others by the same secret.
const PURPOSE: &[u8] = b"bams tracking link 1";

/// Makes and reads tokens.
#[derive(Clone)]
pub struct Tokens {
    current: TokenKey,
    previous: Vec<TokenKey>,
}

#[derive(Clone)]
struct TokenKey {
    id: [u8; 4],
    /// The HMAC after its key.
    mac: Hmac<Sha256>,
}

/// The contents of a genuine token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrackingLink {
    /// The showing.
    pub showing: Showing,
    /// The policy that chose the banner, or `None` for one of a newer program.
    pub policy: Option<Policy>,
}

impl TrackingLink {
    /// Returns when the decision was made, in unix milliseconds.
    pub fn unix_millis(&self) -> i64 {
        // A UUID of version 7 begins with the time, in 48 bits.
        let millis = self.showing.decision.as_u128() >> 80;
        i64::try_from(millis).unwrap_or(0)
    }
}

impl Tokens {
    /// Makes tokens that one secret signs and that also the previous ones verify.
    pub fn new(current: &str, previous: &[String]) -> Self {
        Self {
            current: TokenKey::of(current),
            previous: previous.iter().map(|secret| TokenKey::of(secret)).collect(),
        }
    }

    /// Returns the token of a banner that a policy chose, in ASCII.
    pub fn token(&self, showing: &Showing, policy: Policy) -> [u8; TOKEN] {
        let mut bytes = [0; SIGNED];
        let (named, signature) = bytes.split_at_mut(NAMED);
        named[..4].copy_from_slice(&self.current.id);
        named[4] = code(policy);
        named[5..9].copy_from_slice(&showing.campaign.0.to_be_bytes());
        named[9..13].copy_from_slice(&showing.banner.0.to_be_bytes());
        named[13..].copy_from_slice(showing.decision.as_bytes());
        signature.copy_from_slice(&self.current.sign(named).finalize().into_bytes()[..SIGNATURE]);
        let mut token = [0; TOKEN];
        // 45 bytes make a text of exactly that length.
        let _ = BASE64_URL_SAFE_NO_PAD.encode_slice(bytes, &mut token);
        token
    }

    /// Returns the contents of a token, or `None` if none of our keys signed it.
    pub fn read(&self, token: &str) -> Option<TrackingLink> {
        let mut bytes = [0; SIGNED];
        if token.len() != TOKEN
            || BASE64_URL_SAFE_NO_PAD.decode_slice(token, &mut bytes) != Ok(SIGNED)
        {
            return None;
        }
        let (named, signature) = bytes.split_at(NAMED);
        let keys = std::iter::once(&self.current).chain(&self.previous);
        let genuine = keys
            .filter(|key| key.id == named[..4])
            .any(|key| key.sign(named).verify_truncated_left(signature).is_ok());
        if !genuine {
            return None;
        }
        let number = |at: usize| Some(u32::from_be_bytes(*named[at..].first_chunk()?));
        let showing = Showing {
            campaign: CampaignId(number(5)?),
            banner: BannerId(number(9)?),
            decision: Uuid::from_bytes(*named[13..].first_chunk()?),
        };
        Some(TrackingLink { showing, policy: policy(named[4]) })
    }
}

impl TokenKey {
    fn of(secret: &str) -> Self {
        let hash = Sha256::digest(secret.as_bytes());
        let own = keyed(&hash).chain_update(PURPOSE).finalize().into_bytes();
        Self { id: [hash[0], hash[1], hash[2], hash[3]], mac: keyed(&own) }
    }

    fn sign(&self, named: &[u8]) -> Hmac<Sha256> {
        self.mac.clone().chain_update(named)
    }
}

/// Returns an HMAC with a key of 32 bytes, which is padded with zeros to a block.
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    for (into, byte) in block.iter_mut().zip(key) {
        *into = *byte;
    }
    Hmac::new(&block.into())
}

/// Returns the number of a policy in tokens, which never changes.
fn code(policy: Policy) -> u8 {
    match policy {
        Policy::RevenueLadder => 1,
    }
}

fn policy(code: u8) -> Option<Policy> {
    Policy::ALL.into_iter().find(|policy| self::code(*policy) == code)
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};
    use uuid::Builder;

    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn showing(rng: &mut StdRng) -> Showing {
        Showing {
            decision: Uuid::from_u128(rng.random()),
            banner: BannerId(rng.random()),
            campaign: CampaignId(rng.random()),
        }
    }

    fn text(token: [u8; TOKEN]) -> String {
        String::from_utf8(token.to_vec()).unwrap()
    }

    #[test]
    fn a_token_says_what_it_was_made_of() {
        let (tokens, mut rng) = (Tokens::new(SECRET, &[]), StdRng::seed_from_u64(1));
        for _ in 0..1000 {
            let showing = showing(&mut rng);
            let token = text(tokens.token(&showing, Policy::RevenueLadder));
            assert!(
                token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
            );
            let link = TrackingLink { showing, policy: Some(Policy::RevenueLadder) };
            assert_eq!(tokens.read(&token), Some(link));
        }
    }

    #[test]
    fn a_hundred_thousand_tampered_tokens_are_all_refused() {
        let (tokens, mut rng) = (Tokens::new(SECRET, &[]), StdRng::seed_from_u64(2));
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/%. ";
        for turn in 0..100_000 {
            let whole = tokens.token(&showing(&mut rng), Policy::RevenueLadder);
            let other = tokens.token(&showing(&mut rng), Policy::RevenueLadder);
            let mut forged = whole.to_vec();
            let (one, two) = (rng.random_range(0..TOKEN), rng.random_range(0..TOKEN));
            let letter = alphabet[rng.random_range(0..alphabet.len())];
            match turn % 5 {
                0 => forged[one] = letter,
                1 => forged.truncate(one),
                2 => forged.insert(one, letter),
                // The contents of one token and the signature of another.
                3 => forged[..40].copy_from_slice(&other[..40]),
                _ => forged.swap(one, two),
            }
            if forged != whole && forged != other {
                assert_eq!(tokens.read(&String::from_utf8(forged).unwrap()), None, "turn {turn}");
            }
        }
    }

    #[test]
    fn a_key_that_was_replaced_still_reads_and_a_strangers_never() {
        let showing = showing(&mut StdRng::seed_from_u64(3));
        let old = text(Tokens::new(SECRET, &[]).token(&showing, Policy::RevenueLadder));
        let other = "another secret of thirty-two characters";
        assert!(Tokens::new(other, &[SECRET.to_owned()]).read(&old).is_some());
        assert!(Tokens::new(other, &[]).read(&old).is_none());
    }

    #[test]
    fn a_token_that_was_made_long_ago_is_still_read() {
        let tokens = Tokens::new(SECRET, &[]);
        let link = tokens.read(include_str!("../../fuzz/seeds/token/genuine")).unwrap();
        assert_eq!(link.unix_millis(), 1_767_262_800_123);
        assert_eq!((link.showing.campaign, link.showing.banner), (CampaignId(1), BannerId(1)));
        assert_eq!(link.policy, Some(Policy::RevenueLadder));
        let newer = include_str!("../../fuzz/seeds/token/policy-of-a-newer-program");
        assert_eq!(tokens.read(newer).unwrap().policy, None);
        assert_eq!(tokens.read(include_str!("../../fuzz/seeds/token/forged")), None);
    }

    #[test]
    fn a_token_carries_the_time_of_its_decision() {
        let decision = Builder::from_unix_timestamp_millis(1_767_262_800_123, &[7; 10]).into_uuid();
        let showing = Showing { decision, banner: BannerId(1), campaign: CampaignId(1) };
        let link = TrackingLink { showing, policy: None };
        assert_eq!(link.unix_millis(), 1_767_262_800_123);
    }
}
