//! Sales that advertisers report.

mod report;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{Error, HttpResponse, post};
use bams_app::Violation;
use bams_app::tracking::{Tracking, TrackingError};
use bams_storage::Booked;
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock;
use crate::extract::json::JsonBytes;
use crate::extract::principal::Admitted;
use crate::problem::ApiError;
use crate::problem::responses::ConversionRefusals;
use report::{ConversionsRequest, ReportedConversions};

/// What became of a conversion.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConversionReceipt {
    /// The advertiser's id; a whole number without its leading zeros.
    #[schema(example = "order-4711")]
    conversion_id: String,
    /// Whether it counts from now on or did before.
    status: ReceiptStatus,
}

/// Whether a conversion counts from now on or did before.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(rename_all = "snake_case")]
pub(crate) enum ReceiptStatus {
    Accepted,
    Duplicate,
}

/// What became of one conversion, or of a list of them.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ConversionOutcome {
    One(ConversionReceipt),
    List(ConversionReceipts),
}

/// What became of the conversions of a list, in its order.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConversionReceipts {
    items: Vec<ConversionReceipt>,
}

/// Report conversions
///
/// One conversion, or a list of up to 1000 that is stored as a whole or not at all. A 2xx means that
/// each is stored and counts once; sending them again changes nothing. A conversion names its click,
/// and counts for that click's banner in the slot of `occurred_at`, or else of its arrival.
///
/// An unknown click is a 422 that points to it, an id that was used for another conversion a 409.
#[utoipa::path(
    tag = "tracking",
    operation_id = "create_conversions",
    request_body = ConversionsRequest,
    responses(
        (status = CREATED, description = "One conversion, which counts from now on", body = ConversionReceipt),
        (status = OK, description = "One that counted before, or the receipts of a list", body = ConversionOutcome),
        ConversionRefusals,
    ),
    security(("key" = ["ingest"])),
)]
#[post("/conversions")]
pub(crate) async fn create_conversions(
    admitted: Result<Admitted<JsonBytes>, Error>,
    tracking: Data<Tracking>,
) -> Result<HttpResponse, Error> {
    let Admitted(_principal, JsonBytes(body)) = admitted.inspect_err(|error| {
        if error.as_response_error().status_code() == StatusCode::SERVICE_UNAVAILABLE {
            tracking.counters.leave_unread();
        }
    })?;
    let ReportedConversions { list, conversions } =
        ReportedConversions::read(&body, clock::unix_millis())?;
    let ids: Vec<String> = conversions.iter().map(|it| it.id.clone()).collect();
    let booked = tracking.conversions(conversions).await;
    let booked = booked.map_err(|error| refusal(error, list))?;
    Ok(receipts(ids, &booked, list))
}

fn receipts(ids: Vec<String>, booked: &[Booked], list: bool) -> HttpResponse {
    let receipt = |(conversion_id, booked): (String, &Booked)| {
        let status = match booked {
            Booked::Counted => ReceiptStatus::Accepted,
            Booked::Duplicate => ReceiptStatus::Duplicate,
        };
        ConversionReceipt { conversion_id, status }
    };
    let mut items: Vec<_> = ids.into_iter().zip(booked).map(receipt).collect();
    let is_new = !list && booked == [Booked::Counted];
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let outcome = match items.pop() {
        Some(receipt) if !list => ConversionOutcome::One(receipt),
        popped => {
            items.extend(popped);
            ConversionOutcome::List(ConversionReceipts { items })
        }
    };
    HttpResponse::build(status).json(outcome)
}

/// Points into the body, which is the list or its only conversion.
fn in_body(list: bool, violations: Vec<Violation>) -> Vec<Violation> {
    let place = |mut violation: Violation| {
        if !list && let Some(field) = violation.pointer.strip_prefix("/0") {
            violation.pointer = field.to_owned();
        }
        violation
    };
    violations.into_iter().map(place).collect()
}

fn refusal(error: TrackingError, list: bool) -> ApiError {
    match error {
        TrackingError::UnknownClicks(it) => TrackingError::UnknownClicks(in_body(list, it)),
        TrackingError::Conflicts(it) => TrackingError::Conflicts(in_body(list, it)),
        error => error,
    }
    .into()
}
