//! Whether an upload is worth reading.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use bams_app::importing::{Importing, ImportingError};

use crate::problem::ApiError;

/// Proof that an upload is worth reading: the queue has room.
pub(crate) struct Room;

impl FromRequest for Room {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let importing = request.app_data::<web::Data<Importing>>();
        let room = importing.map_or(Err(ImportingError::Closed), |it| it.has_room());
        ready(room.map(|()| Self).map_err(ApiError::from))
    }
}
