//! The parameters of a report, as the document describes them.

use utoipa::IntoParams;

use super::names::{ComparedName, DimensionName, FormatName, ReportSortName};

/// What a report can be asked for. Lists are written with commas or by repeating the parameter.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters for the document")]
pub(crate) struct ReportParameters {
    /// What rows are grouped by, each once; none for totals only. `quarter` is the quarter of the
    /// hour in all hours, `hour` and `day` are concrete ones, in UTC.
    #[param(style = Form, explode = false, max_items = 5, example = json!(["campaign", "quarter"]))]
    group_by: Option<Vec<DimensionName>>,
    /// Only these campaigns.
    #[param(style = Form, explode = false, max_items = 200, minimum = 1, example = json!([12, 13]))]
    campaign_id: Option<Vec<u32>>,
    /// Only these banners.
    #[param(style = Form, explode = false, max_items = 200, minimum = 1, example = json!([141]))]
    banner_id: Option<Vec<u32>>,
    /// Only these quarters.
    #[param(style = Form, explode = false, max_items = 200, minimum = 1, maximum = 4, example = json!([1, 2]))]
    quarter: Option<Vec<u32>>,
    /// From this moment on; the beginning of a slot (minute 0, 15, 30 or 45).
    #[param(value_type = Option<String>, format = DateTime, example = "2026-01-01T00:00:00Z")]
    from: Option<String>,
    /// Before this moment; the beginning of a slot.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-02-01T00:00:00Z")]
    to: Option<String>,
    /// Each row and the totals also say what they were in the period of the same length directly
    /// before. Needs `from` and `to`.
    #[param(example = "previous")]
    compare: Option<ComparedName>,
    /// What rows are sorted by; with `-` the largest first. Dimensions must be in `group_by`. Rows
    /// without a value come last. Missing: by the dimensions as they stand in `group_by`.
    #[param(example = "-revenue")]
    sort: Option<ReportSortName>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 200, default = 100, example = 100)]
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    #[param(
        min_length = 1,
        max_length = 2000,
        example = "Hk2u0pYh3QoAAAAAAAAAAAAAAAAAsQCAAAAAAAAAAAw"
    )]
    cursor: Option<String>,
    /// Missing: what `Accept` prefers.
    #[param(example = "json")]
    format: Option<FormatName>,
}
