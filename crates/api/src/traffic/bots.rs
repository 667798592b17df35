//! Known bots, by the name they give themselves.

/// Recognises bots by `User-Agent`.
pub(super) struct Bots {
    list: isbot::Bots,
    more: Vec<String>,
    exceptions: Vec<String>,
}

/// The longest name that is looked at; longer ones are cut.
const LONGEST: usize = 512;

impl Bots {
    /// The list of the crate `isbot` and more words; a name that contains one of `not_bots` is no
    /// bot, whatever else it contains. Words are in lower case.
    pub(super) fn new(bots: &[String], not_bots: &[String]) -> Self {
        let (more, exceptions) = (bots.to_vec(), not_bots.to_vec());
        Self { list: isbot::Bots::default(), more, exceptions }
    }

    /// Whether a program of this name is a known bot.
    pub(super) fn is_bot(&self, agent: &str) -> bool {
        let agent = agent.get(..LONGEST).unwrap_or(agent).to_ascii_lowercase();
        let contains = |words: &[String]| words.iter().any(|it| agent.contains(it));
        !contains(&self.exceptions) && (contains(&self.more) || self.list.is_bot(&agent))
    }
}

#[cfg(test)]
mod tests {
    use crate::config;

    use super::*;

    #[test]
    fn bots_are_told_from_browsers_and_from_the_programs_of_sites() {
        let tracking = config::defaults().tracking;
        let bots = Bots::new(&tracking.bots, &tracking.not_bots);
        for (agent, expected) in [
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", true),
            (
                "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
                true,
            ),
            ("Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)", true),
            ("Mozilla/5.0 (compatible; PerplexityBot/1.0)", true),
            ("meta-externalagent/1.1", true),
            ("facebookexternalhit/1.1", true),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0.0.0 Safari/537.36",
                true,
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0", false),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
                false,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
                false,
            ),
            (
                "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
                false,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 coc_coc_browser/117.0 Chrome/111.0 Safari/537.36 CocCoc",
                false,
            ),
            ("curl/8.5.0", false),
            ("python-requests/2.31.0", false),
            ("okhttp/4.12.0", false),
            ("", false),
        ] {
            assert_eq!(bots.is_bot(agent), expected, "{agent}");
        }
    }
}
