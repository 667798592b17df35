//! The HTTP server.

mod cors;
mod envelope;
mod fallback;
mod request_id;
mod shutdown;
mod state;

use std::net::TcpListener;
use std::num::NonZero;
use std::rc::Rc;
use std::sync::Arc;

use actix_multipart::form::MultipartFormConfig;
use actix_web::http::header::ContentType;
use actix_web::middleware::{Condition, from_fn};
use actix_web::web::{self, Data, PathConfig, PayloadConfig, QueryConfig, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer, guard};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config as SwaggerConfig, SwaggerUi};

use self::cors::cors;
use self::envelope::{Envelope, wrap};
use self::fallback::Methods;
use self::shutdown::stop_on_signal;
pub(crate) use self::state::State;
use crate::config::Settings;
use crate::extract::access::Access;
use crate::extract::json::JSON_BYTES;
use crate::extract::limits::Limits;
use crate::openapi;
use crate::paths;
use crate::problem::ApiError;
use crate::routes::{demo_shop, home, mount};

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
        let (app, _) = App::new().into_utoipa_app().configure(mount::routes).split_for_parts();
        let serving = Arc::clone(&state.serving);
        let envelope = Rc::new(Envelope { limits: limits.clone(), https: state.https });
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
                    demo_shop::mount(config, public_url);
                }
            })
            .configure(home::pages)
            .service(web::resource(paths::DOCUMENT).guard(guard::Get()).to(openapi_json))
            .service(
                SwaggerUi::new(paths::SWAGGER_UI_FILES)
                    .config(SwaggerConfig::from(paths::DOCUMENT)),
            )
            .default_service(web::to(fallback::refuse))
            .wrap(Condition::new(!origins.is_empty(), cors(&origins)))
            .wrap(from_fn(move |request, next| wrap(Rc::clone(&envelope), request, next)))
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
