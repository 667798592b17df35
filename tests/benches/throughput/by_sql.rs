//! A store that is filled by SQL, because an import of so many rows would take hours.

use bams_tests::Bams;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend};

use crate::imports::empty;

/// The largest number of the table `numbers`.
const NUMBERS: u32 = 9_999;

const ATTACH: &str = "INSERT INTO campaign_banners (campaign_id, banner_id, status, created_at)";

/// A store with its schema, and a connection to it.
pub(crate) struct BySql {
    connection: DatabaseConnection,
    pub(crate) bams: Bams,
}

impl BySql {
    /// A store of a kind, with a table of the numbers from 0 to 9,999.
    pub(crate) async fn empty(database: &str) -> Self {
        let (bams, url) = empty(database);
        let connection = Database::connect(&url).await.expect("the database");
        let store = Self { connection, bams };
        if database == "MariaDB" {
            // As large as a server in service for such a store; the one of tests is small.
            store.run("SET GLOBAL innodb_buffer_pool_size = 1024 * 1024 * 1024").await;
            store.run("SET GLOBAL innodb_log_file_size = 512 * 1024 * 1024").await;
            store.commit_lazily(true).await;
        }
        let digits = (0..10).map(|digit| format!("SELECT {digit} AS n"));
        let digits = digits.collect::<Vec<_>>().join(" UNION ALL ");
        store.run("CREATE TABLE numbers (n BIGINT PRIMARY KEY)").await;
        store
            .run(&format!(
                "INSERT INTO numbers SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n \
                 FROM ({digits}) AS a CROSS JOIN ({digits}) AS b CROSS JOIN ({digits}) AS c \
                 CROSS JOIN ({digits}) AS d"
            ))
            .await;
        store
    }

    pub(crate) async fn run(&self, sql: &str) {
        let done = self.connection.execute_unprepared(sql).await;
        assert!(done.is_ok(), "{sql}: {done:?}");
    }

    /// Makes campaigns and banners, numbered from 1, each banner in each campaign.
    pub(crate) async fn catalogue(&self, campaigns: u32, banners: u32) {
        self.campaigns(campaigns).await;
        self.banners(banners).await;
        self.attach_all(campaigns, banners).await;
    }

    /// Makes campaigns, numbered from 1.
    pub(crate) async fn campaigns(&self, campaigns: u32) {
        self.run(&format!(
            "INSERT INTO campaigns (id, name, status, policy, tags, notes, created_at, updated_at) \
             SELECT n, CONCAT('Campaign ', n), 'active', 'revenue_ladder', '[]', '', 0, 0 \
             FROM numbers WHERE n BETWEEN 1 AND {campaigns}"
        ))
        .await;
    }

    /// Makes the first banners, in their order.
    pub(crate) async fn banners(&self, banners: u32) {
        let id = format!("1 + a.n * {} + b.n", NUMBERS + 1);
        self.run(&format!(
            "INSERT INTO banners (id, name, status, landing_url, alt, width, height, tags, \
             image_key, image_media_type, image_bytes, created_at, updated_at) \
             SELECT {id}, CONCAT('Banner ', {id}), 'active', 'https://example.com/', '', 300, 250, \
             '[]', CONCAT('image_', {id}, '.png'), 'image/png', 10000, 0, 0 \
             FROM numbers AS a CROSS JOIN numbers AS b \
             WHERE a.n <= {} AND {id} <= {banners} ORDER BY a.n, b.n",
            banners / (NUMBERS + 1)
        ))
        .await;
    }

    /// Attaches to each of the first campaigns as many banners of its own, in their order, numbered
    /// from `first`.
    pub(crate) async fn attach_own(&self, campaigns: u32, first: u32, own: u32) {
        self.run(&format!(
            "{ATTACH} SELECT c.n, {first} + (c.n - 1) * {own} + b.n, 'active', 0 \
             FROM numbers AS c CROSS JOIN numbers AS b \
             WHERE c.n BETWEEN 1 AND {campaigns} AND b.n < {own} ORDER BY c.n, b.n"
        ))
        .await;
    }

    /// Attaches the first banners to the first campaigns.
    pub(crate) async fn attach_all(&self, campaigns: u32, banners: u32) {
        self.run(&format!(
            "{ATTACH} SELECT c.n, b.n, 'active', 0 FROM numbers AS c CROSS JOIN numbers AS b \
             WHERE c.n BETWEEN 1 AND {campaigns} AND b.n BETWEEN 1 AND {banners} ORDER BY c.n, b.n"
        ))
        .await;
    }

    /// Whether MariaDB writes commits to its disk only now and then.
    async fn commit_lazily(&self, lazily: bool) {
        let each = u8::from(!lazily);
        self.run(&format!("SET GLOBAL innodb_flush_log_at_trx_commit = {each}")).await;
    }

    /// Takes the first number away, so that the server finds the schema that it made.
    pub(crate) async fn finish(self) -> Bams {
        if self.connection.get_database_backend() == DbBackend::MySql {
            self.commit_lazily(false).await;
        }
        self.run("DROP TABLE numbers").await;
        self.connection.close().await.expect("a connection that can be closed");
        self.bams
    }
}

/// Fails if a store would need more numbers than there are.
pub(crate) fn check(number: u32) {
    assert!(number <= NUMBERS, "{number} is more than {NUMBERS}");
}
