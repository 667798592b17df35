//! Sums of integers that are integers, however large.

use sea_orm::DbBackend;

/// Returns the `SUM` of an integer expression, at most the largest integer, and `NULL` over no
/// rows.
///
/// SQLite's own sum fails if it is too large. So the two halves of each number are summed up apart,
/// and joined unless the sum is too large. MySQL sums up as decimals, which are large enough.
pub(crate) fn whole_sum(dialect: DbBackend, value: &str) -> String {
    let most = i64::MAX;
    if dialect != DbBackend::Sqlite {
        return format!("CAST(LEAST(SUM({value}), {most}) AS SIGNED)");
    }
    let low = format!("SUM(({value}) & {LOW})");
    let high = format!("SUM(({value}) >> 32) + ({low} >> 32)");
    format!(
        "CASE WHEN {high} > {MOST_HIGH} THEN {most} ELSE (({high}) << 32) | ({low} & {LOW}) END"
    )
}

/// The lower half of an integer.
const LOW: u32 = u32::MAX;

/// The upper half of the largest integer.
const MOST_HIGH: i64 = i64::MAX >> 32;

/// Returns the word after `SELECT` that lets a database sum up millions of rows by sorting them.
///
/// MySQL would look each row up in a table on disk, which takes many times as long. SQLite always sorts.
pub(crate) fn by_sorting(dialect: DbBackend) -> &'static str {
    if dialect == DbBackend::Sqlite { "" } else { "SQL_BIG_RESULT " }
}
