//! The body of a problem.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use bams_storage::ImportError;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::ApiError;
use super::kinds::Kind;
use crate::paths;

/// One thing that is wrong with a request, or with a line of an uploaded file.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Where in the request body (RFC 6901), or the name of the parameter.
    #[schema(example = "/placements/0/count")]
    pub(crate) pointer: String,
    /// Stable and machine-readable.
    #[schema(example = "out_of_range")]
    pub(crate) code: &'static str,
    /// For people.
    #[schema(example = "count is between 1 and 50")]
    pub(crate) detail: String,
}

/// A refusal, as RFC 9457 has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Names the kind of problem; leads to its description.
    #[serde(rename = "type")]
    #[schema(example = "/problems/unknown_campaign")]
    pub(crate) type_: String,
    /// The same for every problem of this kind.
    #[schema(example = "There is no such campaign")]
    pub(crate) title: Cow<'static, str>,
    /// The HTTP status.
    #[schema(example = 404, minimum = 400, maximum = 599)]
    pub(crate) status: u16,
    /// What is wrong this time.
    #[schema(example = "campaign 77 does not exist")]
    pub(crate) detail: Cow<'static, str>,
    /// The path that was asked for.
    #[schema(example = "/api/v1/serve/77")]
    pub(crate) instance: String,
    /// Stable and machine-readable.
    #[schema(example = "unknown_campaign")]
    pub(crate) code: Cow<'static, str>,
    /// Names this request in the server's log.
    #[schema(example = "9c6e7b0a23234ce784e2c118a9e19caf")]
    pub(crate) request_id: String,
    /// Every field, or line of a file, that is wrong; the first hundred of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<ProblemError>>)]
    pub(crate) errors: Option<serde_json::Value>,
    /// How many lines of a file are wrong, listed or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    pub(crate) total_errors: Option<u64>,
}

/// One entry of a problem's `errors`: of a request (`pointer`, `detail`) or of a line of a
/// file (`line`, `column`, `message`).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes JSON for the document")]
pub(crate) struct ProblemError {
    /// Stable and machine-readable.
    #[schema(example = "negative")]
    code: String,
    /// Where in the request body (RFC 6901), or the name of the parameter.
    #[schema(example = "/name")]
    pointer: Option<String>,
    /// For people.
    #[schema(example = "`name` is needed")]
    detail: Option<String>,
    /// The line of the file; the header is line 1.
    #[schema(example = 17)]
    line: Option<u64>,
    /// The name of the column in that line.
    #[schema(example = "revenue")]
    column: Option<String>,
    /// For people.
    #[schema(example = "`-1` is below zero")]
    message: Option<String>,
}

impl Problem {
    /// Makes the problem of an error for the request at `instance`.
    pub(crate) fn of(error: &ApiError, instance: &str, request_id: String) -> Self {
        let kind = error.kind();
        let (errors, total_errors) = match error {
            ApiError::Invalid(errors)
            | ApiError::ConversionConflict(errors)
            | ApiError::ChangedSince { fields: errors, .. } => {
                (serde_json::to_value(errors).ok(), None)
            }
            ApiError::ImportRefused { total, errors } => {
                (serde_json::to_value(errors).ok(), Some(*total))
            }
            ApiError::Import(error) => {
                let field = import_field(error).map(|(pointer, code)| FieldError {
                    pointer: pointer.to_owned(),
                    code,
                    detail: error.to_string(),
                });
                (field.and_then(|field| serde_json::to_value([field]).ok()), None)
            }
            _ => (None, None),
        };
        Self {
            detail: error.detail(),
            errors,
            total_errors,
            ..Self::bare(&kind, instance, request_id)
        }
    }

    /// Makes the problem of a refusal by the framework, of which only the status is known.
    pub(crate) fn of_status(status: StatusCode, instance: &str, request_id: String) -> Self {
        Self {
            status: status.as_u16(),
            ..Self::bare(&Kind::of_status(status), instance, request_id)
        }
    }

    /// Makes an example of a problem of this kind.
    pub(crate) fn example(kind: &Kind) -> Self {
        let id = "9c6e7b0a23234ce784e2c118a9e19caf".to_owned();
        let problem = Self::bare(kind, &paths::of(paths::CAMPAIGN, 77), id);
        match kind.code {
            "invalid_request" => Self {
                errors: Some(json!([{
                    "pointer": "/name", "code": "missing", "detail": "`name` is needed",
                }])),
                ..problem
            },
            "changed_since" => Self {
                detail: "campaign 12 has changed since: name".into(),
                errors: Some(json!([{
                    "pointer": "/name", "code": "changed_since", "detail": "`name` has changed since",
                }])),
                ..problem
            },
            "import_refused" => Self {
                errors: Some(json!([{
                    "line": 17, "column": "revenue", "code": "negative", "message": "`-1` is below zero",
                }])),
                total_errors: Some(1),
                ..problem
            },
            _ => problem,
        }
    }

    /// Makes a problem of which only the kind is known.
    fn bare(kind: &Kind, instance: &str, request_id: String) -> Self {
        Self {
            type_: paths::of(paths::PROBLEM, kind.code),
            title: kind.title.into(),
            status: kind.status.as_u16(),
            detail: kind.title.into(),
            instance: instance.to_owned(),
            code: kind.code.into(),
            request_id,
            errors: None,
            total_errors: None,
        }
    }
}

/// Returns the field of a form for which an import was refused, with the reason.
fn import_field(error: &ImportError) -> Option<(&'static str, &'static str)> {
    match error {
        ImportError::UnknownKind { .. } => Some(("kind", "missing")),
        ImportError::UnknownQuarter { .. } => Some(("quarter", "missing")),
        ImportError::ConflictingQuarters { .. } => Some(("quarter", "conflicting_quarter")),
        ImportError::Damaged { .. } => Some(("file", "damaged")),
        _ => None,
    }
}
