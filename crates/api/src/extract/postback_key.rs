//! The key in the URL of a postback.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use bams_storage::{ApiKey, Doorkeeper, KeyText, Proof, Role};

use super::limits::Limits;
use crate::clock;
use crate::problem::ApiError;

/// Proof that the path ends with a valid key for postbacks. Every other text is a link that does not
/// exist, and counts as a forged key unless it was a key once.
pub(crate) struct PostbackKey(pub(crate) ApiKey);

impl FromRequest for PostbackKey {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = KeyText::parse(request.match_info().query("token"));
        let doorkeeper = request.app_data::<Data<Doorkeeper>>().cloned();
        let limits = request.app_data::<Data<Limits>>().cloned();
        let address = limits.as_ref().and_then(|it| it.address(request));
        Box::pin(async move {
            let (Some(doorkeeper), Some(limits)) = (doorkeeper, limits) else {
                return Err(ApiError::Undeclared);
            };
            let proof = async {
                match &text {
                    Some(text) => doorkeeper.authenticate(text, clock::unix_millis()).await,
                    None => Ok(Proof::Wrong),
                }
            };
            let proven = limits.prove(address, proof).await?;
            let postback = proven.filter(|(key, _)| key.role == Role::Postback);
            postback.map(|(key, _)| Self(key)).ok_or(ApiError::UnknownLink)
        })
    }
}
