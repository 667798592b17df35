//! Servers that take no writes any more are left for those that took their places.

use bams_storage::{ImportOptions, ImportState};
use bams_tests::{MariaDb, Switch};

use crate::world::{World, clicks, import};

#[tokio::test(flavor = "multi_thread")]
async fn an_import_goes_on_at_the_server_that_took_the_others_place() {
    let (one, other) = (MariaDb::start(), MariaDb::start());
    let switch = Switch::to(one.port()).await;
    let url = one.database_of_its_user();
    let through = url.replace(&format!(":{}/", one.port()), &format!(":{}/", switch.port()));
    let world = World::open("MariaDB", &through, None).await;
    one.copy(&url, &other);
    let (mut primary, mut replica) = (&one, &other);
    for (portion, ids) in [(10_000, 0..300), (100, 300..600)] {
        let imports = world.imports.clone().in_portions_of(portion);
        let warm = clicks(ids.start + 10_000..ids.end + 10_000);
        import(&imports, "clicks_1.csv", warm, ImportOptions::default()).await.unwrap();

        // As a planned switch-over does it: connections to the old primary stay open.
        primary.sql("", "SET GLOBAL read_only = 1");
        replica.sql("", "SET GLOBAL read_only = 0");
        switch.turn_to(replica.port());
        let stored = import(&imports, "clicks_1.csv", clicks(ids), ImportOptions::default()).await;
        assert_eq!(stored.unwrap().state, ImportState::Completed, "{portion}");
        let raw = "SELECT COUNT(*) FROM clicks WHERE CAST(id AS SIGNED) < 10000";
        assert_eq!((primary.sql(&url, raw), replica.sql(&url, raw)), ("0".into(), "300".into()));
        (primary, replica) = (replica, primary);
        primary.sql(&url, "DELETE FROM clicks");
    }
}
