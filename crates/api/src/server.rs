//! The HTTP server: state, routes, and how it stops.

use std::net::TcpListener;
use std::num::NonZero;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_cors::Cors;
use actix_multipart::form::MultipartFormConfig;
use actix_web::dev::ServerHandle;
use actix_web::http::header::{
    CONTENT_DISPOSITION, ContentType, ETAG, HeaderName, LINK, LOCATION, RETRY_AFTER,
};
use actix_web::middleware::{Condition, from_fn};
use actix_web::web::{self, Data, PathConfig, PayloadConfig, QueryConfig, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer, guard};
use bams_media::Images;
use bams_storage::{Database, Doorkeeper, Snapshots};
use tokio::signal::unix::{Signal, SignalKind, signal};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config as SwaggerConfig, SwaggerUi};

use crate::access::Access;
use crate::allow::{self, Methods};
use crate::config::Settings;
use crate::demo::landing;
use crate::draining::Draining;
use crate::form::JSON_BYTES;
use crate::frame::{Frame, frame};
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::openapi;
use crate::problem::ApiError;
use crate::routes::embed::Embedding;
use crate::routes::home;
use crate::routes::imports::ImportDesk;
use crate::serving::Serving;
use crate::tracking::Tracking;
use crate::uploads::Uploads;
use crate::visitor::CookieStyle;

/// What requests share.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) database: Database,
    pub(crate) snapshots: Arc<Snapshots>,
    pub(crate) doorkeeper: Data<Doorkeeper>,
    pub(crate) images: Arc<Images>,
    pub(crate) uploads: Data<Uploads>,
    pub(crate) serving: Arc<Serving>,
    pub(crate) tracking: Arc<Tracking>,
    pub(crate) metrics: Data<Metrics>,
    pub(crate) desk: ImportDesk,
    pub(crate) cookies: CookieStyle,
    pub(crate) draining: Draining,
    pub(crate) embedding: Data<Embedding>,
    /// Whether the outside world reaches this server with https.
    pub(crate) https: bool,
    /// Where the outside world reaches the shop of the demo, if this is the demo.
    pub(crate) shop: Option<String>,
}

/// Serves until a signal ends it; answers after the last request in flight. Calls `announce` when
/// requests are answered and signals are heeded.
pub(crate) async fn run(
    listener: TcpListener,
    state: State,
    settings: &Settings,
    announce: impl FnOnce(),
) -> std::io::Result<()> {
    let draining = state.draining.clone();
    let origins = settings.cors.allowed_origins.to_vec();
    let max_bytes = settings.imports.max_bytes;
    let document = openapi::document()?;
    let methods = Data::new(Methods::of(&document));
    let access = Data::new(Access::of(&document));
    let limits = Data::new(Limits::new(&settings.limits, settings.server.trusted_proxies.clone()));
    let document = Data::new(DocumentText(openapi::document_text()?));

    let server = HttpServer::new(move || {
        let (app, _) = App::new().into_utoipa_app().configure(openapi::routes).split_for_parts();
        let serving = Arc::clone(&state.serving);
        let around = Rc::new(Frame { limits: limits.clone(), https: state.https });
        app.configure(|config| shared(config, &state, max_bytes))
            .data_factory(move || {
                let serving = Arc::clone(&serving);
                async move { serving.on_this_thread().await }
            })
            .app_data(methods.clone())
            .app_data(access.clone())
            .app_data(limits.clone())
            .app_data(document.clone())
            .configure(|config| {
                if let Some(public_url) = &state.shop {
                    landing::mount(config, public_url);
                }
            })
            .configure(home::pages)
            .service(web::resource("/openapi.json").guard(guard::Get()).to(openapi_json))
            .service(SwaggerUi::new("/docs/{_:.*}").config(SwaggerConfig::from("/openapi.json")))
            .default_service(web::to(allow::refuse))
            .wrap(Condition::new(!origins.is_empty(), cors(&origins)))
            .wrap(from_fn(move |request, next| frame(Rc::clone(&around), request, next)))
    });
    let workers = match settings.server.workers {
        0 => std::thread::available_parallelism().map_or(1, NonZero::get),
        workers => workers,
    };
    let server = server
        .workers(workers)
        .max_connections(settings.server.max_connections.div_ceil(workers))
        .keep_alive(*settings.server.keep_alive)
        .client_request_timeout(*settings.server.header_timeout)
        .listen(listener)?
        .disable_signals()
        .shutdown_timeout(settings.server.shutdown_timeout.as_secs().max(1))
        .run();
    // Until the process ends a second signal ends it at once.
    tokio::spawn(stop_on_signal(server.handle(), draining, *settings.server.drain_delay)?);
    announce();
    server.await
}

/// State, limits and the refusals of the framework's extractors.
fn shared(config: &mut ServiceConfig, state: &State, max_bytes: usize) {
    config
        .app_data(Data::new(state.database.clone()))
        .app_data(Data::new(Arc::clone(&state.snapshots)))
        .app_data(state.doorkeeper.clone())
        .app_data(Data::new(Arc::clone(&state.images)))
        .app_data(state.uploads.clone())
        .app_data(Data::from(Arc::clone(&state.tracking)))
        .app_data(state.metrics.clone())
        .app_data(Data::new(state.desk.clone()))
        .app_data(Data::new(state.cookies.clone()))
        .app_data(Data::new(state.draining.clone()))
        .app_data(state.embedding.clone())
        .app_data(PayloadConfig::new(JSON_BYTES))
        .app_data(
            PathConfig::default().error_handler(|_, request| no_number(request.path()).into()),
        )
        .app_data(
            QueryConfig::default()
                .error_handler(|it, _| ApiError::Malformed(it.to_string()).into()),
        )
        .app_data(MultipartFormConfig::default().total_limit(max_bytes));
}

/// Paths have texts, which may be any, and numbers.
fn no_number(path: &str) -> ApiError {
    ApiError::Malformed(format!(
        "`{path}` has no whole number, or too large a one, where one belongs"
    ))
}

struct DocumentText(String);

async fn openapi_json(document: Data<DocumentText>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(document.0.clone())
}

/// What scripts of those pages may read of an answer, beside its body.
const EXPOSED: [HeaderName; 7] = [
    ETAG,
    LINK,
    LOCATION,
    RETRY_AFTER,
    CONTENT_DISPOSITION,
    HeaderName::from_static("idempotency-replayed"),
    HeaderName::from_static("x-request-id"),
];

/// Pages of the allowed origins may call us, with the visitor's cookie; no others.
fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allow_any_method()
        .allow_any_header()
        .expose_headers(EXPOSED)
        .supports_credentials()
        .max_age(3600)
        .block_on_origin_mismatch(false);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// On the first signal says "not ready", waits until load balancers have noticed, and stops
/// after the requests in flight. A second signal ends the process at once, also when the server has
/// stopped and the process waits for an import.
fn stop_on_signal(
    server: ServerHandle,
    draining: Draining,
    drain_delay: Duration,
) -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        either(&mut terminate, &mut interrupt).await;
        tracing::info!("stopping: no longer ready, finishing what is in flight");
        draining.begin();
        tokio::spawn(async move {
            tokio::time::sleep(drain_delay).await;
            server.stop(true).await;
        });
        either(&mut terminate, &mut interrupt).await;
        tracing::warn!("a second signal: stopping at once");
        std::process::exit(1);
    })
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
