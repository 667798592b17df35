//! Banners that lead somewhere.

use bams_tests::Bams;
use sea_orm::{ConnectionTrait, Database};

/// How every landing URL begins; the id of the click follows.
pub(crate) const LANDING: &str = "https://shop.example/?click=";

/// Gives every banner a landing URL, before the server starts.
pub(crate) async fn give_landing_urls(bams: &Bams) {
    let update = format!("UPDATE banners SET landing_url = '{LANDING}{{click_id}}'");
    execute(bams, &[&update]).await;
}

/// Runs statements in the instance's database, as another program may.
pub(crate) async fn execute(bams: &Bams, statements: &[&str]) {
    let database = Database::connect(bams.database()).await.expect("the database");
    for sql in statements {
        database.execute_unprepared(sql).await.expect(sql);
    }
    database.close().await.expect("a closed connection");
}
