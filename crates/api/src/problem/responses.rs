//! The documentation of refusals: one response for each status, to which operations refer.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::example::{Example, ExampleBuilder};
use utoipa::openapi::{Ref, RefOr, Response};

use super::body::Problem;
use super::kinds::{KINDS, Kind};

/// The headers of refusals.
const HEADERS: [(u16, &str); 4] =
    [(401, "WWW-Authenticate"), (405, "Allow"), (429, "Retry-After"), (503, "Retry-After")];

/// Returns one response for each status, named after it.
pub(crate) fn responses() -> Vec<(String, Response)> {
    let mut statuses: Vec<_> = KINDS.iter().map(|it| it.status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    let of_status = |status| {
        let kinds = KINDS.iter().filter(move |kind| kind.status == status);
        let titles = kinds.clone().map(|kind| format!("`{}`: {}", kind.code, kind.title));
        let description = titles.collect::<Vec<_>>().join("; ");
        let content = utoipa::openapi::ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .examples_from_iter(kinds.map(example))
            .build();
        let response = utoipa::openapi::ResponseBuilder::new()
            .description(description)
            .content("application/problem+json", content);
        let with_header = |name: &str| Ref::new(format!("#/components/headers/{name}"));
        let response = match HEADERS.iter().find(|(of, _)| *of == u16::from(status)) {
            Some((_, name)) => response.header_ref(*name, with_header(name)).build(),
            None => response.build(),
        };
        (format!("Problem{status}", status = u16::from(status)), response)
    };
    statuses.into_iter().map(of_status).collect()
}

/// Returns an example of a problem of one kind, named by its code.
fn example(kind: &Kind) -> (&'static str, Example) {
    let problem = Problem::example(kind);
    (kind.code, ExampleBuilder::new().value(serde_json::to_value(problem).ok()).build())
}

/// The refusals of routes without a key.
pub(crate) struct Refusals;

/// The refusals of routes whose address is signed.
pub(crate) struct SignedRefusals;

/// The refusals of routes that read a JSON body.
pub(crate) struct BodyRefusals;

/// The refusals of routes that need a key.
pub(crate) struct KeyRefusals;

/// The refusals of the route that takes a visitor's preferences.
pub(crate) struct PreferenceRefusals;

/// The refusals of the route that takes conversions.
pub(crate) struct ConversionRefusals;

/// The refusals of the route that takes a conversion by its URL.
pub(crate) struct PostbackRefusals;

/// The refusals of routes that need a key and change something.
pub(crate) struct ChangeRefusals;

/// The refusals of the routes that change a conversion.
pub(crate) struct AdjustmentRefusals;

/// The refusals of the route that reverts a change.
pub(crate) struct RevertRefusals;

/// The refusals of routes that need a key and take an image.
pub(crate) struct ImageRefusals;

/// The refusals of routes that let an image be uploaded to S3.
pub(crate) struct DirectUploadRefusals;

/// The refusals of routes that need a key and take a file.
pub(crate) struct UploadRefusals;

const ANYBODY: [u16; 7] = [400, 404, 405, 422, 429, 500, 503];
const BODY: [u16; 3] = [408, 413, 415];
const KEY: [u16; 2] = [401, 403];
const CHANGE: [u16; 1] = [412];
const UPLOAD: [u16; 1] = [507];
const CONFLICT: [u16; 1] = [409];
const STORE: [u16; 1] = [502];

type Responses = BTreeMap<String, RefOr<Response>>;

fn refusing(statuses: &[&[u16]]) -> Responses {
    let of_status = |status: &u16| {
        (status.to_string(), RefOr::Ref(Ref::from_response_name(format!("Problem{status}"))))
    };
    statuses.iter().copied().flatten().map(of_status).collect()
}

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY])
    }
}

impl IntoResponses for SignedRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &[403]])
    }
}

impl IntoResponses for BodyRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &BODY])
    }
}

impl IntoResponses for PreferenceRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &BODY, &CONFLICT])
    }
}

impl IntoResponses for KeyRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &KEY])
    }
}

impl IntoResponses for ConversionRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &BODY, &KEY, &CONFLICT])
    }
}

impl IntoResponses for PostbackRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &CONFLICT])
    }
}

impl IntoResponses for ChangeRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &BODY, &KEY, &CHANGE])
    }
}

impl IntoResponses for AdjustmentRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &BODY, &KEY, &CHANGE, &CONFLICT])
    }
}

impl IntoResponses for RevertRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &KEY, &CONFLICT])
    }
}

impl IntoResponses for ImageRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &BODY, &KEY, &CHANGE, &UPLOAD, &STORE])
    }
}

impl IntoResponses for DirectUploadRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &BODY, &KEY, &CHANGE, &CONFLICT, &STORE])
    }
}

impl IntoResponses for UploadRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &BODY, &KEY, &UPLOAD])
    }
}
