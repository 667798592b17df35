//! Where the next page begins, as an opaque text.

use bams_storage::{Position, Rank, ReportQuery};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Returns a position as text, for the same report only.
pub(super) fn encode(query: &ReportQuery, position: &Position) -> String {
    let (kind, value) = match position.rank {
        Rank::Whole(whole) => (0, whole),
        // The bits are written, because a decimal may not come back as the same float.
        Rank::Rate(Some(rate)) => (1, rate.to_bits().cast_signed()),
        Rank::Rate(None) => (2, 0),
    };
    let numbers = [fingerprint(query), kind, value].into_iter();
    let bytes = numbers.chain(position.dimensions.iter().copied()).flat_map(i64::to_be_bytes);
    URL_SAFE_NO_PAD.encode(bytes.collect::<Vec<u8>>())
}

/// Returns the position that a text stands for, or `None` if the text does not come from this
/// report.
pub(super) fn decode(query: &ReportQuery, text: &str) -> Option<Position> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (numbers, rest) = bytes.as_chunks::<8>();
    let numbers: Vec<i64> = numbers.iter().map(|it| i64::from_be_bytes(*it)).collect();
    let [of, kind, value, dimensions @ ..] = numbers.as_slice() else { return None };
    let rank = match kind {
        0 => Rank::Whole(*value),
        1 => Rank::Rate(Some(f64::from_bits(value.cast_unsigned())).filter(|it| it.is_finite())),
        2 => Rank::Rate(None),
        _ => return None,
    };
    let fitting = *of == fingerprint(query) && dimensions.len() == query.group_by.len();
    let position = Position { rank, dimensions: dimensions.to_vec() };
    (fitting && rest.is_empty()).then_some(position)
}

/// Tells reports apart whose rows or order differ.
fn fingerprint(query: &ReportQuery) -> i64 {
    let digest = Sha256::digest(format!("{query:?}"));
    let (chunks, _) = digest.as_chunks::<8>();
    chunks.first().map_or(0, |it| i64::from_be_bytes(*it))
}
