//! Addresses that must be known beyond their own routes, because they appear in answers or decide
//! how a request is wrapped.
//!
//! Routes repeat them, because their macros take no constants. A test finds each address in the
//! document.

use std::fmt::Display;

macro_rules! documented {
    ($($(#[$about:meta])* $name:ident = $path:literal;)*) => {
        $($(#[$about])* pub(crate) const $name: &str = $path;)*

        /// Every address here that is in the document.
        #[cfg(test)]
        pub(crate) const DOCUMENTED: &[&str] = &[$($path),*];
    };
}

documented! {
    /// The banners for one placement.
    SERVE = "/api/v1/serve/{campaign_id}";
    /// The banners for several placements.
    DECISIONS = "/api/v1/decisions";
    /// The banners for one placement, as older clients take them.
    OLDER_CLIENTS = "/campaigns/{campaign_id}/";
    /// The page with banners for a frame.
    EMBEDDED_PAGE = "/embed/{campaign_id}";
    /// The pixel of an impression.
    IMPRESSION = "/t/i/{token}";
    /// The link of a click.
    CLICK = "/t/c/{token}";
    /// A conversion by its URL, which contains a key.
    POSTBACK = "/t/s/{token}";
    /// One campaign.
    CAMPAIGN = "/api/v1/campaigns/{campaign_id}";
    /// One banner.
    BANNER = "/api/v1/banners/{banner_id}";
    /// The image of a banner.
    BANNER_IMAGE = "/api/v1/banners/{banner_id}/image";
    /// The completion of an upload to S3.
    COMPLETED_UPLOAD = "/api/v1/banners/{banner_id}/image-upload/complete";
    /// One key.
    KEY = "/api/v1/keys/{key_id}";
    /// All imports.
    IMPORTS = "/api/v1/imports";
    /// One import.
    IMPORT = "/api/v1/imports/{import_id}";
    /// The liveness of the process.
    LIVENESS = "/healthz";
    /// The readiness for decisions.
    READINESS = "/readyz";
}

/// The document.
pub(crate) const DOCUMENT: &str = "/openapi.json";

/// The first page of Swagger UI.
pub(crate) const SWAGGER_UI: &str = "/docs/";

/// The files of Swagger UI.
pub(crate) const SWAGGER_UI_FILES: &str = "/docs/{_:.*}";

/// The meaning of a kind of problem.
pub(crate) const PROBLEM: &str = "/problems/{code}";

/// A product of the demo's shop.
pub(crate) const DEMO_PRODUCT: &str = "/demo/{campaign}/{product}";

/// The pages beside the document, all of which are read with GET.
pub(crate) const PAGES: [&str; 3] = [DOCUMENT, SWAGGER_UI_FILES, PROBLEM];

/// Returns an address with a value in place of its parameter.
pub(crate) fn of(path: &str, value: impl Display) -> String {
    let (before, rest) = path.split_once('{').unwrap_or((path, ""));
    let after = rest.split_once('}').map_or("", |it| it.1);
    format!("{before}{value}{after}")
}

/// Returns the beginning of an address, up to its parameter.
pub(crate) const fn stem(path: &str) -> &str {
    let mut end = 0;
    while end < path.len() && path.as_bytes()[end] != b'{' {
        end += 1;
    }
    path.split_at(end).0
}

/// A report that somebody without a key reads.
pub(crate) const SHARED_REPORT: &str = "/shared/{token}";

/// Returns the path of a request as logs and problems may show it, without the key of a postback or the
/// token of a shared report.
pub(crate) fn shown(asked: &str) -> &str {
    if asked.starts_with(const { stem(POSTBACK) }) {
        "/t/s/…"
    } else if asked.starts_with(const { stem(SHARED_REPORT) }) {
        "/shared/…"
    } else {
        asked
    }
}

/// Returns true if a request for `asked` is one for an address, which may end with a parameter.
pub(crate) fn leads_to(path: &str, asked: &str) -> bool {
    let stem = stem(path);
    if stem.len() == path.len() { asked == path } else { asked.starts_with(stem) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_takes_the_place_of_the_parameter() {
        assert_eq!(of(CAMPAIGN, 12), "/api/v1/campaigns/12");
        assert_eq!(of(BANNER_IMAGE, 141), "/api/v1/banners/141/image");
        assert_eq!(stem(CLICK), "/t/c/");
    }

    #[test]
    fn a_key_in_a_path_is_not_shown() {
        assert_eq!(shown("/t/s/bams_4f1d0a7be2c35968_AAAA"), "/t/s/…");
        assert_eq!(shown("/t/s/"), "/t/s/…");
        assert_eq!(shown("/shared/0123"), "/shared/…");
        assert_eq!(shown("/t/c/AAAA"), "/t/c/AAAA");
    }

    #[test]
    fn a_request_leads_to_one_address() {
        assert!(leads_to(CLICK, "/t/c/AAAA") && leads_to(LIVENESS, "/healthz"));
        assert!(!leads_to(CLICK, "/t/i/AAAA") && !leads_to(LIVENESS, "/healthz/more"));
    }
}
