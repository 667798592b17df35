//! Signing in with a key or by a link, and signing out.

use std::net::IpAddr;

use actix_web::http::StatusCode;
use actix_web::http::header::SET_COOKIE;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use bams_app::signing_in::SignInError;
use bams_storage::TokenText;

use super::browser::Browser;
use super::cookies;
use super::desk::{Answer, Desk, SIGN_IN, see_other};
use super::fields::{Asked, Fields, Sent};
use super::frame::Head;
use super::page::answer;
use super::sentences::begun;
use super::shared::Dashboard;
use crate::clock;
use crate::extract::limits::Limits;
use crate::extract::principal::pasted_key;
use crate::problem::ApiError;
use crate::random;

/// What a page without navigation has around its own contents.
pub(super) struct Plain {
    pub(super) head: Head,
}

#[derive(Template)]
#[template(path = "dashboard/sign_in.html")]
struct SignInPage<'a> {
    frame: Plain,
    /// The link that the button uses up.
    link: Option<&'a str>,
    /// Where to go afterwards.
    next: &'a str,
    error: Option<String>,
}

/// Shows the form for a key, or the button of a link.
pub(super) async fn show(
    request: HttpRequest,
    Asked(asked): Asked,
    dashboard: Data<Dashboard>,
) -> Answer {
    draw(&request, &dashboard, &asked, StatusCode::OK, None)
}

/// Opens a session by the key or the link of the form.
pub(super) async fn sign_in(
    request: HttpRequest,
    Sent(sent): Sent,
    dashboard: Data<Dashboard>,
    limits: Data<Limits>,
) -> Answer {
    let address = limits.address(&request);
    limits.may_try(address)?;
    let token = TokenText::random(&mut random::rng());
    match open(&request, &sent, &dashboard, &token).await {
        Ok(()) => {
            let lifetime = dashboard.signing_in.lifetime();
            let cookie = cookies::begin_session(&token, lifetime, dashboard.https);
            let mut response = see_other(own_page(sent.text("next")));
            set_cookie(&mut response, &cookie);
            Ok(response)
        }
        Err(SignInError::Storage(error)) => Err(error.into()),
        Err(error) => refuse(&request, &dashboard, &sent, &limits, address, &error),
    }
}

async fn open(
    request: &HttpRequest,
    sent: &Fields,
    dashboard: &Dashboard,
    token: &TokenText,
) -> Result<(), SignInError> {
    let (now, replaced) = (clock::unix_millis(), cookies::session_of(request));
    if sent.has("link") {
        let link = TokenText::parse(sent.text("link")).ok_or(SignInError::Wrong)?;
        dashboard.signing_in.by_link(&link, token, replaced.as_ref(), now).await?;
    } else {
        let key = pasted_key(sent.text("key")).ok_or(SignInError::Wrong)?;
        dashboard.signing_in.by_key(&key, token, replaced.as_ref(), now).await?;
    }
    Ok(())
}

/// Answers the form again, with the reason. What is no key counts as a forged one.
fn refuse(
    request: &HttpRequest,
    dashboard: &Dashboard,
    sent: &Fields,
    limits: &Limits,
    address: Option<IpAddr>,
    error: &SignInError,
) -> Answer {
    let status = match error {
        SignInError::Role(_) => StatusCode::FORBIDDEN,
        _ => StatusCode::UNAUTHORIZED,
    };
    if matches!(error, SignInError::Wrong) {
        limits.note_failure(address);
    }
    let reason = if sent.has("link") {
        "This link was used, or is older than 15 minutes: sign in with a key.".to_owned()
    } else {
        format!("{}.", begun(&error.to_string()))
    };
    let shown = Fields::new(vec![("next".to_owned(), sent.text("next").to_owned())]);
    draw(request, dashboard, &shown, status, Some(reason))
}

fn draw(
    request: &HttpRequest,
    dashboard: &Dashboard,
    asked: &Fields,
    status: StatusCode,
    error: Option<String>,
) -> Answer {
    let browser = Browser::of(request, Some(dashboard));
    let page = SignInPage {
        frame: Plain { head: Head::new("Sign in", dashboard, &browser) },
        link: asked.has("link").then(|| asked.text("link")),
        next: asked.text("next"),
        error,
    };
    answer(request, dashboard, status, &page)
}

/// Ends the session, or with `everywhere=1` every session of its key.
pub(super) async fn sign_out(desk: Desk, Sent(sent): Sent) -> Answer {
    let signing_in = &desk.parts.dashboard.signing_in;
    if sent.text("everywhere") == "1" {
        signing_in.sign_out_everywhere(&desk.key).await?;
    } else {
        signing_in.sign_out(&desk.token).await?;
    }
    let mut response = see_other(SIGN_IN);
    set_cookie(&mut response, &cookies::end_session(desk.parts.dashboard.https));
    Ok(response)
}

/// Keeps the theme of the form in a cookie.
pub(super) async fn look(Sent(sent): Sent, dashboard: Data<Dashboard>) -> Answer {
    let theme = sent.text("theme");
    if !["", "light", "dark"].contains(&theme) {
        return Err(ApiError::invalid("theme", "unknown_value", "theme is light, dark or empty"));
    }
    let mut response = see_other(own_page(sent.text("back")));
    set_cookie(&mut response, &cookies::keep_theme(theme, dashboard.https));
    Ok(response)
}

/// Returns an address if it is one of the dashboard's, else that of the first page, so that nobody is
/// led to other sites.
pub(super) fn own_page(address: &str) -> &str {
    let is_own = address.starts_with("/dashboard/")
        && address.bytes().all(|it| it.is_ascii_graphic() && it != b'\\');
    if is_own && !address.starts_with(SIGN_IN) { address } else { "/dashboard/" }
}

fn set_cookie(response: &mut HttpResponse, cookie: &str) {
    if let Ok(value) = cookie.parse() {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::own_page;

    #[test]
    fn signing_in_leads_to_our_own_pages_only() {
        for (address, expected) in [
            ("/dashboard/campaigns/12?quarter=2", "/dashboard/campaigns/12?quarter=2"),
            ("", "/dashboard/"),
            ("//evil.example/dashboard/", "/dashboard/"),
            ("https://evil.example", "/dashboard/"),
            ("/dashboard/\\evil", "/dashboard/"),
            ("/dashboard/a\r\nb", "/dashboard/"),
            ("/dashboard/sign-in?link=1", "/dashboard/"),
        ] {
            assert_eq!(own_page(address), expected, "{address}");
        }
    }
}
