//! Pages as answers: HTML under a strict policy, packed, and with a tag that changes when figures do.
//!
//! Browsers keep no page, because every one says the time. Only a script that renews an open page sends its
//! tag, and renews its times by itself.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ContentType, ETAG, HeaderValue, IF_NONE_MATCH,
    REFERRER_POLICY, VARY,
};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use data_encoding::HEXLOWER;
use flate2::Compression;
use sha2::{Digest, Sha256};

use super::assets::{packed, takes_gzip};
use super::desk::{Answer, Desk};
use super::shared::Dashboard;
use crate::problem::ApiError;

/// How a time in a page begins and ends, and the frame's clock. They go on, which is no change of the page.
const CLOCKS: [(&str, &str); 2] =
    [("<time data-now>", "</time>"), ("<div class=\"now\"", " min left</div>")];

/// How the address of a link, a form or a file of this server begins in a page.
const OWN_ADDRESSES: [&str; 3] = ["href=\"/", "action=\"/", "src=\"/"];

impl Desk {
    /// Answers a page, or 304 if the script has the same figures.
    pub(crate) fn answer(&self, page: &impl Template) -> Answer {
        self.answer_with(StatusCode::OK, page)
    }

    /// Answers a page with another status, such as a form with errors.
    pub(crate) fn answer_with(&self, status: StatusCode, page: &impl Template) -> Answer {
        answer(&self.request, &self.parts.dashboard, status, page)
    }
}

impl Dashboard {
    /// Draws a page, of which the links begin with the path under which the outside world reaches us.
    pub(super) fn draw(&self, page: &impl Template) -> Result<String, askama::Error> {
        let html = page.render()?;
        Ok(if self.path.is_empty() { html } else { under(&self.path, html) })
    }
}

/// Adds a path to the addresses of this server in a page. What people wrote is never taken for one,
/// because templates escape its quotes.
fn under(path: &str, html: String) -> String {
    OWN_ADDRESSES
        .into_iter()
        .fold(html, |html, own| html.replace(own, &format!("{}{path}/", own.trim_end_matches('/'))))
}

/// Answers a page. Browsers keep none of them, as the server says of every answer that says nothing else.
pub(super) fn answer(
    request: &HttpRequest,
    dashboard: &Dashboard,
    status: StatusCode,
    page: &impl Template,
) -> Answer {
    let html = dashboard.draw(page).map_err(ApiError::unexpected("draw a page"))?;
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_SECURITY_POLICY, dashboard.policy.clone()))
        .insert_header((REFERRER_POLICY, HeaderValue::from_static("same-origin")))
        .insert_header((VARY, "accept-encoding, cookie"));
    // What a form answers may be a secret that is shown once.
    if status == StatusCode::OK && request.method().is_safe() {
        let tag = tag(&html);
        response.insert_header((ETAG, tag.clone()));
        let known = request.headers().get(IF_NONE_MATCH).and_then(|it| it.to_str().ok());
        if known.is_some_and(|it| it.split(',').any(|own| own.trim() == tag)) {
            return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
        }
    }
    response.content_type(ContentType::html());
    if takes_gzip(request) {
        response.insert_header((CONTENT_ENCODING, "gzip"));
        return Ok(response.body(packed(html.as_bytes(), Compression::fast())));
    }
    Ok(response.body(html))
}

/// Returns the tag of a page: the hash of everything but its clocks. It is a weak one, because pages with
/// one tag may tell the time differently.
fn tag(html: &str) -> String {
    let (mut hash, mut rest) = (Sha256::new(), html);
    let next = |rest: &str| {
        let found = CLOCKS.iter().filter_map(|(begins, ends)| {
            let at = rest.find(begins)?;
            Some((at, at + rest[at..].find(ends)?))
        });
        found.min()
    };
    while let Some((begins, ends)) = next(rest) {
        hash.update(&rest[..begins]);
        rest = &rest[ends..];
    }
    hash.update(rest);
    format!("W/\"{}\"", HEXLOWER.encode(&hash.finalize()[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_goes_on_is_no_change() {
        let page = |time: &str, clicks: u32| {
            format!(
                "<div class=\"now\" data-at=\"{time}\"><time>{time}</time> min left</div></div>\
                 <p>{clicks} clicks, counted up to <time data-now>{time}</time>.</p>"
            )
        };
        assert_eq!(tag(&page("10:22:04", 7)), tag(&page("10:22:19", 7)));
        assert_ne!(tag(&page("10:22:04", 7)), tag(&page("10:22:04", 8)));
        assert_ne!(tag("<time data-now>never closed"), tag(""));
    }

    #[test]
    fn every_own_address_gets_the_path() {
        let page = |path: &str| {
            format!(
                "<a href=\"{path}/dashboard/\"><img src=\"https://a.example/b\"></a>\
                 <form action=\"{path}/dashboard/look\"><button formaction=\"{path}/dashboard/b\">\
                 <a href=\"?page=2\"></a><script src=\"{path}/dashboard/c.js\"></script>\
                 <p>href=&#34;/dashboard/</p><input value=\"/dashboard/\">"
            )
        };
        assert_eq!(under("/pictures", page("")), page("/pictures"));
    }
}
