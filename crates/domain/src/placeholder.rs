//! The placeholders of a landing URL, in every spelling that people and their programs write.

/// What a landing page can be told of a click, by the names of the placeholders.
pub(crate) const NAMES: [&str; 5] =
    ["click_id", "banner_id", "campaign_id", "decision_id", "timestamp"];

/// The longest text between braces that can be meant as a placeholder.
const LONGEST: usize = 24;

/// Stands for a placeholder that was found. No URL has it.
const FOUND: u8 = 0;

/// What encloses a name in the manners of other programs, such as `[click_id]` and `%%CLICK_ID%%`.
const ENCLOSING: [(&str, &str); 12] = [
    ("{", "}"),
    ("[", "]"),
    ("(", ")"),
    ("<", ">"),
    ("%", "%"),
    ("$", "$"),
    ("#", "#"),
    ("@", "@"),
    ("|", "|"),
    ("*", "*"),
    ("!", "!"),
    ("__", "__"),
];

/// How HTML writes an opening brace.
const ENTITIES: [&str; 4] = ["&#123;", "&#x7b;", "&lcub;", "&lbrace;"];

/// A character of a text, without the encoding that it has there.
#[derive(Clone, Copy)]
struct Decoded {
    byte: u8,
    start: usize,
    end: usize,
}

/// Returns the part of a URL behind its host with every placeholder as `{name}`, whatever its case and
/// its encoding.
///
/// `None` for what means a placeholder and is written as in other programs, or misspelled, and for any
/// other brace that is not encoded.
pub(crate) fn canonical(tail: &str) -> Option<String> {
    let decoded = decoded(tail.as_bytes());
    let mut written = String::with_capacity(tail.len());
    let mut plain = Vec::with_capacity(decoded.len());
    let (mut taken, mut at) = (0, 0);
    while let Some(opening) = decoded.get(at) {
        let name = (opening.byte == b'{').then(|| name_at(&decoded[at + 1..])).flatten();
        if let Some((name, length)) = name {
            let closing = decoded[at + length];
            written.push_str(&tail[taken..opening.start]);
            written.extend(["{", name, "}"]);
            plain.push(FOUND);
            taken = closing.end;
            at += length;
        } else {
            if tail.as_bytes()[opening.start..opening.end].iter().any(|it| b"{}".contains(it)) {
                return None;
            }
            plain.push(opening.byte.to_ascii_lowercase());
        }
        at += 1;
    }
    written.push_str(&tail[taken..]);
    // Undecoded as well, because `%ba` is the beginning of `%banner_id%`.
    let found = char::from(FOUND).to_string();
    let unfilled = |text: String, name: &&str| text.replace(&format!("{{{name}}}"), &found);
    let raw = NAMES.iter().fold(written.to_ascii_lowercase(), unfilled);
    let is_foreign = has_foreign_spelling(&plain) || has_foreign_spelling(raw.as_bytes());
    (!is_foreign).then_some(written)
}

/// Returns the name of a placeholder at the beginning of what follows its opening brace, and the length up
/// to its closing brace.
fn name_at(rest: &[Decoded]) -> Option<(&'static str, usize)> {
    let closing = rest.iter().take(LONGEST).position(|it| it.byte == b'}')?;
    let inside: Vec<u8> = rest[..closing].iter().map(|it| it.byte.to_ascii_lowercase()).collect();
    let inside = trimmed(&inside);
    let name = NAMES.into_iter().find(|name| name.as_bytes() == inside)?;
    Some((name, closing + 1))
}

/// Returns true if something means a placeholder and is written in another manner. `plain` is decoded and
/// in lower case, with the placeholders that were found.
fn has_foreign_spelling(plain: &[u8]) -> bool {
    let around = |start: usize, end: usize| (trimmed(&plain[..start]), trimmed(&plain[end..]));
    let found = plain.iter().enumerate().filter(|it| *it.1 == FOUND);
    let is_enclosed_twice = found.map(|it| around(it.0, it.0 + 1)).any(|(before, after)| {
        before.ends_with(b"{") || before.ends_with(b"$") || after.starts_with(b"}")
    });
    let is_foreign = |(start, end): (usize, usize)| {
        let (before, after) = around(start, end);
        let encloses = |(opening, closing): &(&str, &str)| {
            before.ends_with(opening.as_bytes()) && after.starts_with(closing.as_bytes())
        };
        before.ends_with(b"$") || ENCLOSING.iter().any(encloses)
    };
    let contains = |entity: &str| plain.windows(entity.len()).any(|it| it == entity.as_bytes());
    is_enclosed_twice
        || NAMES.iter().flat_map(|name| spellings(plain, name)).any(is_foreign)
        || ENTITIES.iter().any(|entity| contains(entity))
}

