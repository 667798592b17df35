//! Banners that lead somewhere.

use bams_tests::Bams;
use sea_orm::{ConnectionTrait, Database};

/// How every landing URL begins; the id of the click follows.
pub(crate) const LANDING: &str = "https://shop.example/?click=";

/// Gives every banner a landing URL, before the server starts.
pub(crate) async fn give_landing_urls(bams: &Bams) {
    let database = Database::connect(bams.database()).await.expect("the database");
    let update = format!("UPDATE banners SET landing_url = '{LANDING}{{click_id}}'");
    database.execute_unprepared(&update).await.expect("banners");
    database.close().await.expect("a closed connection");
}
