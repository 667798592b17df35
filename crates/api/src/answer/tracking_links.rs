//! The tracking links in decisions.

use bams_app::tracking::Tokens;
use bams_domain::Policy;
use bams_storage::Showing;

use crate::paths;

/// Writes the links of chosen banners, of which only the tokens are made for each decision.
#[derive(Clone)]
pub(crate) struct Links {
    tokens: Tokens,
    public_url: Box<str>,
    click: Box<str>,
    no_click: Box<str>,
    impression: Box<str>,
}

impl Links {
    /// Makes links that begin with the server's public URL, which needs no escaping in JSON.
    pub(crate) fn new(tokens: Tokens, public_url: &str) -> Self {
        let [click, impression] = [paths::CLICK, paths::IMPRESSION].map(paths::stem);
        let impression = format!(r#","impression_url":"{public_url}{impression}"#);
        Self {
            tokens,
            public_url: public_url.into(),
            click: format!(r#""{public_url}{click}"#).into(),
            no_click: format!("null{impression}").into(),
            impression: format!("\"{impression}").into(),
        }
    }

    /// Returns the click URL and the impression URL of a banner.
    pub(crate) fn urls(&self, showing: &Showing, policy: Policy) -> [String; 2] {
        let token = self.tokens.token(showing, policy);
        // Tokens are ASCII.
        let text = str::from_utf8(&token).unwrap_or_default();
        [paths::CLICK, paths::IMPRESSION]
            .map(|path| format!("{}{}{text}", self.public_url, paths::stem(path)))
    }

    /// Appends the value of `click_url`, which is null for a banner without a landing URL, and the
    /// field `impression_url`.
    pub(crate) fn write(&self, json: &mut Vec<u8>, showing: &Showing, policy: Policy, leads: bool) {
        let token = self.tokens.token(showing, policy);
        if leads {
            json.extend_from_slice(self.click.as_bytes());
            json.extend_from_slice(&token);
            json.extend_from_slice(self.impression.as_bytes());
        } else {
            json.extend_from_slice(self.no_click.as_bytes());
        }
        json.extend_from_slice(&token);
        json.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use bams_domain::{BannerId, CampaignId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn both_links_have_the_token_of_the_showing() {
        let tokens = Tokens::new("0123456789abcdef0123456789abcdef", &[]);
        let decision = Uuid::from_u128(7);
        let showing = Showing { decision, banner: BannerId(141), campaign: CampaignId(12) };
        let links = Links::new(tokens.clone(), "https://pictures.example.com");
        for leads in [true, false] {
            let mut json = br#"{"click_url":"#.to_vec();
            links.write(&mut json, &showing, Policy::RevenueLadder, leads);
            json.push(b'}');
            let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
            let seen = json["impression_url"].as_str().unwrap();
            let token = seen.strip_prefix("https://pictures.example.com/t/i/").unwrap();
            assert_eq!(tokens.read(token).unwrap().showing, showing);
            let clicked = format!("https://pictures.example.com/t/c/{token}");
            assert_eq!(json["click_url"].as_str(), leads.then_some(clicked.as_str()));
            assert_eq!(links.urls(&showing, Policy::RevenueLadder), [&*clicked, seen]);
        }
    }
}
