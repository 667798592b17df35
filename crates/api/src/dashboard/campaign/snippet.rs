//! How a page asks for a campaign: by a script, in a frame, or with a request.

use bams_domain::Size;
use bams_storage::Ranking;

use crate::dashboard::desk::Desk;
use crate::dashboard::fields::Fields;

/// A way to put a campaign on a page.
pub(super) struct Snippet {
    pub(super) links: Vec<SnippetLink>,
    pub(super) text: String,
    pub(super) hint: &'static str,
    /// True if it works on no page of another site, because the server names none.
    pub(super) is_refused: bool,
}

/// A way to choose.
pub(super) struct SnippetLink {
    pub(super) word: &'static str,
    pub(super) address: String,
    pub(super) is_current: bool,
}

const WAYS: [(&str, &str); 3] = [("script", "Script"), ("frame", "Frame"), ("rest", "REST")];

/// The size of a frame for banners of which none is known.
const USUAL: Size = Size { width: 300, height: 250 };

pub(super) fn of(desk: &Desk, asked: &Fields, ranking: &Ranking) -> Snippet {
    let campaign = ranking.campaign.id;
    let sizes: Vec<Option<Size>> = ranking.banners.iter().map(|it| it.size).collect();
    let dashboard = &desk.parts.dashboard;
    let url = dashboard.public_url.as_str();
    let wanted = asked.text("embed");
    let current = WAYS.iter().find(|it| it.0 == wanted).map_or("script", |it| it.0);
    let (text, hint) = match current {
        "frame" => (
            frame(&format!("{url}/embed/{campaign}?count=1"), most(&sizes)),
            "Any site may show it. Without a size it shows banners of any size.",
        ),
        "rest" => (
            format!("curl '{url}/api/v1/serve/{campaign}?count=1'"),
            "The answer has signed image URLs and tracking links.",
        ),
        _ => (
            format!(
                "<div data-bams-campaign=\"{campaign}\" data-bams-count=\"1\"{}></div>\n<script async src=\"{url}/embed.js\"></script>",
                room(&sizes)
            ),
            "The site must be one of cors.allowed_origins.",
        ),
    };
    let link = |(name, word): (&str, &'static str)| SnippetLink {
        word,
        address: format!("{}#emb", asked.with(&[("embed", name), ("undo", "")])),
        is_current: name == current,
    };
    let is_refused = current == "script" && !dashboard.has_allowed_origins;
    Snippet { links: WAYS.map(link).into(), text, hint, is_refused }
}

/// Returns a frame as large as its banners.
fn frame(address: &str, size: Option<Size>) -> String {
    let asked = size.map_or_else(String::new, |size| format!("&amp;size={size}"));
    let Size { width, height } = size.unwrap_or(USUAL);
    format!(
        "<iframe src=\"{address}{asked}\" width=\"{width}\" height=\"{height}\"\n  style=\"border:0;color-scheme:light\" title=\"Advertisement\"></iframe>"
    )
}

/// Returns the attributes that keep the room of a banner, if all have one size.
fn room(sizes: &[Option<Size>]) -> String {
    match sizes.first() {
        Some(Some(size)) if sizes.iter().all(|it| *it == Some(*size)) => {
            format!(" data-bams-size=\"{size}\" style=\"min-height:{}px\"", size.height)
        }
        _ => String::new(),
    }
}

/// Returns the size that most banners have; of several the one of the best banner.
fn most(sizes: &[Option<Size>]) -> Option<Size> {
    let have = |size: Size| sizes.iter().filter(|it| **it == Some(size)).count();
    // The last of equals is returned, so that the best banner comes last.
    sizes.iter().rev().flatten().copied().max_by_key(|it| have(*it))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Size = Size { width: 728, height: 90 };

    #[test]
    fn a_frame_is_as_large_as_most_banners() {
        assert_eq!(most(&[Some(USUAL), None, Some(WIDE), Some(WIDE)]), Some(WIDE));
        assert_eq!(most(&[Some(WIDE), Some(USUAL)]), Some(WIDE));
        assert_eq!(most(&[None]), None);
        let text = frame("https://a.example/embed/7?count=1", Some(WIDE));
        assert!(text.contains("/embed/7?count=1&amp;size=728x90\" width=\"728\" height=\"90\""));
        assert!(text.contains("border:0"));
        assert!(!frame("https://a.example/embed/7?count=1", None).contains("size="));
    }

    #[test]
    fn a_placement_names_the_size_that_all_banners_have() {
        assert_eq!(
            room(&[Some(WIDE), Some(WIDE)]),
            " data-bams-size=\"728x90\" style=\"min-height:90px\""
        );
        for mixed in [vec![], vec![None], vec![Some(WIDE), None], vec![Some(WIDE), Some(USUAL)]] {
            assert_eq!(room(&mixed), "");
        }
    }
}
