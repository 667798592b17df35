//! Somebody who signed in and asks for a page, with everything that pages need.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse};
use bams_app::importing::Importing;
use bams_app::managing::{BannerImages, Managing};
use bams_app::serving::Serving;
use bams_media::Images;
use bams_storage::{Actor, ApiKey, Database, Role, TokenText};

use super::browser::Browser;
use super::cookies;
use super::fields::encoded;
use super::shared::Dashboard;
use crate::answer::prepared_banner::PreparedBanners;
use crate::clock;
use crate::extract::limits::Limits;
use crate::problem::ApiError;
use crate::telemetry::{ImageWatch, Metrics};

/// Where people sign in.
pub(super) const SIGN_IN: &str = "/dashboard/sign-in";

/// The answer of a page.
pub(crate) type Answer = Result<HttpResponse, ApiError>;

/// The parts of the server that pages call.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) dashboard: Data<Dashboard>,
    pub(crate) database: Data<Database>,
    pub(crate) managing: Data<Managing>,
    pub(crate) banner_images: Data<BannerImages>,
    pub(crate) importing: Data<Importing>,
    pub(crate) serving: Data<Serving>,
    pub(crate) images: Data<Arc<Images>>,
    pub(crate) image_watch: Data<ImageWatch>,
    pub(crate) metrics: Data<Metrics>,
    pub(crate) limits: Data<Limits>,
    pub(crate) prepared: Data<PreparedBanners>,
}

impl Parts {
    /// Returns the parts of the server that takes a request.
    pub(crate) fn of(request: &HttpRequest) -> Option<Self> {
        fn part<T: 'static>(request: &HttpRequest) -> Option<Data<T>> {
            request.app_data::<Data<T>>().cloned()
        }
        Some(Self {
            dashboard: part(request)?,
            database: part(request)?,
            managing: part(request)?,
            banner_images: part(request)?,
            importing: part(request)?,
            serving: part(request)?,
            images: part(request)?,
            image_watch: part(request)?,
            metrics: part(request)?,
            limits: part(request)?,
            prepared: part(request)?,
        })
    }
}

/// Somebody who signed in. Their key may read everything that pages show.
pub(crate) struct Desk {
    pub(crate) parts: Parts,
    pub(crate) key: ApiKey,
    pub(crate) token: TokenText,
    pub(crate) browser: Browser,
    /// The moment of the request, in unix milliseconds.
    pub(crate) now: i64,
    pub(crate) request: HttpRequest,
}

impl Desk {
    /// Returns the author for the audit log.
    pub(crate) fn actor(&self) -> Actor {
        Actor { id: self.key.id.clone(), name: self.key.name.clone() }
    }

    /// Returns true if somebody may do what needs a role.
    pub(crate) fn may(&self, needed: Role) -> bool {
        self.key.role.may(needed)
    }

    /// Fails unless somebody may do what needs a role.
    pub(crate) fn needs(&self, needed: Role) -> Result<(), ApiError> {
        if self.may(needed) {
            Ok(())
        } else {
            Err(ApiError::Forbidden { needed, had: self.key.role })
        }
    }

    /// Returns the signed URL of an image, or `None` while URLs cannot be signed.
    pub(crate) fn image_url(&self, key: &str) -> Option<String> {
        let url = self.parts.images.url(key, self.now.div_euclid(1000)).ok()?;
        Some(url.url.clone())
    }

    /// Leads to another page after a change.
    #[expect(clippy::unused_self, reason = "pages ask the desk for their answers")]
    pub(crate) fn lead_to(&self, address: &str) -> HttpResponse {
        see_other(address)
    }
}

/// Leads to another page, which is asked for with GET.
pub(super) fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, address.to_owned())).finish()
}

impl FromRequest for Desk {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let parts = Parts::of(&request).ok_or(ApiError::Undeclared)?;
            let (now, browser) =
                (clock::unix_millis(), Browser::of(&request, Some(&parts.dashboard)));
            let Some(token) = cookies::session_of(&request) else {
                return Err(sign_in_first(&request));
            };
            let recognized = parts.dashboard.signing_in.recognize(&token, now).await;
            let Some(signed_in) = recognized.map_err(ApiError::from)? else {
                return Err(sign_in_first(&request));
            };
            let key = signed_in.key;
            parts.limits.admit_key(&key.id)?;
            Ok(Self { parts, key, token, browser, now, request })
        })
    }
}

/// Leads to the page for signing in, which leads back.
fn sign_in_first(request: &HttpRequest) -> Error {
    let asked = request.uri().path_and_query().map_or("", |it| it.as_str());
    let leads_back = request.method().is_safe() && asked != "/dashboard/";
    let address =
        if leads_back { format!("{SIGN_IN}?next={}", encoded(asked)) } else { SIGN_IN.to_owned() };
    InternalError::from_response("nobody signed in", see_other(&address)).into()
}
