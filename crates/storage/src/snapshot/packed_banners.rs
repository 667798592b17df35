//! Rows of banners that SQLite packs into one text for each column, because handing over a row takes it
//! and the driver much longer than writing its columns, and putting those together takes it longer, too.

use std::num::ParseIntError;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QueryResult, QuerySelect, QueryTrait,
};

use super::banner_row::BannerColumns;
use crate::entity::banner::{Column, Entity};
use crate::error::{Attempt, StorageError};

const ACTION: &str = "load banners";

/// The columns of [`BannerColumns`], each with true if it may be null.
const COLUMNS: [(&str, bool); 9] = [
    ("id", false),
    ("status", false),
    ("name", false),
    ("alt", false),
    ("width", true),
    ("height", true),
    ("tags", false),
    ("landing_url", true),
    ("image_key", true),
];

/// How many rows are packed at once.
const ROWS: u64 = 2_000;

/// What stands between the values of a column. Values with it are not packed.
const END: char = '\u{1f}';

/// What stands for null.
const NULL: &str = "\u{1d}";

/// Banners with numbers that follow one another.
pub(super) struct BannerSpan {
    after: i64,
    /// The last of them, or `None` if no others follow that have to be kept apart.
    last: Option<i64>,
}

/// The rows of a span, packed.
#[derive(Default)]
pub(super) struct PackedBanners {
    rows: i64,
    /// How many have a landing URL.
    landing_urls: i64,
    /// How many have an image.
    images: i64,
    /// The values of each of [`COLUMNS`].
    columns: [String; COLUMNS.len()],
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
        let mut query = Entity::find().select_only().filter(self.limits());
        for counted in ["*", "landing_url", "image_key"] {
            query = query.expr(Expr::cust(format!("COUNT({counted})")));
        }
        for (column, may_be_null) in COLUMNS {
            let value =
                if may_be_null { format!("IFNULL({column}, '{NULL}')") } else { column.to_owned() };
            query = query.expr(Expr::cust(format!("GROUP_CONCAT({value}, '{END}')")));
        }
        let row = transaction.query_one(&query.into_query()).await.attempt(ACTION)?;
        row.map_or_else(|| Ok(PackedBanners::default()), |it| PackedBanners::of(&it))
            .attempt(ACTION)
    }
}

impl PackedBanners {
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        let mut packed = Self {
            rows: row.try_get_by_index(0)?,
            landing_urls: row.try_get_by_index(1)?,
            images: row.try_get_by_index(2)?,
            columns: Default::default(),
        };
        for (place, column) in (3..).zip(&mut packed.columns) {
            *column = row.try_get_by_index::<Option<String>>(place)?.unwrap_or_default();
        }
        Ok(packed)
    }

    /// Returns the rows by their numbers, or `None` if a text of theirs cannot be told from what stands
    /// between them or for null.
    pub(super) fn rows(&self) -> Option<Vec<BannerColumns<&str>>> {
        let mut columns = self.columns.each_ref().map(|it| it.split(END));
        let (mut rows, mut landing_urls, mut images) = (Vec::new(), 0, 0);
        for _ in 0..self.rows {
            let values = columns.each_mut().map(Iterator::next);
            let [Some(id), status, name, alt, width, height, tags, landing_url, image_key] = values
            else {
                return None;
            };
            let (landing_url, image_key) = (given(landing_url?), given(image_key?));
            landing_urls += i64::from(landing_url.is_some());
            images += i64::from(image_key.is_some());
            let sides = (number(width?).ok()?, number(height?).ok()?);
            let id = id.parse().ok()?;
            rows.push((id, status?, name?, alt?, sides.0, sides.1, tags?, landing_url, image_key));
        }
        let is_whole = rows.is_empty() || columns.into_iter().all(|mut it| it.next().is_none());
        rows.sort_by_key(|it| it.0);
        (is_whole && (landing_urls, images) == (self.landing_urls, self.images)).then_some(rows)
    }
}

/// Reads a text that may be null.
fn given(text: &str) -> Option<&str> {
    Some(text).filter(|it| *it != NULL)
}

/// Reads a number that may be null.
fn number(text: &str) -> Result<Option<i32>, ParseIntError> {
    given(text).map(str::parse).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packs rows as they are written here, values parted by semicolons, with `-` for null and `|` for
    /// what stands between values.
    fn packed(rows: &[&str], landing_urls: i64, images: i64) -> PackedBanners {
        let rows: Vec<Vec<_>> = rows.iter().map(|it| it.split(';').collect()).collect();
        let column = |place: usize| {
            let values: Vec<_> = rows.iter().map(|row| row[place].replace('-', NULL)).collect();
            values.join("\u{1f}").replace('|', "\u{1f}")
        };
        let columns = std::array::from_fn(column);
        PackedBanners { rows: rows.len().try_into().unwrap(), landing_urls, images, columns }
    }

    fn ids(packed: &PackedBanners) -> Option<Vec<i64>> {
        packed.rows().map(|rows| rows.into_iter().map(|it| it.0).collect())
    }

    #[test]
    fn rows_are_all_there_and_in_order_or_not_read() {
        let row = |id: u32| format!("{id};active;Shoes, red;;300;-;[];-;a.png");
        assert_eq!(ids(&packed(&[], 0, 0)), Some(vec![]));
        assert_eq!(ids(&packed(&[&row(8), &row(7)], 0, 2)), Some(vec![7, 8]));
        let one = row(7);
        for wrong in [
            one.replace("red", "r|d"),
            one.replace("a.png", "a|png"),
            one.replace("300", "wide"),
            one.replace('7', "seven"),
            one.replace("a.png", "-"),
        ] {
            assert_eq!(ids(&packed(&[&wrong], 0, 1)), None, "{wrong}");
        }
        for (landing_urls, images) in [(1, 1), (0, 0)] {
            assert_eq!(ids(&packed(&[&one], landing_urls, images)), None);
        }
        assert_eq!(ids(&PackedBanners { rows: 2, ..packed(&[&one], 0, 1) }), None);
        assert_eq!(ids(&PackedBanners { rows: 1, ..packed(&[&one, &one], 0, 1) }), None);
    }

    #[test]
    fn a_column_is_null_or_a_text_that_may_be_empty() {
        let packed = packed(&["7;draft;a=b;;-;5;[];;"], 1, 1);
        let expected = (7, "draft", "a=b", "", None, Some(5), "[]", Some(""), Some(""));
        assert_eq!(packed.rows(), Some(vec![expected]));
    }
}
