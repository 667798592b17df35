//! Known bots, by the name that they send.

use aho_corasick::{AhoCorasick, MatchKind};

/// Recognizes bots by `User-Agent`. Every event asks, so all words are searched in one pass.
pub(super) struct Bots {
    list: isbot::Bots,
    more: AhoCorasick,
    exceptions: AhoCorasick,
}

/// The longest prefix of a name that is searched.
const LONGEST: usize = 512;

impl Bots {
    /// Knows the list of the crate `isbot` and more words. A word of `not_bots` says nothing, whatever
    /// those say of it; what stands beside it does. Where two of these words begin, the longer one
    /// counts. Words are in lower case.
    pub(super) fn new(bots: &[String], not_bots: &[String]) -> Self {
        Self { list: isbot::Bots::default(), more: search(bots), exceptions: search(not_bots) }
    }

    /// Returns true if a program of this name is a known bot.
    pub(super) fn is_bot(&self, agent: &str) -> bool {
        let agent = agent.get(..LONGEST).unwrap_or(agent).to_ascii_lowercase();
        let mut rest = String::with_capacity(agent.len());
        self.exceptions.replace_all_with(&agent, &mut rest, |_, _, rest| {
            rest.push(' ');
            true
        });
        self.more.is_match(&rest) || self.list.is_bot(rest.trim())
    }
}

fn search(words: &[String]) -> AhoCorasick {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(words)
        .expect("words of the settings are shorter than 2 GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_added_to_the_list_and_exceptions_hide_themselves_only() {
        let bots = Bots::new(
            &["gptbot", "preview"].map(str::to_owned),
            &["cubot", "python-", "cubot_x"].map(str::to_owned),
        );
        for (agent, expected) in [
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", true),
            ("Mozilla/5.0 (KHTML, like Gecko; compatible; GPTBot/1.2)", true),
            ("Mozilla/5.0 (Linux; Android 9; CUBOT_X19) Chrome/120.0 Mobile Safari/537.36", false),
            ("python-requests/2.31.0", false),
            ("python-requests/2.31.0 (link preview)", true),
            ("python-requests/2.31.0 (compatible; Googlebot/2.1)", true),
            ("Mozilla/5.0 (Linux; Android 9; CUBOT_X19) (compatible; GPTBot/1.2)", true),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0", false),
            ("", false),
        ] {
            assert_eq!(bots.is_bot(agent), expected, "{agent}");
        }
        let late = format!("{} gptbot", "x".repeat(LONGEST));
        assert!(!bots.is_bot(&late));
    }
}
