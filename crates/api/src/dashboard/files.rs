//! Files that browsers send with forms.

use std::io::{Read, Seek};

use actix_multipart::form::tempfile::TempFile;
use actix_web::web::Bytes;
use tokio::task::spawn_blocking;

use crate::problem::ApiError;

/// Returns true unless a browser sent nothing for a field.
pub(super) fn is_chosen(file: &TempFile) -> bool {
    file.size > 0 || file.file_name.as_ref().is_some_and(|it| !it.is_empty())
}

/// Reads a file that has at most `limit` bytes.
pub(super) async fn bytes_of(file: TempFile, limit: usize) -> Result<Bytes, ApiError> {
    if !is_chosen(&file) {
        return Err(ApiError::invalid("image", "missing", "choose an image first"));
    }
    if file.size > limit {
        return Err(ApiError::TooLarge(format!("an image has at most {limit} bytes")));
    }
    let reading = spawn_blocking(move || {
        let mut file = file.file.into_file();
        let mut bytes = Vec::new();
        file.rewind()?;
        file.read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(bytes)
    });
    let read = reading.await.map_err(ApiError::unexpected("read an upload"))?;
    Ok(read.map_err(|source| ApiError::Internal { action: "read an upload", source })?.into())
}

/// Returns the name of a file without its folder and its ending, as a name for what is in it.
pub(super) fn stem(file: &TempFile) -> String {
    let name = file.file_name.as_deref().unwrap_or_default();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |it| it.0).trim();
    if stem.is_empty() { "Banner".to_owned() } else { stem.chars().take(200).collect() }
}
