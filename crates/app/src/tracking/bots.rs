//! Known bots, by the name that they send.

/// Recognizes bots by `User-Agent`.
pub(super) struct Bots {
    list: isbot::Bots,
    more: Vec<String>,
    exceptions: Vec<String>,
}

/// The longest prefix of a name that is searched.
const LONGEST: usize = 512;

impl Bots {
    /// Knows the list of the crate `isbot` and more words. A word of `not_bots` says nothing, whatever
    /// those say of it; what stands beside it does. Words are in lower case.
    pub(super) fn new(bots: Vec<String>, not_bots: Vec<String>) -> Self {
        Self { list: isbot::Bots::default(), more: bots, exceptions: not_bots }
    }

    /// Returns true if a program of this name is a known bot.
    pub(super) fn is_bot(&self, agent: &str) -> bool {
        let agent = agent.get(..LONGEST).unwrap_or(agent).to_ascii_lowercase();
        let without = |rest: String, word: &String| rest.replace(word.as_str(), " ");
        let rest = self.exceptions.iter().fold(agent, without);
        self.more.iter().any(|word| rest.contains(word)) || self.list.is_bot(rest.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_added_to_the_list_and_exceptions_hide_themselves_only() {
        let words = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        let bots = Bots::new(words(&["gptbot", "preview"]), words(&["cubot", "python-"]));
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
