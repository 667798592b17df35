//! Booking clicks and conversions, whose ids count once, for ever.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement, Value};

use super::rows::insert;
use crate::database::insert::{Insert, ROWS, list};
use crate::error::Attempt;
use crate::events::raw_events::{CLICKS, CONVERSIONS};
use crate::import::retry::BookingError;
use crate::import::row_error::{ErrorCode, RowError};
use crate::import::rows::{Account, FileClick, FileConversion};
use crate::performance::staged_sums::STAGED;
use crate::trouble::is_taken;

/// How often an insert is repeated without the rows that another writer has just inserted.
const ATTEMPTS: u32 = 10;

/// A row that has an id.
pub(super) trait FileEvent {
    /// The insert into its table, whose columns begin with the id.
    const INSERT: Insert;

    /// The columns of the key and the contents of a stored row.
    const COLUMNS: &'static str;

    /// What is unique.
    type Key: Eq + Hash;

    /// What a repetition must say again.
    type Contents;

    /// Reads the columns of a stored row.
    fn stored(columns: &QueryResult) -> Result<(Self::Key, Self::Contents), DbErr>;

    fn id(&self) -> Value;

    fn key(&self) -> Self::Key;

    fn contents(&self) -> Self::Contents;

    /// Returns true if a row with the same key has these contents.
    fn says(&self, contents: &Self::Contents) -> bool;

    fn values(&self) -> Vec<Value>;

    /// Returns the error of a row whose key has other contents.
    fn conflict(&self) -> RowError;
}

impl FileEvent for FileClick {
    const INSERT: Insert = CLICKS;

    const COLUMNS: &'static str = "id, campaign_id, banner_id";

    type Key = String;

    type Contents = (i64, i64);

    fn stored(columns: &QueryResult) -> Result<(String, (i64, i64)), DbErr> {
        let (campaign, banner) =
            (columns.try_get("", "campaign_id")?, columns.try_get("", "banner_id")?);
        Ok((columns.try_get("", "id")?, (campaign, banner)))
    }

    fn id(&self) -> Value {
        self.id.as_str().into()
    }

    fn key(&self) -> String {
        self.id.clone()
    }

    fn contents(&self) -> (i64, i64) {
        (self.account.campaign.0.into(), self.account.banner.0.into())
    }

    fn says(&self, contents: &(i64, i64)) -> bool {
        *contents == self.contents()
    }

    fn values(&self) -> Vec<Value> {
        let (campaign, banner) = self.contents();
        vec![self.id(), campaign.into(), banner.into(), self.account.slot.number().into()]
    }

    fn conflict(&self) -> RowError {
        let message = format!("click {} was stored before, of another banner or campaign", self.id);
        RowError {
            line: self.line,
            column: "click_id".to_owned(),
            code: ErrorCode::Conflict,
            message,
        }
    }
}

/// A conversion with the campaign and the banner of its click.
pub(super) struct KnownConversion {
    pub(super) conversion: FileConversion,
    pub(super) account: Account,
}

impl FileEvent for KnownConversion {
    const INSERT: Insert = CONVERSIONS;

    const COLUMNS: &'static str = "id, campaign_id, click_id, first_revenue_micros, slot";

    type Key = (String, i64);

    /// The click, the revenue and the slot.
    type Contents = (String, i64, i64);

    fn stored(columns: &QueryResult) -> Result<(Self::Key, Self::Contents), DbErr> {
        let key = (columns.try_get("", "id")?, columns.try_get("", "campaign_id")?);
        let revenue = columns.try_get("", "first_revenue_micros")?;
        let (click, slot) = (columns.try_get("", "click_id")?, columns.try_get("", "slot")?);
        Ok((key, (click, revenue, slot)))
    }

    fn id(&self) -> Value {
        self.conversion.id.as_str().into()
    }

    fn key(&self) -> (String, i64) {
        (self.conversion.id.clone(), self.account.campaign.0.into())
    }

    fn contents(&self) -> (String, i64, i64) {
        let FileConversion { click, revenue, .. } = &self.conversion;
        (click.clone(), revenue.micros(), self.account.slot.number())
    }

    fn says(&self, (click, revenue, slot): &(String, i64, i64)) -> bool {
        let FileConversion { told_time, .. } = self.conversion;
        let is_at = *slot == self.account.slot.number() || !told_time;
        *click == self.conversion.click && *revenue == self.conversion.revenue.micros() && is_at
    }

