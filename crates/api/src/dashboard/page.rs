//! Pages as answers: HTML under a strict policy, packed, and never kept by browsers, because every page
//! says the time.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ContentType, HeaderValue, REFERRER_POLICY, VARY,
};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use flate2::Compression;

use super::assets::{packed, takes_gzip};
use super::desk::{Answer, Desk};
use super::shared::Dashboard;
use crate::problem::ApiError;

/// How the address of a link, a form or a file of this server begins in a page.
const OWN_ADDRESSES: [&str; 3] = ["href=\"/", "action=\"/", "src=\"/"];

impl Desk {
    /// Answers a page.
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
    response.content_type(ContentType::html());
    if takes_gzip(request) {
        response.insert_header((CONTENT_ENCODING, "gzip"));
        return Ok(response.body(packed(html.as_bytes(), Compression::fast())));
    }
    Ok(response.body(html))
}

#[cfg(test)]
mod tests {
    use super::*;

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
