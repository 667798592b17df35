//! The style sheet, the script and the icon: compiled in, under names that contain their hashes.

use std::io::Write;

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_ENCODING;
use actix_web::web::Bytes;
use data_encoding::HEXLOWER;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// The folder of the files in addresses.
const FOLDER: &str = "/dashboard/assets/";

/// How many characters of a hash stand in a name.
const HASH_LENGTH: usize = 16;

const FILES: [(&str, &str, &str, &str); 3] = [
    ("style", "css", "text/css; charset=utf-8", include_str!("../../assets/dashboard/style.css")),
    ("app", "js", "text/javascript; charset=utf-8", include_str!("../../assets/dashboard/app.js")),
    ("icon", "svg", "image/svg+xml", include_str!("../../assets/dashboard/icon.svg")),
];

/// A file of the dashboard.
#[derive(Clone, Debug)]
pub(super) struct Asset {
    name: String,
    pub(super) media_type: &'static str,
    pub(super) plain: &'static str,
    pub(super) packed: Bytes,
}

/// The files of the dashboard, packed once at start.
#[derive(Clone, Debug)]
pub(crate) struct Assets(Vec<Asset>);

impl Assets {
    /// Packs the files.
    pub(crate) fn pack() -> Self {
        let asset =
            |(stem, ending, media_type, plain): (&str, &str, &'static str, &'static str)| {
                let hash = HEXLOWER.encode(&Sha256::digest(plain.as_bytes()));
                let name = format!("{stem}.{}.{ending}", &hash[..HASH_LENGTH]);
                Asset {
                    name,
                    media_type,
                    plain,
                    packed: packed(plain.as_bytes(), Compression::best()),
                }
            };
        Self(FILES.map(asset).into())
    }

    /// Returns the file of a name, or `None` if there is none of this name now.
    pub(super) fn find(&self, name: &str) -> Option<&Asset> {
        self.0.iter().find(|asset| asset.name == name)
    }

    /// Returns the addresses of style sheet, script and icon.
    pub(crate) fn addresses(&self) -> [String; 3] {
        let address = |index: usize| {
            let name = self.0.get(index).map_or("", |asset| asset.name.as_str());
            format!("{FOLDER}{name}")
        };
        [address(0), address(1), address(2)]
    }
}

/// Returns bytes packed with gzip.
pub(crate) fn packed(bytes: &[u8], level: Compression) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    // Writing to memory cannot fail.
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.unwrap_or_default().into()
}

/// Returns true if a client unpacks gzip.
pub(crate) fn takes_gzip(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(ACCEPT_ENCODING).and_then(|it| it.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = quality
            .trim()
            .strip_prefix("q=")
            .is_some_and(|it| it.starts_with('0') && it.parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn gzip_is_taken_unless_it_is_refused() {
        for (accepted, expected) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip;q=0.000", false),
            ("br", false),
            ("", false),
        ] {
            let request = TestRequest::get().insert_header((ACCEPT_ENCODING, accepted));
            assert_eq!(takes_gzip(&request.to_http_request()), expected, "{accepted}");
        }
    }

    #[test]
    fn style_and_script_keep_their_budgets() {
        for ((name, _, _, text), most) in FILES.into_iter().zip([24_000, 12_000, 1_000]) {
            assert!(text.len() <= most, "{name} has {} bytes", text.len());
        }
    }
}
