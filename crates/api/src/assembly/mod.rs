//! Making the parts of a server from the settings.

pub(crate) mod history;
mod images;
pub(crate) mod places;
mod secrets;
pub(crate) mod settings;
pub(crate) mod store;

use std::error::Error;
use std::sync::Arc;

use actix_web::web::Data;
use bams_app::Secrets;
use bams_app::images::{ImagesSettings, Tickets, Uploads};
use bams_app::importing::Importing;
use bams_app::managing::{BannerImages, Managing};
use bams_app::serving::{DecisionCounters, Serving};
use bams_app::signing_in::SigningIn;
use bams_app::tracking::{LinkValidity, Tokens, Tracking, TrackingCounters, Traffic};
use bams_media::Images;
use bams_storage::{
    Database, Doorkeeper, EventWriter, Events, Sessions, Snapshots, Visitors, links_expired_before,
};

use crate::answer::prepared_banner::PreparedBanners;
use crate::answer::tracking_links::Links;
use crate::config::Settings;
use crate::dashboard::shared::Dashboard;
use crate::draining::Draining;
use crate::extract::address::Addresses;
use crate::extract::limits::Limits;
use crate::extract::visitor::CookieStyle;
use crate::origin;
use crate::routes::embed::Embedding;
use crate::server::State;
use crate::telemetry::{ImageWatch, Metrics};

/// The parts of a server.
pub(crate) struct AssembledParts {
    /// The state that requests share.
    pub(crate) state: State,
    /// The writer of events.
    pub(crate) writer: EventWriter,
}

/// Makes the parts of a server whose public address is `public_url`.
pub(crate) async fn parts(
    database: Database,
    settings: &Settings,
    public_url: &str,
) -> Result<AssembledParts, Box<dyn Error>> {
    let https = public_url.starts_with("https://");
    let secrets = secrets::open(settings)?;
    let images = Arc::new(images::open(settings, &secrets, public_url)?);
    let history = history::open(settings).await?;
    let snapshots = Snapshots::load(database.clone()).await?;
    let (lifetime, capacity) =
        (*settings.selection.history_ttl, settings.visitor.preferences_capacity);
    let visitors = Visitors::load(database.clone(), lifetime, capacity, &history).await?;
    let managing = Managing::serving(database.clone(), Arc::clone(&snapshots));
    let uploads = Arc::new(uploads(settings, &secrets, &images)?);
    let doorkeeper = Data::new(Doorkeeper::new(database.clone()));
    let decisions = Arc::new(DecisionCounters::default());
    let (tracking, writer) = tracking(&database, &snapshots, settings, &secrets).await?;
    let state = State {
        importing: importing(&database, &snapshots, settings).await?,
        metrics: Data::new(Metrics::new(Arc::clone(&decisions))),
        tracking: Arc::new(tracking),
        cookies: cookies(settings, public_url),
        limits: limits(settings),
        serving: Arc::new(Serving {
            snapshots: Arc::clone(&snapshots),
            history,
            visitors: Arc::new(visitors),
            images: Arc::clone(&images),
            missing: Arc::default(),
            counters: decisions,
        }),
        prepared: prepared(&images, &secrets, public_url),
        draining: Draining::default(),
        image_watch: ImageWatch::default(),
        embedding: Data::new(Embedding::new(public_url, images.origin())?),
        dashboard: Data::new(dashboard(&database, &doorkeeper, &images, settings, public_url)?),
        https,
        path: origin::split(public_url).1.to_owned(),
        shop: None,
        banner_images: Data::new(BannerImages::new(managing.clone(), uploads)),
        managing: Data::new(managing),
        doorkeeper,
        database,
        snapshots,
        images,
    };
    Ok(AssembledParts { state, writer })
}

fn dashboard(
    database: &Database,
    doorkeeper: &Data<Doorkeeper>,
    images: &Images,
    settings: &Settings,
    public_url: &str,
) -> Result<Dashboard, Box<dyn Error>> {
    let doorkeeper = Arc::clone(doorkeeper);
    let sessions = Sessions::new(database.clone(), Arc::clone(&doorkeeper));
    let lifetime = *settings.dashboard.session_lifetime;
    let signing_in = SigningIn::new(sessions, doorkeeper, lifetime);
    let shared = settings::dashboard(settings, public_url, images.origin());
    Ok(Dashboard::new(shared, signing_in)?)
}

fn prepared(images: &Arc<Images>, secrets: &Secrets, public_url: &str) -> PreparedBanners {
    let links = Links::new(tokens(secrets), public_url);
    PreparedBanners::new(Arc::clone(images), links)
}

fn cookies(settings: &Settings, public_url: &str) -> CookieStyle {
    settings::warn_of_lost_cookies(settings, public_url);
    let (visitor, https) = (&settings.visitor, public_url.starts_with("https://"));
    CookieStyle::new(visitor.same_site, visitor.cookie_lifetime.as_secs(), https)
}

fn limits(settings: &Settings) -> Data<Limits> {
    let server = &settings.server;
    let addresses = Addresses::new(server.trusted_proxies.clone(), server.address_header);
    Data::new(Limits::new(&settings.limits, addresses))
}

fn tokens(secrets: &Secrets) -> Tokens {
    Tokens::new(secrets.current(), secrets.previous())
}

fn uploads(
    settings: &Settings,
    secrets: &Secrets,
    images: &Arc<Images>,
) -> Result<Uploads, Box<dyn Error>> {
    let media = &settings.media;
    let tickets = Tickets::new(secrets.current(), secrets.previous());
    let taken = ImagesSettings {
        prefix: media.prefix.parse()?,
        upload_ttl: *media.upload_ttl,
        max_bytes: media.max_image_bytes,
        max_pixels: media.max_image_pixels,
    };
    Ok(Uploads::new(Arc::clone(images), tickets, taken)?)
}

async fn tracking(
    database: &Database,
    snapshots: &Arc<Snapshots>,
    settings: &Settings,
    secrets: &Secrets,
) -> Result<(Tracking, EventWriter), Box<dyn Error>> {
    let (events, writer) = Events::open(database.clone(), settings.tracking.queue);
    let expired_before = links_expired_before(database).await?;
    let tracking = Tracking {
        tokens: tokens(secrets),
        events,
        snapshots: Arc::clone(snapshots),
        traffic: Traffic::new(&settings::traffic(settings)),
        validity: LinkValidity::new(*settings.tracking.link_ttl, expired_before),
        counters: TrackingCounters::default(),
    };
    Ok((tracking, writer))
}

async fn importing(
    database: &Database,
    snapshots: &Arc<Snapshots>,
    settings: &Settings,
) -> Result<Importing, Box<dyn Error>> {
    let imports = store::imports(database, settings)?;
    Ok(Importing::open(imports, settings.imports.queue, Arc::clone(snapshots)).await?)
}
