//! The page that frames of other pages show.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, ContentType, HeaderMap};
use askama::Template;

use crate::paths;
use crate::problem::Problem;

/// The style of the page, whose hash the policy names.
pub(crate) const STYLE: &str = include_str!("../../assets/embed.css");

/// The policy of a page without banners.
const EMPTY_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors *";

/// The contents of a frame. Everything is escaped but the style, which is ours.
#[derive(Template)]
#[template(path = "embed.html")]
pub(crate) struct FramePage<'a> {
    pub(crate) style: &'static str,
    pub(crate) notrack: bool,
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
    let page = FramePage {
        style: STYLE,
        notrack: false,
        reason: Some(&problem.code),
        banners: Vec::new(),
    };
    HttpResponse::build(status)
        .insert_header((CONTENT_SECURITY_POLICY, EMPTY_POLICY))
        .content_type(ContentType::html())
        .body(page.render().unwrap_or_default())
}
