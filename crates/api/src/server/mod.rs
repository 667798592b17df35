//! The HTTP server.

mod capacity;
mod client;
mod cors;
mod demand;
mod envelope;
mod fallback;
mod listening;
mod pieces;
mod request_id;
mod shutdown;
mod state;

use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_multipart::form::MultipartFormConfig;
use actix_web::http::header::ContentType;
use actix_web::middleware::{Condition, from_fn};
use actix_web::web::{self, Bytes, Data, PathConfig, PayloadConfig, QueryConfig, ServiceConfig};
use actix_web::{App, HttpResponse, guard};
use utoipa_actix_web::AppExt;

use self::cors::cors;
use self::envelope::{Envelope, wrap};
use self::fallback::Methods;
use self::shutdown::stop_on_signal;
pub(crate) use self::state::State;
use crate::dashboard;
use crate::extract::access::Access;
use crate::extract::json::JSON_BYTES;
use crate::openapi;
use crate::paths;
use crate::problem::ApiError;
use crate::routes::{demo_shop, mount, problems, swagger_ui};

/// The settings of the HTTP server.
pub(crate) struct ServerSettings {
    /// The threads that answer. 0 is one for each processor.
    pub(crate) workers: usize,
    /// The most connections of all threads together, if the system allows as many.
    pub(crate) max_connections: usize,
    pub(crate) keep_alive: Duration,
    pub(crate) header_timeout: Duration,
    /// How long a client may take nothing of its answer.
    pub(crate) send_timeout: Duration,
    /// How long load balancers have to notice that it stops.
    pub(crate) drain_delay: Duration,
    /// How long requests in flight have after that.
    pub(crate) shutdown_timeout: Duration,
    /// The origins whose pages may call it.
    pub(crate) allowed_origins: Vec<String>,
    /// The largest form with a file, in bytes.
    pub(crate) max_upload_bytes: usize,
}

/// What all threads know of the document.
#[derive(Clone)]
struct Described {
    methods: Data<Methods>,
    access: Data<Access>,
    text: Data<DocumentText>,
}

impl Described {
    /// Reads the document, as clients see it that reach us under a path.
    fn read(path: &str) -> Result<Self, serde_json::Error> {
        let document = openapi::document()?;
        Ok(Self {
            methods: Data::new(Methods::of(&document)),
            access: Data::new(Access::of(&document)),
            text: Data::new(DocumentText(openapi::document_text(path)?.into())),
        })
    }

    fn share(&self, config: &mut ServiceConfig) {
        config
            .app_data(self.methods.clone())
            .app_data(self.access.clone())
            .app_data(self.text.clone());
    }
}

/// Serves until a signal ends it, and returns after the last request in flight. Calls `announce`
/// when requests are answered and signals are handled.
pub(crate) async fn run(
    listener: TcpListener,
    state: State,
    settings: ServerSettings,
    announce: impl FnOnce(),
) -> std::io::Result<()> {
    let draining = state.draining.clone();
    let (allowed_origins, max_upload_bytes) =
        (settings.allowed_origins.clone(), settings.max_upload_bytes);
    let described = Described::read(&state.path)?;
    let server = listening::serve(listener, &settings, move || {
        let (app, _) = App::new().into_utoipa_app().configure(mount::routes).split_for_parts();
        let serving = Arc::clone(&state.serving);
        let envelope = Rc::new(Envelope {
            limits: state.limits.clone(),
            metrics: state.metrics.clone(),
            https: state.https,
            path: state.path.clone(),
        });
        app.configure(|config| shared(config, &state, max_upload_bytes))
            .configure(|config| described.share(config))
            .data_factory(move || {
                let serving = Arc::clone(&serving);
                async move { serving.on_this_thread().await }
            })
            .configure(|config| pages(config, state.shop.as_deref()))
            .default_service(web::to(fallback::answer))
            .wrap(Condition::new(!allowed_origins.is_empty(), cors(&allowed_origins)))
            .wrap(from_fn(move |request, next| wrap(Rc::clone(&envelope), request, next)))
    })?;
    // Until the process ends, a second signal ends it at once.
    tokio::spawn(stop_on_signal(server.handle(), draining, settings.drain_delay)?);
    announce();
    server.await
}

/// Mounts the pages beside the document.
fn pages(config: &mut ServiceConfig, shop: Option<&str>) {
    if let Some(public_url) = shop {
        demo_shop::mount(config, public_url);
    }
    config
        .configure(dashboard::mount)
        .configure(problems::pages)
        .configure(swagger_ui::files)
        .service(web::resource(paths::DOCUMENT).guard(guard::Get()).to(openapi_json));
}

/// Adds state, limits and the refusals of the framework's extractors.
fn shared(config: &mut ServiceConfig, state: &State, max_bytes: usize) {
    config
        .app_data(Data::new(state.database.clone()))
        .app_data(state.managing.clone())
        .app_data(state.doorkeeper.clone())
        .app_data(Data::new(Arc::clone(&state.images)))
        .app_data(Data::new(state.image_watch.clone()))
        .app_data(state.banner_images.clone())
        .app_data(Data::from(Arc::clone(&state.tracking)))
        .app_data(Data::new(state.prepared.clone()))
        .app_data(state.metrics.clone())
        .app_data(Data::new(state.importing.clone()))
        .app_data(Data::new(state.cookies.clone()))
        .app_data(state.limits.clone())
        .app_data(Data::new(state.draining.clone()))
        .app_data(state.embedding.clone())
        .app_data(state.dashboard.clone())
        .app_data(PayloadConfig::new(JSON_BYTES))
        .app_data(
            PathConfig::default().error_handler(|_, request| no_number(request.path()).into()),
        )
        .app_data(
            QueryConfig::default()
                .error_handler(|error, _| ApiError::Malformed(error.to_string()).into()),
        )
        .app_data(MultipartFormConfig::default().total_limit(max_bytes));
}

/// Makes the refusal of a path without a number, since texts in paths may be any.
fn no_number(path: &str) -> ApiError {
    ApiError::Malformed(format!(
        "`{path}` has no whole number, or too large a one, where one belongs"
    ))
}

struct DocumentText(Bytes);

async fn openapi_json(document: Data<DocumentText>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(document.0.clone())
}
