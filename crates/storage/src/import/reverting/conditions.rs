//! What forbids reverting an import.

use bams_domain::Slot;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};

use super::error::RevertError;
use crate::database::Database;
use crate::database::values::row_of;
use crate::entity::import;
use crate::error::{Attempt, StorageError};
use crate::events::raw_events::{CLICKS, CONVERSIONS};
use crate::import::kind::ImportKind;
use crate::import::report::{ImportReport, ImportState};
use crate::performance::raw_rows::kept_from;
use crate::performance::staged_sums;

const ACTION: &str = "look what builds on an import";

/// How many imports a reason names.
const NAMED: usize = 5;

/// Fails with the reason if an import cannot be reverted.
pub(super) async fn refuse(database: &Database, import: i64) -> Result<(), RevertError> {
    if let Some(reason) = refusal(database, import).await? {
        return Err(RevertError::Refused(reason));
    }
    let Some(from) = kept_from(database.reading()).await? else { return Ok(()) };
    let has_old = is_summed_up(database.reading(), import).await?
        || has_rows_before(database, import, from).await?;
    if has_old { Err(RevertError::SummedUp(import)) } else { Ok(()) }
}

/// Returns true if rows of an import are summed up.
pub(super) async fn is_summed_up<C: ConnectionTrait>(
    database: &C,
    import: i64,
) -> Result<bool, StorageError> {
    let sql = "SELECT id FROM imports WHERE id = ? AND summed_up > 0";
    Ok(row_of(database, sql, vec![import.into()]).await.attempt(ACTION)?.is_some())
}

/// Returns true if an import has rows that are about to be summed up.
async fn has_rows_before(
    database: &Database,
    import: i64,
    from: Slot,
) -> Result<bool, StorageError> {
    for table in [CLICKS.table, CONVERSIONS.table, "imported_impressions"] {
        let sql = format!("SELECT slot FROM {table} WHERE import_id = ? AND slot < ? LIMIT 1");
        let values = vec![import.into(), from.number().into()];
        if row_of(database.comparing(), &sql, values).await.attempt(ACTION)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns why an import cannot be reverted, or `None` if it can.
async fn refusal(database: &Database, import: i64) -> Result<Option<String>, StorageError> {
    let row = import::Entity::find_by_id(import).one(database.reading()).await.attempt(ACTION)?;
    let Some(report) = row.map(ImportReport::try_from).transpose()? else {
        return Ok(Some(format!("import {import} does not exist")));
    };
    if let Some(reason) = of_report(import, &report) {
        return Ok(Some(reason));
    }
    let menders = import::Entity::find()
        .filter(import::Column::Mends.eq(import))
        .filter(import::Column::State.eq(ImportState::Completed.name()))
        .filter(import::Column::DryRun.eq(false))
        .filter(import::Column::DuplicateOf.is_null())
        .filter(import::Column::RevertedAt.is_null())
        .all(database.reading())
        .await
        .attempt(ACTION)?;
    if let Some(mender) = menders.first() {
        return Ok(Some(format!("import {} mends import {import}: revert that first", mender.id)));
    }
    match report.kind {
        ImportKind::Clicks => conversions_of_clicks(database, import).await,
        ImportKind::Conversions => adjusted(database, import).await,
        ImportKind::Images | ImportKind::Impressions => Ok(None),
    }
}

fn of_report(import: i64, report: &ImportReport) -> Option<String> {
    let stored_nothing = || format!("import {import} stored nothing that could be reverted");
    match report.duplicate_of {
        Some(first) => Some(format!("import {import} repeated import {first}: revert that one")),
        None if report.state != ImportState::Completed || report.dry_run => Some(stored_nothing()),
        None if report.kind == ImportKind::Images => {
            Some(format!("import {import} changed banners: revert their entries in the audit log"))
        }
        None => None,
    }
}

/// Returns the reason if conversions build on clicks of the import.
async fn conversions_of_clicks(
    database: &Database,
    import: i64,
) -> Result<Option<String>, StorageError> {
    let counts = staged_sums::counts("campaign_conversions.import_id");
    let sql = format!(
        "SELECT DISTINCT campaign_conversions.import_id FROM clicks \
         INNER JOIN campaign_conversions ON campaign_conversions.click_id = clicks.id \
         WHERE clicks.import_id = ? AND {counts}"
    );
    let found = imports_of(database, &sql, import).await?;
    if found.is_empty() {
        return Ok(None);
    }
    let mut named: Vec<String> =
        found.iter().flatten().take(NAMED).map(|id| format!("import {id}")).collect();
    if found.iter().flatten().count() > NAMED {
        named.push("more imports".to_owned());
    }
    if found.contains(&None) {
        named.push("advertisers".to_owned());
    }
    let named = named.join(", ");
    Ok(Some(format!(
        "conversions of {named} build on clicks of import {import}: revert these first"
    )))
}

/// Returns the reason if conversions of the import were restated or retracted.
async fn adjusted(database: &Database, import: i64) -> Result<Option<String>, StorageError> {
    let sql = "SELECT import_id FROM campaign_conversions WHERE import_id = ? \
               AND (retracted_at IS NOT NULL OR revenue_micros <> first_revenue_micros) LIMIT 1";
    let found = imports_of(database, sql, import).await?;
    Ok((!found.is_empty()).then(|| {
        format!("conversions of import {import} were restated or retracted, which builds on it")
    }))
}

async fn imports_of(
    database: &Database,
    sql: &str,
    import: i64,
) -> Result<Vec<Option<i64>>, StorageError> {
    let dialect = database.dialect();
    let statement = Statement::from_sql_and_values(dialect, sql, [import.into()]);
    let rows = database.comparing().query_all_raw(statement).await.attempt(ACTION)?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().attempt(ACTION)
}
