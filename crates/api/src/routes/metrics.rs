//! What Prometheus scrapes.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use bams_app::serving::Serving;
use bams_app::tracking::Tracking;
use bams_storage::{Database, import_states};

use crate::extract::principal::Acquaintance;
use crate::problem::ApiError;
use crate::problem::responses::KeyRefusals;
use crate::telemetry::{CONTENT_TYPE as OPEN_METRICS, Metrics};

/// Measure this node
///
/// Counters, gauges and histograms in the text format of `OpenMetrics`, for Prometheus. Counts are this
/// process's since it started; imports are the installation's, and missing while the database is away.
/// Then a key that this process accepted before goes on working here.
#[utoipa::path(
    tag = "operations",
    operation_id = "read_metrics",
    responses(
        (
            status = OK,
            description = "Everything that is measured",
            content_type = "application/openmetrics-text",
            body = String,
            example = "# TYPE bams_decisions counter\nbams_decisions_total{rule=\"top_ten_by_revenue\"} 4711\n# EOF\n",
        ),
        KeyRefusals,
    ),
    security(("key" = ["metrics"])),
)]
#[get("/metrics")]
pub(crate) async fn read_metrics(
    Acquaintance { recalled }: Acquaintance,
    metrics: Data<Metrics>,
    serving: Data<Serving>,
    tracking: Data<Tracking>,
    database: Data<Database>,
) -> Result<HttpResponse, ApiError> {
    let imports = if recalled { Vec::new() } else { import_states(&database).await? };
    let text = metrics.text(&serving, &tracking, &imports);
    let text = text.map_err(ApiError::unexpected("write what is measured"))?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, OPEN_METRICS)).body(text))
}
