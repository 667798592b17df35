//! Sales that advertisers report.

pub(crate) mod adjustments;
pub(crate) mod postback;
mod report;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{Error, HttpResponse, post};
use bams_app::tracking::Tracking;
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

impl ConversionReceipt {
    fn of(conversion_id: String, booked: Booked) -> Self {
        let status = match booked {
            Booked::Counted => ReceiptStatus::Accepted,
            Booked::Duplicate => ReceiptStatus::Duplicate,
        };
        Self { conversion_id, status }
    }
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
/// Ids are unique within the campaign of the click, so that two shops may both have an order 1001. An
/// unknown click is a 422 that points to it, an id that was used for another conversion of the campaign a
/// 409. What became of a conversion later does not matter: it is compared with what it said first.
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
    // The body is the list, or its only conversion.
    let booked = booked.map_err(|error| if list { error } else { error.of_one() });
    let booked = booked.map_err(ApiError::from)?;
    Ok(receipts(ids, &booked, list))
}

fn receipts(ids: Vec<String>, booked: &[Booked], list: bool) -> HttpResponse {
    let receipt = |(id, booked): (String, &Booked)| ConversionReceipt::of(id, *booked);
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
