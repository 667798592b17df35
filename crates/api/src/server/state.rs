//! The state that requests share.

use std::sync::Arc;

use actix_web::web::Data;
use bams_app::importing::Importing;
use bams_app::managing::{BannerImages, Managing};
use bams_app::serving::Serving;
use bams_app::tracking::Tracking;
use bams_media::Images;
use bams_storage::{Database, Doorkeeper, Snapshots};

use crate::answer::prepared_banner::PreparedBanners;
use crate::dashboard::shared::Dashboard;
use crate::draining::Draining;
use crate::extract::limits::Limits;
use crate::extract::visitor::CookieStyle;
use crate::routes::embed::Embedding;
use crate::telemetry::{ImageWatch, Metrics};

/// The state that requests share: the parts of the server.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) database: Database,
    pub(crate) snapshots: Arc<Snapshots>,
    pub(crate) managing: Data<Managing>,
    pub(crate) doorkeeper: Data<Doorkeeper>,
    pub(crate) images: Arc<Images>,
    pub(crate) image_watch: ImageWatch,
    pub(crate) banner_images: Data<BannerImages>,
    pub(crate) serving: Arc<Serving>,
    pub(crate) prepared: PreparedBanners,
    pub(crate) tracking: Arc<Tracking>,
    pub(crate) metrics: Data<Metrics>,
    pub(crate) importing: Importing,
    pub(crate) cookies: CookieStyle,
    pub(crate) limits: Data<Limits>,
    pub(crate) draining: Draining,
    pub(crate) embedding: Data<Embedding>,
    pub(crate) dashboard: Data<Dashboard>,
    /// True if clients reach this server with https.
    pub(crate) https: bool,
    /// The path of the public address, such as `/pictures`; mostly empty.
    pub(crate) path: String,
    /// The public address of the demo's shop, if this is the demo.
    pub(crate) shop: Option<String>,
}