    fn values(&self) -> Vec<Value> {
        let revenue = self.conversion.revenue.micros();
        vec![
            self.id(),
            i64::from(self.account.campaign.0).into(),
            i64::from(self.account.banner.0).into(),
            self.conversion.click.as_str().into(),
            self.account.slot.number().into(),
            revenue.into(),
            revenue.into(),
        ]
    }

    fn conflict(&self) -> RowError {
        let FileConversion { line, id, .. } = &self.conversion;
        let message = format!(
            "conversion {id} of campaign {} was stored before, of another click, with other revenue or at \
             another time",
            self.account.campaign
        );
        let column = "conversion_id".to_owned();
        RowError { line: *line, column, code: ErrorCode::Conflict, message }
    }
}

/// What became of some rows. All others are duplicates.
pub(super) struct Inserted<'a, R> {
    pub(super) new: Vec<&'a R>,
    /// The errors of rows whose keys have other contents, in their order.
    pub(super) conflicts: Vec<RowError>,
}

/// Inserts rows of an import without those whose key exists, of rows with the same key only the first.
pub(super) async fn insert_new<'a, R: FileEvent>(
    transaction: &DatabaseTransaction,
    import: i64,
    rows: &'a [R],
) -> Result<Inserted<'a, R>, BookingError> {
    let mut all = Inserted { new: Vec::with_capacity(rows.len()), conflicts: Vec::new() };
    for some in rows.chunks(ROWS) {
        let Inserted { new, conflicts } = insert_some(transaction, import, some).await?;
        all.new.extend(new);
        all.conflicts.extend(conflicts);
    }
    Ok(all)
}

/// Inserts the rows of one statement.
///
/// Only the unique key tells what is new, because MySQL's counts of changed rows are unreliable.
async fn insert_some<'a, R: FileEvent>(
    transaction: &DatabaseTransaction,
    import: i64,
    rows: &'a [R],
) -> Result<Inserted<'a, R>, BookingError> {
    let mut new: Vec<&R> = rows.iter().collect();
    let mut conflicts = Vec::new();
    let mut attempt = 1;
    loop {
        let all = new.iter().flat_map(|row| row.values()).collect();
        match insert(transaction, &R::INSERT, Some(import), all).await {
            Err(error) if is_taken(&error) && attempt < ATTEMPTS => {
                let mut known = known(transaction, import, &new).await?;
                new.retain(|row| match known.get(&row.key()) {
                    Some(contents) => {
                        if !row.says(contents) {
                            conflicts.push(row.conflict());
                        }
                        false
                    }
                    None => known.insert(row.key(), row.contents()).is_none(),
                });
                attempt += 1;
            }
            inserted => {
                inserted.attempt("book events")?;
                return Ok(Inserted { new, conflicts });
            }
        }
    }
}

/// Returns the contents under those keys of rows that exist. Fails if one of them belongs to another
/// import that does not count yet.
async fn known<R: FileEvent>(
    transaction: &DatabaseTransaction,
    import: i64,
    rows: &[&R],
) -> Result<HashMap<R::Key, R::Contents>, BookingError> {
    let action = "look for known events";
    let sql = format!(
        "SELECT {}, CASE WHEN import_id <> {import} AND import_id IN ({STAGED}) THEN 1 ELSE 0 END \
         AS is_staged FROM {} WHERE id IN",
        R::COLUMNS,
        R::INSERT.table
    );
    let ids = rows.iter().map(|row| row.id()).collect();
    let found = among(transaction, &sql, ids).await.attempt(action)?;
    let wanted: HashSet<R::Key> = rows.iter().map(|row| row.key()).collect();
    let mut known = HashMap::with_capacity(found.len());
    for row in &found {
        let (key, contents) = R::stored(row).attempt(action)?;
        if !wanted.contains(&key) {
            continue;
        }
        if row.try_get::<i64>("", "is_staged").attempt(action)? != 0 {
            return Err(BookingError::Staged);
        }
        known.insert(key, contents);
    }
    Ok(known)
}

/// Returns the rows of a query that ends with `IN`, for these values.
pub(super) async fn among<C: ConnectionTrait>(
    database: &C,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("{sql} ({})", list("?", values.len()));
    let dialect = database.get_database_backend();
    database.query_all_raw(Statement::from_sql_and_values(dialect, sql, values)).await
}
