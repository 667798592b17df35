//! Rows of banners that SQLite packs into one text, because handing over a row takes it and the driver
//! much longer than writing its columns.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::banner_row::BannerColumns;
use crate::entity::banner::{Column, Entity};
use crate::error::{Attempt, StorageError};

const ACTION: &str = "load banners";

/// How many rows are packed into one text.
const ROWS: u64 = 2_000;

/// What ends a column and a row. Texts with one of them are not packed.
const COLUMN_END: char = '\u{1f}';
const ROW_END: char = '\u{1e}';

/// Banners with numbers that follow one another.
pub(super) struct BannerSpan {
    after: i64,
    /// The last of them, or `None` if no others follow that have to be kept apart.
    last: Option<i64>,
}

/// The rows of a span, packed.
pub(super) struct PackedBanners {
    rows: usize,
    text: String,
}

impl BannerSpan {
    /// Returns the first banners of the store.
    pub(super) async fn first(transaction: &DatabaseTransaction) -> Result<Self, StorageError> {
        Self::beginning(transaction, i64::MIN).await
    }

    /// Returns all banners of the store.
    pub(super) fn whole() -> Self {
        Self { after: i64::MIN, last: None }
    }

    /// Returns the banners after these, or `None` if these are the last ones.
    pub(super) async fn next(
        &self,
        transaction: &DatabaseTransaction,
    ) -> Result<Option<Self>, StorageError> {
        match self.last {
            Some(last) => Self::beginning(transaction, last).await.map(Some),
            None => Ok(None),
        }
    }

    async fn beginning(
        transaction: &DatabaseTransaction,
        after: i64,
    ) -> Result<Self, StorageError> {
        let last = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Id.gt(after))
            .order_by_asc(Column::Id)
            .offset(ROWS - 1)
            .limit(1)
            .into_tuple()
            .one(transaction)
            .await
            .attempt(ACTION)?;
        Ok(Self { after, last })
    }

    /// Returns the condition of its rows.
    pub(super) fn limits(&self) -> Condition {
        let last = self.last.map(|it| Column::Id.lte(it));
        Condition::all().add(Column::Id.gt(self.after)).add_option(last)
    }

    /// Reads its rows.
    pub(super) async fn packed(
        &self,
        transaction: &DatabaseTransaction,
    ) -> Result<PackedBanners, StorageError> {
        let (rows, text): (i64, Option<String>) = Entity::find()
            .select_only()
            .column_as(Expr::cust("COUNT(*)"), "row_count")
            .column_as(Expr::cust(format!("GROUP_CONCAT({})", row())), "packed")
            .filter(self.limits())
            .into_tuple()
            .one(transaction)
            .await
            .attempt(ACTION)?
            .unwrap_or_default();
        let rows = usize::try_from(rows).unwrap_or(0);
        Ok(PackedBanners { rows, text: text.unwrap_or_default() })
    }
}

/// Returns the SQL of a row as [`columns`] reads it: the columns of [`BannerColumns`].
fn row() -> String {
    let given =
        |column: &str| format!("CASE WHEN {column} IS NULL THEN '' ELSE CONCAT('=', {column}) END");
    let [width, height, landing_url, image_key] =
        ["width", "height", "landing_url", "image_key"].map(given);
    format!(
        "CONCAT(CONCAT_WS('{COLUMN_END}', id, status, name, alt, {width}, {height}, tags, \
         {landing_url}, {image_key}), '{ROW_END}')"
    )
}

impl PackedBanners {
    /// Returns the rows by their numbers, or `None` if a text of theirs cannot be told from what ends
    /// it.
    pub(super) fn rows(&self) -> Option<Vec<BannerColumns<&str>>> {
        let mut rows = Vec::with_capacity(self.rows);
        for row in self.text.split_inclusive(ROW_END) {
            // Commas stand between what GROUP_CONCAT joins.
            let row = if rows.is_empty() { row } else { row.strip_prefix(',')? };
            rows.push(columns(row.strip_suffix(ROW_END)?)?);
        }
        rows.sort_by_key(|it| it.0);
        (rows.len() == self.rows).then_some(rows)
    }
}

fn columns(row: &str) -> Option<BannerColumns<&str>> {
    let mut columns = row.split(COLUMN_END);
    let mut next = || columns.next();
    let id = next()?.parse().ok()?;
    let [status, name, alt] = [next()?, next()?, next()?];
    let (width, height) = (number(next()?).ok()?, number(next()?).ok()?);
    let (tags, landing_url, image_key) = (next()?, given(next()?).ok()?, given(next()?).ok()?);
    let row = (id, status, name, alt, width, height, tags, landing_url, image_key);
    next().is_none().then_some(row)
}

/// The error of a column that is not as [`row`] writes it.
struct NotAsWritten;

/// Reads a column that may be null.
fn given(text: &str) -> Result<Option<&str>, NotAsWritten> {
    match text.strip_prefix('=') {
        None if !text.is_empty() => Err(NotAsWritten),
        given => Ok(given),
    }
}

fn number(text: &str) -> Result<Option<i32>, NotAsWritten> {
    given(text)?.map(str::parse).transpose().map_err(|_| NotAsWritten)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, rows: usize) -> Option<Vec<i64>> {
        let packed =
            PackedBanners { rows, text: text.replace(';', "\u{1f}").replace('|', "\u{1e}") };
        packed.rows().map(|rows| rows.into_iter().map(|it| it.0).collect())
    }

    #[test]
    fn rows_are_all_there_and_in_order_or_not_read() {
        let row = |id: u32| format!("{id};active;Shoes, red;;=300;;[];;=a.png|");
        assert_eq!(read("", 0), Some(vec![]));
        assert_eq!(read(&format!("{},{}", row(8), row(7)), 2), Some(vec![7, 8]));
        let one = row(7);
        for (text, rows) in [
            (one.as_str(), 2),
            (&one[..one.len() - 1], 1),
            (&one[..9], 1),
            (&one.replace("red", "r;d"), 1),
            (&one.replace("red", "r|d"), 1),
            (&one.replace("a.png", "a;png"), 1),
            (&one.replace("=300", "300"), 1),
            (&one.replace("=300", "=wide"), 1),
            (&one.replace('7', "seven"), 1),
            (&format!("{one}{one}"), 2),
        ] {
            assert_eq!(read(text, rows), None, "{text}");
        }
    }

    #[test]
    fn a_column_is_null_or_a_text_that_may_be_empty() {
        let text = "7;draft;a=b;=c;;=-1;[];=;=|".replace(';', "\u{1f}").replace('|', "\u{1e}");
        let packed = PackedBanners { rows: 1, text };
        let expected = (7, "draft", "a=b", "=c", None, Some(-1), "[]", Some(""), Some(""));
        assert_eq!(packed.rows(), Some(vec![expected]));
    }
}
