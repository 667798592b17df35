//! The files of Swagger UI.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::http::header::{CONTENT_ENCODING, ContentEncoding};
use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpResponse, guard};
use utoipa_swagger_ui::{Config, serve};

use crate::paths;
use crate::problem::ApiError;

/// Mounts the files. The crate's own service copies a file for every request.
pub(crate) fn files(config: &mut ServiceConfig) {
    // The document stands beside the folder of these files, also behind a proxy that adds a path. No
    // other server is asked whether it is valid.
    let settings = Config::from(format!("..{}", paths::DOCUMENT))
        .try_it_out_enabled(true)
        .persist_authorization(true)
        .validator_url("none");
    let files = web::resource(paths::SWAGGER_UI_FILES)
        .guard(guard::Get())
        .app_data(Data::new(settings))
        .to(file);
    config.service(files);
}

async fn file(path: Path<String>, config: Data<Config<'static>>) -> Result<HttpResponse, ApiError> {
    let file = serve(&path, Arc::clone(&config)).map_err(|error| {
        ApiError::unexpected("write the start of Swagger UI")(error.to_string())
    })?;
    let file = file.ok_or(ApiError::NoSuchRoute)?;
    let mut response = HttpResponse::Ok();
    if file.gzpipped {
        response.insert_header((CONTENT_ENCODING, ContentEncoding::Gzip));
    }
    let bytes = match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    Ok(response.content_type(file.content_type).body(bytes))
}
