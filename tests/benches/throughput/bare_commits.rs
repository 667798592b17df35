//! The same rows as events', committed by nobody but the bench.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
    TransactionTrait, Value,
};

use crate::event_load::{TOGETHER, click_of};

/// No campaign of the server's: these and the following.
const CAMPAIGN: i64 = i64::MAX / 2;

/// A slot as good as any.
const SLOT: i64 = 7;

/// What is committed: raw rows, each with one of performance.
#[derive(Clone, Copy)]
pub(crate) enum Rows {
    /// Impressions in the order of their key, always of the same banners.
    Ordered,
    /// Impressions of 256 decisions under way, each of another of 20,000 banners in campaigns.
    Scattered,
    /// Conversions, scattered like that.
    Conversions,
}

/// A connection as the product opens it.
pub(crate) struct BareCommits(DatabaseConnection);

impl BareCommits {
    /// Connects to a database that has its tables already.
    pub(crate) async fn connect(url: &str) -> Self {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(|it| {
            use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
            it.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full)
        });
        Self(Database::connect(options).await.expect("the database"))
    }

    /// Rows a second, 256 in a transaction, by statements that are prepared once.
    pub(crate) async fn rate(&self, rows: Rows, time: Duration) -> f64 {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let dialect = self.0.get_database_backend();
        let (raw, sums) = (rows.raw(), rows.sums(dialect));
        let begun = Instant::now();
        let mut written = 0_u32;
        while begun.elapsed() < time {
            let first = NEXT.fetch_add(TOGETHER.into(), Relaxed);
            let (mut events, mut accounts) = (Vec::new(), Vec::new());
            for number in first..first + u64::from(TOGETHER) {
                let account = rows.account(number);
                events.extend(rows.event(number, account));
                accounts.push(account);
            }
            accounts.sort_unstable();
            let account = |(campaign, banner)| [campaign, banner, SLOT].map(Value::from);
            let accounts: Vec<Value> = accounts.into_iter().flat_map(account).collect();
            let transaction = self.0.begin().await.expect("a transaction");
            for (sql, values) in [(&raw, events), (&sums, accounts)] {
                let statement = Statement::from_sql_and_values(dialect, sql, values);
                transaction.execute_raw(statement).await.expect("new rows");
            }
            transaction.commit().await.expect("a commit");
            written += TOGETHER;
        }
        f64::from(written) / begun.elapsed().as_secs_f64()
    }
}

impl Rows {
    fn raw(self) -> String {
        let into = match self {
            Self::Conversions => "conversions (id, click_id, revenue_micros, slot)",
            _ => "impressions (decision_id, banner_id, campaign_id, slot)",
        };
        format!("INSERT INTO {into} VALUES {}", list("(?,?,?,?)"))
    }

    fn sums(self, dialect: DbBackend) -> String {
        let (counts, columns) = match self {
            Self::Conversions => ("0,0,1,12500000", "conversions revenue_micros"),
            _ => ("1,0,0,0", "impressions"),
        };
        let row = format!("(?,?,?,{counts})");
        let sqlite = dialect == DbBackend::Sqlite;
        let conflict = if sqlite {
            "ON CONFLICT (campaign_id, banner_id, slot) DO UPDATE SET"
        } else {
            "ON DUPLICATE KEY UPDATE"
        };
        let sum = |it| {
            let new = if sqlite { format!("excluded.{it}") } else { format!("VALUES({it})") };
            format!("{it} = {it} + {new}")
        };
        let sums: Vec<_> = columns.split(' ').map(sum).collect();
        format!(
            "INSERT INTO performance (campaign_id, banner_id, slot, impressions, clicks, \
             conversions, revenue_micros) VALUES {} {conflict} {}",
            list(&row),
            sums.join(", ")
        )
    }

    /// The campaign and the banner that an event counts for.
    fn account(self, number: u64) -> (i64, i64) {
        let pair = match self {
            Self::Ordered => number % u64::from(TOGETHER),
            _ => (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) % 20_000,
        };
        let pair = i64::try_from(pair).expect("a small number");
        (CAMPAIGN + pair % 50, 101 + pair / 50)
    }

    fn event(self, number: u64, (campaign, banner): (i64, i64)) -> [Value; 4] {
        // Version 0, so that no decision of the server's has the id.
        let decision = |high: u64, low: u64| [high.to_be_bytes(), low.to_be_bytes()].concat();
        let of_256 = number % u64::from(TOGETHER);
        match self {
            Self::Ordered => {
                [decision(0, number).into(), banner.into(), campaign.into(), SLOT.into()]
            }
            Self::Scattered => {
                let decision = decision(1 + of_256, number);
                [decision.into(), banner.into(), campaign.into(), SLOT.into()]
            }
            Self::Conversions => [
                format!("bare-{number}").into(),
                click_of(number).to_string().into(),
                12_500_000_i64.into(),
                SLOT.into(),
            ],
        }
    }
}

fn list(row: &str) -> String {
    vec![row; TOGETHER as usize].join(",")
}
