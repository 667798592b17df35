//! The page that frames of other pages show.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT, CONTENT_SECURITY_POLICY, ContentType, HeaderMap, HeaderName, HeaderValue,
    REFERRER_POLICY,
};
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;

use crate::paths;
use crate::problem::Problem;

/// The style of the page, whose hash the policy names.
pub(crate) const STYLE: &str = include_str!("../../assets/embed.css");

/// The policy of a page without banners, whose script tells the page around it why.
const EMPTY_POLICY: &str =
    "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'";

/// The headers by which pages that are isolated from others may show this one in a frame, and by which
/// the shop of a click learns that it came from here. What the page loads needs no permission: our own
/// images give it, and a bucket's are asked for without a cookie.
const FRAMED: [(HeaderName, &str); 3] = [
    (HeaderName::from_static("cross-origin-embedder-policy"), "credentialless"),
    (RESOURCE_POLICY, "cross-origin"),
    (REFERRER_POLICY, "strict-origin-when-cross-origin"),
];

/// The header that says whose pages may load an answer.
pub(crate) const RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

/// The contents of a frame. Everything is escaped but the style, which is ours.
#[derive(Template)]
#[template(path = "embed.html")]
pub(crate) struct FramePage<'a> {
    pub(crate) style: &'static str,
    pub(crate) notrack: bool,
    /// The number of the campaign, as it was asked for.
    pub(crate) campaign: &'a str,
    /// The reason why there are no banners.
    pub(crate) reason: Option<&'a str>,
    pub(crate) banners: Vec<FrameBanner<'a>>,
}

/// A banner of the page.
pub(crate) struct FrameBanner<'a> {
    pub(crate) image_url: String,
    /// The text of the image, which also names the link around it and must not be empty.
    pub(crate) alt: &'a str,
    pub(crate) size: Option<(u32, u32)>,
    pub(crate) click_url: Option<String>,
    pub(crate) impression_url: String,
}

/// Returns true for a request of a browser's frame, whose visitor should not have to read a
/// problem.
pub(crate) fn is_for_frame(path: &str, headers: &HeaderMap) -> bool {
    let accepts = || headers.get(ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    path.starts_with(const { paths::stem(paths::EMBEDDED_PAGE) }) && accepts().contains("text/html")
}

/// Returns the page that a frame shows instead of a problem: empty, with the problem's code as the
/// reason.
pub(crate) fn refused(status: StatusCode, problem: &Problem) -> HttpResponse {
    let asked = problem.instance.trim_start_matches(paths::stem(paths::EMBEDDED_PAGE));
    let page = FramePage {
        style: STYLE,
        notrack: false,
        campaign: asked,
        reason: Some(&problem.code),
        banners: Vec::new(),
    };
    let policy = HeaderValue::from_static(EMPTY_POLICY);
    framed(HttpResponse::build(status), policy, page.render().unwrap_or_default())
}

/// Returns a page that any other page may show in a frame.
pub(crate) fn framed(
    mut response: HttpResponseBuilder,
    policy: HeaderValue,
    html: String,
) -> HttpResponse {
    for header in FRAMED {
        response.insert_header(header);
    }
    response
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .content_type(ContentType::html())
        .body(html)
}
