//! The words for imports in JSON and in queries, for the document.

use utoipa::ToSchema;

/// States of imports.
#[derive(ToSchema)]
#[schema(as = ImportState, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes the query for the document")]
pub(crate) enum ImportStateName {
    /// Waits for its turn.
    Queued,
    /// Is read or booked.
    Running,
    /// All that could be stored is stored.
    Completed,
    /// Nothing of the file is stored.
    Failed,
}

/// Kinds of files.
#[derive(ToSchema)]
#[schema(as = ImportKind, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes the query for the document")]
pub(crate) enum ImportKindName {
    Images,
    Impressions,
    Clicks,
    Conversions,
}
