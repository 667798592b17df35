//! The same rows as an import's, put into the same tables by nothing but inserts.

use std::time::{Duration, Instant};

use sea_orm::sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous,
};
use sea_orm::sqlx::{
    AssertSqlSafe, ConnectOptions, Database, Encode, Executor, IntoArguments, MySql, Sqlite, Type,
    query,
};

use crate::csv::{Kind, Record};

/// Rows of one statement.
const ROWS: usize = 500;

/// A slot and an import as good as any.
const SLOT: i64 = 2_000_000;

/// A connection as the product opens it: durable, with foreign keys.
pub(crate) enum BareInserts {
    Sqlite(SqliteConnection),
    MySql(MySqlConnection),
}

impl BareInserts {
    /// Connects to a database that has its tables already.
    pub(crate) async fn connect(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            let options = url.parse::<SqliteConnectOptions>().expect("a URL");
            let options =
                options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
            Self::Sqlite(options.connect().await.expect("an SQLite file"))
        } else {
            let options = url.parse::<MySqlConnectOptions>().expect("a URL");
            Self::MySql(options.connect().await.expect("a MariaDB server"))
        }
    }

    /// Inserts all rows in one transaction, with prepared statements of 500 rows each.
    ///
    /// An import sums impressions up; here each has a row, in a table without a key.
    pub(crate) async fn insert(&mut self, kind: Kind, records: &[Record]) -> Duration {
        match self {
            Self::Sqlite(connection) => insert::<Sqlite>(connection, kind, records).await,
            Self::MySql(connection) => insert::<MySql>(connection, kind, records).await,
        }
    }
}

async fn insert<D: Database>(
    connection: &mut D::Connection,
    kind: Kind,
    records: &[Record],
) -> Duration
where
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    for<'q> String: Encode<'q, D> + Type<D>,
    for<'q> i64: Encode<'q, D> + Type<D>,
    D::Arguments: IntoArguments<D>,
{
    let columns = match kind {
        Kind::Impressions => {
            let create = "CREATE TABLE bare (campaign_id BIGINT, banner_id BIGINT, slot BIGINT)";
            connection.execute(create).await.expect("a table");
            "bare (campaign_id, banner_id, slot)"
        }
        Kind::Clicks => "clicks (id, campaign_id, banner_id, slot)",
        Kind::Conversions => "conversions (id, click_id, revenue_micros, slot)",
    };
    let marks = vec!["?"; columns.split(',').count()].join(", ");
    let begun = Instant::now();
    connection.execute("BEGIN").await.expect("a transaction");
    for records in records.chunks(ROWS) {
        let rows = vec![format!("({marks})"); records.len()].join(", ");
        let mut statement = query(AssertSqlSafe(format!("INSERT INTO {columns} VALUES {rows}")));
        for record in records {
            statement = bind(statement, kind, *record);
        }
        connection.execute(statement).await.expect("new rows");
    }
    connection.execute("COMMIT").await.expect("a commit");
    begun.elapsed()
}

fn bind<D: Database>(
    statement: Query<'static, D, D::Arguments>,
    kind: Kind,
    Record { number, campaign, banner }: Record,
) -> Query<'static, D, D::Arguments>
where
    for<'q> String: Encode<'q, D> + Type<D>,
    for<'q> i64: Encode<'q, D> + Type<D>,
{
    let (campaign, banner) = (i64::from(campaign), i64::from(banner));
    let id = || number.to_string();
    let statement = match kind {
        Kind::Impressions => statement.bind(campaign).bind(banner),
        Kind::Clicks => statement.bind(id()).bind(campaign).bind(banner),
        Kind::Conversions => statement.bind(id()).bind(id()).bind(banner * 1_000_000),
    };
    statement.bind(SLOT)
}
