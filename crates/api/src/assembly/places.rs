//! Where the parts of a store lie.

use std::path::{Path, PathBuf};

use bams_app::KEY_FILE;
use bams_app::backup::StorePlaces;
use bams_storage::{DatabaseAddress, sqlite_file};

use crate::config::{ImageBackend, Settings, in_full};

/// Returns the places of a SQLite store, or `None` if the database is a server.
pub(crate) fn of_store(settings: &Settings) -> Option<StorePlaces> {
    let database = in_full(&sqlite_file(settings.database.url.expose())?);
    let media = &settings.media;
    Some(StorePlaces {
        database,
        key: settings.secrets.signing_key.expose().is_empty().then(|| key(settings)),
        images: (media.backend == ImageBackend::Local).then(|| in_full(&media.local.path)),
    })
}

/// Returns the file of a key that is not configured: beside a SQLite file, or else in the working
/// directory.
pub(super) fn key(settings: &Settings) -> PathBuf {
    let database = sqlite_file(settings.database.url.expose());
    in_full(&database.as_deref().and_then(Path::parent).unwrap_or(Path::new("")).join(KEY_FILE))
}

/// Returns the place of the database, without user and password. A file has its whole path.
pub(crate) fn database(settings: &Settings) -> String {
    let url = settings.database.url.expose();
    if let Some(file) = sqlite_file(url) {
        return format!("sqlite://{}", in_full(&file).display());
    }
    let address = url.parse::<DatabaseAddress>();
    address.map_or_else(|_| "`database.url`".to_owned(), |address| address.to_string())
}

/// Returns the places of Redis, without users and passwords, or `none`.
pub(crate) fn redis(settings: &Settings) -> String {
    let urls = settings.redis.url.expose().split(',').map(str::trim).filter(|url| !url.is_empty());
    let places: Vec<_> = urls.map(without_login).collect();
    if places.is_empty() { "none".to_owned() } else { places.join(",") }
}

/// Returns where images lie: the whole path of a folder, or the address of a bucket.
pub(crate) fn images(settings: &Settings) -> String {
    let media = &settings.media;
    match media.backend {
        ImageBackend::Local => in_full(&media.local.path).display().to_string(),
        ImageBackend::S3 => {
            // What is no address of a server is refused later, and may be a secret.
            let endpoint = media.s3.endpoint.trim_end_matches('/');
            let is_server = ["http://", "https://"].iter().any(|it| endpoint.starts_with(it));
            let host = if is_server { endpoint } else { &media.s3.region };
            format!("s3://{} ({host})", media.s3.bucket)
        }
    }
}

/// Returns scheme, host and path of a URL. A login ends with the last `@`, a password may also stand
/// in the query.
fn without_login(url: &str) -> String {
    let url = url.split('?').next().unwrap_or_default();
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn places_have_whole_paths_and_no_secrets() {
        let mut settings = config::defaults();
        assert!(database(&settings).starts_with("sqlite:///"), "{}", database(&settings));
        assert_eq!(redis(&settings), "none");
        assert!(images(&settings).starts_with('/'), "{}", images(&settings));

        let urls = "rediss://me:se@cret@a:6379/0, redis+unix:///run/redis?pass=secret";
        settings.redis.url = urls.to_owned().into();
        settings.database.url = "mysql://bams:secret@db/bams?ssl-mode=required".to_owned().into();
        settings.media.backend = ImageBackend::S3;
        settings.media.s3.bucket = "banners".to_owned();
        assert_eq!(redis(&settings), "rediss://a:6379/0,redis+unix:///run/redis");
        assert_eq!(database(&settings), "mysql://db/bams");
        assert_eq!(images(&settings), "s3://banners (us-east-1)");
    }
}
