//! The client of S3, which uses our own presigned URLs.

use std::time::Duration;

use bams_media::{MediaType, ObjectKey, S3Images};
use bytes::{Bytes, BytesMut};
use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};

use super::error::ImagesError;

/// How long connecting to S3 may take.
const CONNECT: Duration = Duration::from_secs(3);

/// How long the transfer of one image may take.
const WHOLE: Duration = Duration::from_secs(30);

/// Stores, fetches and deletes objects.
pub(super) struct Bucket {
    client: Client,
}

/// The object under a key.
pub(super) enum Fetched {
    Nothing,
    Whole(Bytes),
    TooLarge,
}

impl Bucket {
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .redirect(Policy::none())
            // A connection belongs to the thread that opened it, and other threads should not wait
            // for that one.
            .pool_max_idle_per_host(0);
        Ok(Self { client: client.build()? })
    }

    /// Stores an image and replaces an older one with the same key.
    pub(super) async fn put(
        &self,
        s3: &S3Images,
        key: &ObjectKey,
        media_type: MediaType,
        bytes: Bytes,
    ) -> Result<(), ImagesError> {
        let action = "store an image";
        let request = self
            .client
            .put(s3.presign_put(key, WHOLE)?.url)
            .header(CONTENT_TYPE, media_type.content_type())
            .header(CACHE_CONTROL, "private, max-age=31536000, immutable")
            .body(bytes);
        let answer = request.send().await.map_err(|error| unavailable(action, error))?;
        accepted(action, &answer)
    }

    /// Fetches an object, or finds that it has more than `limit` bytes.
    pub(super) async fn get(
        &self,
        s3: &S3Images,
        key: &ObjectKey,
        limit: usize,
    ) -> Result<Fetched, ImagesError> {
        let action = "fetch an upload";
        let request = self.client.get(s3.presign_get(key, WHOLE)?.url);
        let mut answer = request.send().await.map_err(|error| unavailable(action, error))?;
        match answer.status() {
            StatusCode::NOT_FOUND => return Ok(Fetched::Nothing),
            StatusCode::FORBIDDEN => {
                // S3 answers 403 for a missing object to those who may not list the bucket.
                tracing::warn!("S3 answered 403 when asked for an upload: taken for missing");
                return Ok(Fetched::Nothing);
            }
            _ => {}
        }
        accepted(action, &answer)?;
        let mut bytes = BytesMut::new();
        while let Some(part) = answer.chunk().await.map_err(|error| unavailable(action, error))? {
            if bytes.len() + part.len() > limit {
                return Ok(Fetched::TooLarge);
            }
            bytes.extend_from_slice(&part);
        }
        Ok(Fetched::Whole(bytes.freeze()))
    }

    /// Deletes an object, if there is one.
    pub(super) async fn delete(&self, s3: &S3Images, key: &ObjectKey) -> Result<(), ImagesError> {
        let action = "delete an upload";
        let request = self.client.delete(s3.presign_delete(key, WHOLE)?.url);
        let answer = request.send().await.map_err(|error| unavailable(action, error))?;
        accepted(action, &answer)
    }
}

/// Makes the error without the URL, which is signed.
fn unavailable(action: &'static str, error: reqwest::Error) -> ImagesError {
    ImagesError::StoreUnavailable { action, source: error.without_url() }
}

fn accepted(action: &'static str, answer: &Response) -> Result<(), ImagesError> {
    if answer.status().is_success() {
        return Ok(());
    }
    Err(ImagesError::StoreRefused { action, status: answer.status().as_u16() })
}
