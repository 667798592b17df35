//! What all pages of the dashboard share, made once at start.

use actix_web::http::header::{HeaderValue, InvalidHeaderValue};
use bams_app::signing_in::SigningIn;

use super::assets::Assets;
use super::zone::Zone;
use crate::origin;

/// The settings of the dashboard.
pub(crate) struct DashboardSettings {
    /// The name of the zone of moments. Empty for each browser's own.
    pub(crate) time_zone: String,
    /// The currency of revenue. Empty if nobody says.
    pub(crate) currency: String,
    /// How the outside world reaches this server.
    pub(crate) public_url: String,
    /// How image URLs begin.
    pub(crate) images: String,
    /// True if pages of other sites may call the API.
    pub(crate) has_allowed_origins: bool,
    /// What this node runs on, as the page of settings says it.
    pub(crate) node: NodeFacts,
}

/// What a node runs on. It contains no secrets.
#[derive(Clone, Debug)]
pub(crate) struct NodeFacts {
    /// The kind of database.
    pub(crate) database: &'static str,
    /// Where images lie.
    pub(crate) images: String,
    /// Where the history of visitors is.
    pub(crate) history: &'static str,
    /// The largest image, in bytes.
    pub(crate) max_image_bytes: usize,
    /// The largest file for an import, in bytes.
    pub(crate) max_import_bytes: usize,
}

/// What all pages of the dashboard share.
pub(crate) struct Dashboard {
    pub(crate) signing_in: SigningIn,
    pub(crate) assets: Assets,
    /// The zone of moments, or `None` for each browser's own.
    pub(crate) zone: Option<Zone>,
    pub(crate) currency: String,
    pub(crate) public_url: String,
    pub(crate) has_allowed_origins: bool,
    pub(crate) node: NodeFacts,
    /// The path under which the outside world reaches us, or empty.
    pub(crate) path: String,
    /// True if browsers reach us with https.
    pub(crate) https: bool,
    /// What pages may load.
    pub(crate) policy: HeaderValue,
}

impl Dashboard {
    /// Prepares the dashboard.
    pub(crate) fn new(
        settings: DashboardSettings,
        signing_in: SigningIn,
    ) -> Result<Self, InvalidHeaderValue> {
        let DashboardSettings {
            time_zone,
            currency,
            public_url,
            images,
            has_allowed_origins,
            node,
        } = settings;
        // A page may be asked for by another name than the one in image URLs.
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; \
             img-src 'self' data: {images}; connect-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'"
        );
        Ok(Self {
            signing_in,
            assets: Assets::pack(),
            zone: Zone::named(&time_zone),
            currency,
            path: origin::split(&public_url).1.to_owned(),
            https: public_url.starts_with("https://"),
            public_url,
            has_allowed_origins,
            node,
            policy: HeaderValue::try_from(policy)?,
        })
    }
}