/// Returns where a name stands in a text, with `_`, `-`, a space or nothing between its words.
fn spellings<'a>(plain: &'a [u8], name: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
    let (first, second) = name.split_once('_').unwrap_or((name, ""));
    (0..plain.len()).filter_map(move |start| {
        let rest = plain[start..].strip_prefix(first.as_bytes())?;
        let between =
            usize::from(!second.is_empty() && rest.first().is_some_and(|it| b"_- +".contains(it)));
        let rest = rest[between..].strip_prefix(second.as_bytes())?;
        Some((start, plain.len() - rest.len()))
    })
}

/// Returns a text without spaces around it, of which forms make `+`.
fn trimmed(text: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'+');
    let start = text.iter().position(|byte| !is_space(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    &text[start..end]
}

/// Decodes a text whose characters may be percent-encoded, also several times.
fn decoded(text: &[u8]) -> Vec<Decoded> {
    let mut all = Vec::with_capacity(text.len());
    let mut start = 0;
    while let Some(&byte) = text.get(start) {
        let (byte, end) = if byte == b'%' { encoded(text, start) } else { (byte, start + 1) };
        all.push(Decoded { byte, start, end });
        start = end;
    }
    all
}

/// Returns the character that a percent sign begins, and where its encoding ends.
fn encoded(text: &[u8], start: usize) -> (u8, usize) {
    let mut digits = start + 1;
    // `%25` is a percent sign that was encoded once more.
    while text[digits..].starts_with(b"25") {
        digits += 2;
    }
    let digit = |place: usize| text.get(place).and_then(|it| char::from(*it).to_digit(16));
    match digit(digits).zip(digit(digits + 1)).map(|(high, low)| u8::try_from(high * 16 + low)) {
        Some(Ok(byte)) if byte != FOUND => (byte, digits + 2),
        _ => (b'%', digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_known_in_every_encoding() {
        for tail in [
            "/?c={click_id}",
            "/?c=%7Bclick_id%7D",
            "/?c=%7bCLICK_ID%7d",
            "/?c={Click_Id}",
            "/?c=%257Bclick_id%257D",
            "/?c=%25257Bclick%255Fid%25257D",
            "/?c={click%5Fid}",
            "/?c={ click_id }",
            "/?c=%7B%20click_id%20%7D",
            "/?c=%7B+click_id+%7D",
            "/?c={%63lick_id%7D",
        ] {
            assert_eq!(canonical(tail).as_deref(), Some("/?c={click_id}"), "{tail}");
        }
        let all = "/{campaign_id}/%7Bbanner_id%7D?d={DECISION_ID}&t=%7BTimestamp%7D&x=%C3%A4%25";
        let filled = "/{campaign_id}/{banner_id}?d={decision_id}&t={timestamp}&x=%C3%A4%25";
        assert_eq!(canonical(all).as_deref(), Some(filled));
    }

    #[test]
    fn other_manners_are_refused() {
        for meant in [
            "{clickid}",
            "{click-id}",
            "%7Bclickid%7D",
            "{{click_id}}",
            "%7B%7Bclick_id%7D%7D",
            "${click_id}",
            "%24%7Bclick_id%7D",
            "$click_id",
            "[click_id]",
            "%5BCLICK_ID%5D",
            "[timestamp]",
            "(click_id)",
            "%3Cclick_id%3E",
            "%%CLICK_ID%%",
            "%25%25click_id%25%25",
            "__CLICK_ID__",
            "%banner_id%",
            "%%decision_id%%",
            "%CAMPAIGN_ID%",
            "#click_id#",
            "%23banner_id%23",
            "|click_id|",
            "@campaign_id@",
            "&#123;click_id&#125;",
            "&lcub;click_id&rcub;",
            "%26%23123%3Bclick_id",
            "[[click_id]]",
            "{click_id",
            "click_id}",
            "{gclid}",
            "{}",
            "[ click id ]",
        ] {
            let tail = format!("/?c={meant}&d=1");
            assert_eq!(canonical(&tail), None, "{tail}");
        }
    }

    #[test]
    fn what_means_no_placeholder_stays_as_it_is() {
        for tail in [
            "",
            "/",
            "?click_id=7",
            "#click_id=7",
            "?a=my_click_id_is&sort=timestamp",
            "?ids%5B%5D=1",
            "?json=%7B%22a%22%3A1%7D",
            "?json=%7B%7D",
            "?%7Bgclid%7D",
            "?100%25&x=%2525&y=%",
            "/%zz/%7",
            "/a(b)[c]|d|",
            "?ids=%5B{click_id}%5D",
            "?a=_{click_id}_",
            "/_click_id_/",
            "?x=%00click_id",
        ] {
            assert_eq!(canonical(tail).as_deref(), Some(tail));
        }
    }
}
