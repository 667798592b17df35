//! Uploads that may be sent again.

use std::io::{self, Read, Seek};

use actix_multipart::form::tempfile::TempFile;
use actix_web::web;
use bams_domain::Quarter;
use bams_storage::{Claim, ImportKind, ImportOptions, OnError};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::extract::idempotency::IdempotencyKey;
use crate::extract::principal::Principal;
use crate::paths;
use crate::problem::ApiError;

const BUFFER: usize = 32 * 1024;

/// What is attempted.
const READING: &str = "read an upload";

/// Returns the claim of an upload that has a key for being sent again, whose file is read for it.
pub(super) async fn claimed(
    file: TempFile,
    principal: &Principal,
    options: ImportOptions,
    key: IdempotencyKey,
) -> Result<(TempFile, Option<Claim>), ApiError> {
    if !key.is_given() {
        return Ok((file, None));
    }
    let reading = web::block(move || (fingerprint(&file, options), file));
    let (fingerprint, file) = reading.await.map_err(ApiError::unexpected(READING))?;
    let unreadable = |source| ApiError::Internal { action: READING, source };
    let fingerprint = fingerprint.map_err(unreadable)?;
    Ok((file, key.claim(principal, || fingerprint)))
}

/// Returns a hash of a file and of all that is said beside it, as 43 characters.
fn fingerprint(file: &TempFile, options: ImportOptions) -> io::Result<String> {
    let ImportOptions { kind, quarter, on_error, dry_run } = options;
    let (kind, quarter) = (kind.map(ImportKind::name), quarter.map(Quarter::number));
    let skip = on_error == OnError::Skip;
    let target = format!("POST {}", paths::IMPORTS);
    let asked = json!([target, file.file_name, kind, quarter, skip, dry_run]);
    let mut hash = Sha256::new_with_prefix(asked.to_string());
    let mut content = file.file.as_file();
    content.rewind()?;
    let mut buffer = vec![0; BUFFER];
    loop {
        match content.read(&mut buffer)? {
            0 => return Ok(BASE64_URL_SAFE_NO_PAD.encode(hash.finalize())),
            count => hash.update(&buffer[..count]),
        }
    }
}
