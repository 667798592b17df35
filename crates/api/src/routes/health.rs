//! What load balancers and operators ask.

use std::sync::Arc;

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get};
use bams_app::serving::Serving;
use bams_media::{Backend, Images};
use bams_storage::{Database, HistoryStanding, Writes};
use serde::Serialize;
use utoipa::ToSchema;

use crate::draining::Draining;
use crate::telemetry::{ImageStorage, ImageWatch, SILENT};

/// That the process lives.
#[derive(Serialize, ToSchema)]
pub(crate) struct Alive {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether decisions can be served, and what is missing.
#[derive(Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// `ready` or `draining`.
    #[schema(example = "ready")]
    status: &'static str,
    /// What does not work; decisions go on without it.
    #[schema(example = json!([]))]
    degraded: Vec<&'static str>,
    /// Each dependency's state.
    dependencies: Dependencies,
}

/// What this node depends on.
#[derive(Serialize, ToSchema)]
pub(crate) struct Dependencies {
    /// Reading campaigns, performance and keys: `up` or `down`.
    #[schema(example = "up")]
    pub(crate) database: &'static str,
    /// Storing events and changes, as a small write every few seconds shows: `up`, `locked` by another
    /// writer, `read_only` (also where the server is not the primary any more), `full` or `down`.
    #[schema(example = "up")]
    pub(crate) database_writes: &'static str,
    /// Visitor history: `up`, `refused` where Redis does not let its user do what decisions need,
    /// `down` or `in_process`.
    #[schema(example = "in_process")]
    pub(crate) redis: &'static str,
    /// Signing image URLs and storing images: `up`, `full` or `read_only` where the folder takes no
    /// images, `configured` where a bucket keeps them, which is not asked, or `down` without
    /// credentials for it.
    #[schema(example = "up")]
    pub(crate) images: &'static str,
}

/// Say whether the process lives
///
/// Depends on nothing.
#[utoipa::path(
    tag = "operations",
    operation_id = "read_liveness",
    responses((status = OK, description = "It lives", body = Alive)),
)]
#[get("/healthz")]
pub(crate) async fn read_liveness() -> Json<Alive> {
    Json(Alive { status: "ok" })
}

/// Say whether decisions can be served
///
/// Names each dependency. 200 as long as decisions can be served, if need be from memory; 503
/// while the server is stopping.
#[utoipa::path(
    tag = "operations",
    operation_id = "read_readiness",
    responses(
        (status = OK, description = "Ready, perhaps degraded", body = Readiness),
        (status = SERVICE_UNAVAILABLE, description = "Stopping", body = Readiness),
    ),
)]
#[get("/readyz")]
pub(crate) async fn read_readiness(
    draining: Data<Draining>,
    images: Data<Arc<Images>>,
    serving: Data<Serving>,
    database: Data<Database>,
    image_watch: Data<ImageWatch>,
) -> HttpResponse {
    let dependencies = Dependencies::now(&images, &serving, &database, &image_watch);
    let degraded = dependencies.down();
    if draining.begun() {
        let readiness = Readiness { status: "draining", degraded, dependencies };
        return HttpResponse::ServiceUnavailable().json(readiness);
    }
    HttpResponse::Ok().json(Readiness { status: "ready", degraded, dependencies })
}

impl Dependencies {
    /// Returns the current state of each part.
    pub(crate) fn now(
        images: &Images,
        serving: &Serving,
        database: &Database,
        image_watch: &ImageWatch,
    ) -> Self {
        Self {
            database: if serving.snapshots.silence() < SILENT { "up" } else { "down" },
            database_writes: writes_state(database.standing().writes()),
            redis: history_state(serving.history.standing()),
            images: images_state(images, image_watch),
        }
    }

    /// Returns the names of the parts that do not work.
    pub(crate) fn down(&self) -> Vec<&'static str> {
        let Self { database, database_writes, redis, images } = *self;
        let named = [
            ("database", database),
            ("database_writes", database_writes),
            ("redis", redis),
            ("images", images),
        ];
        let works = |state| matches!(state, "up" | "in_process" | "configured");
        named.iter().filter(|it| !works(it.1)).map(|it| it.0).collect()
    }
}

fn history_state(standing: HistoryStanding) -> &'static str {
    match standing {
        HistoryStanding::InProcess => "in_process",
        HistoryStanding::Redis => "up",
        HistoryStanding::Degraded => "down",
        HistoryStanding::Refused => "refused",
    }
}

fn writes_state(writes: Writes) -> &'static str {
    match writes {
        Writes::Taken => "up",
        Writes::Locked => "locked",
        Writes::ReadOnly => "read_only",
        Writes::Full => "full",
        Writes::Refused => "down",
    }
}

fn images_state(images: &Images, watch: &ImageWatch) -> &'static str {
    match (images.backend(), watch.storage()) {
        _ if !images.can_sign() => "down",
        (Backend::S3(_), _) => "configured",
        (Backend::Local(_), ImageStorage::Up) => "up",
        (Backend::Local(_), ImageStorage::Full) => "full",
        (Backend::Local(_), ImageStorage::Refused) => "read_only",
    }
}
