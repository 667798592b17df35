//! Images of the local folder.

use std::fs::File;
use std::io::{Cursor, Read};
use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::web::{self, Data, Path, Query};
use actix_web::{HttpResponse, get};
use bams_app::MissingImages;
use bams_app::serving::Serving;
use bams_media::{Backend, Images, MediaError, ObjectKey, sniff};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::answer::file::{PIECE, pieces};
use crate::clock;
use crate::problem::ApiError;
use crate::problem::responses::SignedRefusals;
use crate::views::embed::RESOURCE_POLICY;

/// The signature of an image URL. Take the whole URL from a decision.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Signature {
    /// When the URL stops working, in unix seconds.
    #[param(required, example = 1_767_263_400)]
    expires: Option<i64>,
    /// Proof that this server made the URL.
    #[param(required, example = "15fa9ba1.kOKwuEvR9T0f4Qld")]
    signature: Option<String>,
}

/// Show an image
///
/// Images of the local folder, under the signed URLs that decisions contain.
#[utoipa::path(
    tag = "serving",
    operation_id = "read_image",
    params(
        ("key" = String, Path, description = "The object key", example = "image_141.png"),
        Signature,
    ),
    responses(
        (status = OK, description = "The image", content_type = "image/*", body = [u8]),
        SignedRefusals,
    ),
)]
#[get("/media/{key:.+}")]
pub(crate) async fn read_image(
    key: Path<String>,
    query: Query<Signature>,
    images: Data<Arc<Images>>,
    serving: Data<Serving>,
) -> Result<HttpResponse, ApiError> {
    let now = clock::unix_seconds();
    // An address without a signature is refused like one with a wrong one.
    let Signature { expires, signature } = query.into_inner();
    let (expires, signature) = (expires.unwrap_or_default(), signature.unwrap_or_default());
    let Backend::Local(folder) = images.backend() else { return Err(ApiError::NoSuchRoute) };
    let key = folder.verify(&key, expires, &signature, now)?;
    let Opened { beginning, rest, length } =
        open(Arc::clone(&images), key, &serving.missing).await?;
    // The type follows from the bytes, never from the name, and other files are not served.
    let media_type = sniff(&beginning).ok_or(ApiError::UnknownImage)?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, media_type.content_type()))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((RESOURCE_POLICY, "cross-origin"))
        .insert_header((CACHE_CONTROL, format!("private, max-age={}, immutable", expires - now)));
    if beginning.len() as u64 == length {
        return Ok(response.body(beginning));
    }
    let rest = pieces(Cursor::new(beginning).chain(rest));
    Ok(response.no_chunking(length).streaming(rest))
}

/// An image of which not more than the beginning is in memory.
struct Opened {
    beginning: Vec<u8>,
    rest: File,
    length: u64,
}

/// Opens an image of the folder on a thread that may wait for the disk. Notes one that is not there.
async fn open(
    images: Arc<Images>,
    key: ObjectKey,
    missing: &MissingImages,
) -> Result<Opened, ApiError> {
    let opening = web::block(move || {
        let mut file = match images.backend() {
            Backend::Local(folder) => folder.folder().open(&key)?,
            Backend::S3(_) => return Err(MediaError::UnknownImage(key)),
        };
        let mut read = || {
            let mut beginning = Vec::new();
            Read::by_ref(&mut file).take(PIECE).read_to_end(&mut beginning)?;
            let length = file.metadata()?.len();
            Ok((beginning, length))
        };
        match read() {
            Ok((beginning, length)) => Ok(Opened { beginning, rest: file, length }),
            Err(source) => Err(MediaError::File { action: "read", key, source }),
        }
    });
    let opened = opening.await.map_err(ApiError::unexpected("read an image"))?;
    if let Err(MediaError::UnknownImage(key)) = &opened {
        missing.note(key.clone());
    }
    Ok(opened?)
}
