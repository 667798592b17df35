//! The cookies of the dashboard: the session, and how a browser wants pages to look.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::COOKIE;
use bams_storage::TokenText;

/// The session.
const SESSION: &str = "bams_session";

/// Light or dark.
const THEME: &str = "bams_theme";

/// The time zone, which the script knows.
const ZONE: &str = "bams_zone";

/// A year, in seconds.
const A_YEAR: u64 = 31_536_000;

/// Returns the value of a cookie.
fn value_of(request: &HttpRequest, name: &str) -> Option<String> {
    let headers = request.headers().get_all(COOKIE).filter_map(|it| it.to_str().ok());
    let mut pairs = headers.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// Returns the token of the session that a browser keeps.
pub(super) fn session_of(request: &HttpRequest) -> Option<TokenText> {
    TokenText::parse(&value_of(request, SESSION)?)
}

/// Returns the theme that a browser wants instead of the system's.
pub(super) fn theme_of(request: &HttpRequest) -> Option<&'static str> {
    let wanted = value_of(request, THEME)?;
    ["light", "dark"].into_iter().find(|it| *it == wanted)
}

/// Returns the name of a browser's time zone.
pub(super) fn zone_of(request: &HttpRequest) -> Option<String> {
    Some(value_of(request, ZONE)?.replace("%2F", "/"))
}

/// Returns the header that makes a browser keep a session.
pub(super) fn begin_session(token: &TokenText, lifetime: Duration, https: bool) -> String {
    attributes(SESSION, token.reveal(), lifetime.as_secs(), https)
}

/// Returns the header that makes a browser forget its session.
pub(super) fn end_session(https: bool) -> String {
    attributes(SESSION, "", 0, https)
}

/// Returns the header that makes a browser keep a theme, or forget it if it is empty.
pub(super) fn keep_theme(theme: &str, https: bool) -> String {
    attributes(THEME, theme, if theme.is_empty() { 0 } else { A_YEAR }, https)
}

fn attributes(name: &str, value: &str, seconds: u64, https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}
