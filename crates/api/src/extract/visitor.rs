//! The visitor of a request: the cookie `unique_id`, or the wish to have none.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{COOKIE, DNT, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use bams_app::Visitor;
use bams_domain::VisitorId;

use super::asked_with_head::AskedWithHead;
use crate::config::SameSite;
use crate::random;

const NAME: &str = "unique_id";

/// Global Privacy Control, by which a browser asks that nobody is remembered.
static SEC_GPC: HeaderName = HeaderName::from_static("sec-gpc");

/// The header that says whether a decision knew its visitor, whose cookie no script can read.
pub(crate) const VISITOR: HeaderName = HeaderName::from_static("bams-visitor");

/// The attributes of the cookie, which are made once at start.
#[derive(Clone, Debug)]
pub(crate) struct CookieStyle {
    attributes: String,
    ended: String,
}

impl CookieStyle {
    /// Makes the attributes. `https` is true if clients reach us over TLS.
    pub(crate) fn new(same_site: SameSite, lifetime_seconds: u64, https: bool) -> Self {
        let same_site = match same_site {
            SameSite::None => "SameSite=None; Secure; Partitioned",
            SameSite::Lax if https => "SameSite=Lax; Secure",
            SameSite::Lax => "SameSite=Lax",
        };
        let attributes = format!("; Path=/; Max-Age={lifetime_seconds}; HttpOnly; {same_site}");
        let ended = format!("{NAME}=; Path=/; Max-Age=0; HttpOnly; {same_site}");
        Self { attributes, ended }
    }

    /// Returns the header that makes a browser drop the cookie.
    pub(crate) fn ended(&self) -> &str {
        &self.ended
    }
}

/// A request's visitor, and the cookie for one who is new.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) visitor: Visitor,
    cookie: Option<HeaderValue>,
}

impl Identity {
    const UNTRACKED: Self = Self { visitor: Visitor::Untracked, cookie: None };

    /// Returns what an answer says about the visitor.
    pub(crate) fn standing(&self) -> HeaderValue {
        HeaderValue::from_static(match self.visitor {
            Visitor::Known(_) => "known",
            Visitor::New(_) => "new",
            Visitor::Untracked => "untracked",
        })
    }

    /// Returns the cookie to set, if there is one.
    pub(crate) fn cookie(self) -> Option<HeaderValue> {
        self.cookie
    }

    /// Returns this visitor, or an untracked one if the request wants that.
    pub(crate) fn unless(self, notrack: bool) -> Self {
        if notrack { Self::UNTRACKED } else { self }
    }

    fn of(request: &HttpRequest) -> Self {
        let says_no =
            |name: &HeaderName| request.headers().get(name).is_some_and(|value| value == "1");
        // HEAD has no side effects, so it is no visit.
        let head = request.extensions().get::<AskedWithHead>().is_some();
        if head || says_no(&DNT) || says_no(&SEC_GPC) {
            return Self::UNTRACKED;
        }
        if let Some(id) = cookie_of(request) {
            return Self { visitor: Visitor::Known(id), cookie: None };
        }
        let id = VisitorId::from_random_bytes(random::bytes());
        let style = request.app_data::<web::Data<CookieStyle>>();
        let attributes = style.map(|it| it.attributes.as_str()).unwrap_or_default();
        match HeaderValue::try_from(format!("{NAME}={id}{attributes}")) {
            Ok(cookie) => Self { visitor: Visitor::New(id), cookie: Some(cookie) },
            Err(_) => Self::UNTRACKED,
        }
    }
}

/// Returns the first `unique_id` among the cookies that is a UUID, and ignores others.
pub(crate) fn cookie_of(request: &HttpRequest) -> Option<VisitorId> {
    request.headers().get_all(COOKIE).filter_map(|it| it.to_str().ok()).find_map(|header| {
        header.split(';').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name.trim() == NAME).then(|| value.trim().trim_matches('"').parse().ok())?
        })
    })
}

impl FromRequest for Identity {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}
