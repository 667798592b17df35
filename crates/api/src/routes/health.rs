//! What load balancers and operators ask.

use std::sync::Arc;

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get};
use bams_media::Images;
use bams_storage::HistoryStanding;
use serde::Serialize;
use utoipa::ToSchema;

use crate::draining::Draining;
use crate::serving::Serving;
use crate::telemetry::SILENT;

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
    /// Each dependency's state: `up`, `down` or `in_process`.
    dependencies: Dependencies,
}

/// What this node depends on.
#[derive(Serialize, ToSchema)]
pub(crate) struct Dependencies {
    /// Campaigns, performance and keys.
    #[schema(example = "up")]
    database: &'static str,
    /// Visitor history.
    #[schema(example = "in_process")]
    redis: &'static str,
    /// Signing image URLs.
    #[schema(example = "up")]
    images: &'static str,
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
) -> HttpResponse {
    let dependencies = Dependencies::of(&serving, &images);
    let degraded = dependencies.down();
    if draining.begun() {
        let readiness = Readiness { status: "draining", degraded, dependencies };
        return HttpResponse::ServiceUnavailable().json(readiness);
    }
    HttpResponse::Ok().json(Readiness { status: "ready", degraded, dependencies })
}

impl Dependencies {
    fn of(serving: &Serving, images: &Images) -> Self {
        let up = |is_up: bool| if is_up { "up" } else { "down" };
        let redis = match serving.history.standing() {
            HistoryStanding::InProcess => "in_process",
            HistoryStanding::Redis => "up",
            HistoryStanding::Degraded => "down",
        };
        Self {
            database: up(serving.snapshots.silence() < SILENT),
            redis,
            images: up(images.can_sign()),
        }
    }

    /// The names of those that do not work.
    fn down(&self) -> Vec<&'static str> {
        let Self { database, redis, images } = *self;
        let named = [("database", database), ("redis", redis), ("images", images)];
        named.iter().filter(|it| it.1 == "down").map(|it| it.0).collect()
    }
}
