//! Who is asking: a key and its role.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};
use bams_storage::{Database, KeyText, Role, authenticate};

use crate::clock;
use crate::problem::ApiError;

/// A role that a handler asks for.
pub(crate) trait Needed {
    const ROLE: Role;
}

/// May read.
pub(crate) struct Viewer;

impl Needed for Viewer {
    const ROLE: Role = Role::Viewer;
}

/// May change.
pub(crate) struct Editor;

impl Needed for Editor {
    const ROLE: Role = Role::Editor;
}

/// May send events.
pub(crate) struct Ingest;

impl Needed for Ingest {
    const ROLE: Role = Role::Ingest;
}

/// Proof that the request carries a valid key whose role is enough for `R`.
pub(crate) struct Authorized<R> {
    role: PhantomData<R>,
}

impl<R: Needed> FromRequest for Authorized<R> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = key_text(request);
        let database = request.app_data::<web::Data<Database>>().cloned();
        Box::pin(async move {
            let (Some(text), Some(database)) = (text, database) else {
                return Err(ApiError::Unauthorized);
            };
            let key = authenticate(&database, &text, clock::unix_millis()).await?;
            let key = key.ok_or(ApiError::Unauthorized)?;
            if !key.role.may(R::ROLE) {
                return Err(ApiError::Forbidden { needed: R::ROLE, had: key.role });
            }
            Ok(Self { role: PhantomData })
        })
    }
}

fn key_text(request: &HttpRequest) -> Option<KeyText> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, text) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| KeyText::parse(text.trim()))?
}
