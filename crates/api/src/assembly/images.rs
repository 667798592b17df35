//! Making the signer of image URLs from the settings.

use std::error::Error;

use bams_app::Secrets;
use bams_media::{Backend, Images, LocalImages, S3Images, S3Settings};

use crate::config::{ImageBackend, Settings, in_full};

/// Makes the signer of image URLs.
pub(super) fn open(
    settings: &Settings,
    secrets: &Secrets,
    public_url: &str,
) -> Result<Images, Box<dyn Error>> {
    let media = &settings.media;
    let backend = match media.backend {
        ImageBackend::Local => {
            let folder =
                LocalImages::new(in_full(&media.local.path), public_url, secrets.image_key()?);
            Backend::Local(folder.with_retired_keys(secrets.previous_image_keys()?))
        }
        ImageBackend::S3 => {
            let credentials = &settings.s3_credentials;
            Backend::S3(S3Images::new(S3Settings {
                bucket: media.s3.bucket.clone(),
                region: media.s3.region.clone(),
                endpoint: Some(media.s3.endpoint.clone()).filter(|endpoint| !endpoint.is_empty()),
                path_style: media.s3.path_style,
                access_key_id: credentials.access_key_id.expose().into(),
                secret_access_key: credentials.secret_access_key.expose().into(),
                session_token: (!credentials.session_token.is_empty())
                    .then(|| credentials.session_token.expose().into()),
            })?)
        }
    };
    let images = Images::new(backend, *media.url_ttl);
    if !images.can_sign() {
        tracing::warn!(
            "no S3 credentials: decisions that have a banner to show are refused until there are some"
        );
    }
    Ok(images)
}
