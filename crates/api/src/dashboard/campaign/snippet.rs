//! How a page asks for a campaign: by a script, in a frame, or with a request.

use bams_domain::CampaignId;

use crate::dashboard::desk::Desk;
use crate::dashboard::fields::Fields;

/// A way to put a campaign on a page.
pub(super) struct Snippet {
    pub(super) links: Vec<SnippetLink>,
    pub(super) text: String,
    pub(super) hint: &'static str,
}

/// A way to choose.
pub(super) struct SnippetLink {
    pub(super) word: &'static str,
    pub(super) address: String,
    pub(super) is_current: bool,
}

const WAYS: [(&str, &str); 3] = [("script", "Script"), ("frame", "Frame"), ("rest", "REST")];

pub(super) fn of(desk: &Desk, asked: &Fields, campaign: CampaignId) -> Snippet {
    let dashboard = &desk.parts.dashboard;
    let url = dashboard.public_url.as_str();
    let wanted = asked.text("embed");
    let current = WAYS.iter().find(|it| it.0 == wanted).map_or("script", |it| it.0);
    let (text, hint) = match current {
        "frame" => (
            format!(
                "<iframe src=\"{url}/embed/{campaign}?count=1&amp;size=300x250\"\n  width=\"300\" height=\"250\" title=\"Advertisement\"></iframe>"
            ),
            "Any site may show it. Without a size it shows banners of any size.",
        ),
        "rest" => (
            format!("curl '{url}/api/v1/serve/{campaign}?count=1'"),
            "The answer has signed image URLs and tracking links.",
        ),
        _ => (
            format!(
                "<div data-bams-campaign=\"{campaign}\" data-bams-count=\"1\"></div>\n<script async src=\"{url}/embed.js\"></script>"
            ),
            if dashboard.has_allowed_origins {
                "The site must be one of cors.allowed_origins."
            } else {
                "No other site may use it yet: set cors.allowed_origins."
            },
        ),
    };
    let link = |(name, word): (&str, &'static str)| SnippetLink {
        word,
        address: format!("{}#emb", asked.with(&[("embed", name), ("undo", "")])),
        is_current: name == current,
    };
    Snippet { links: WAYS.map(link).into(), text, hint }
}
