//! Imports that nobody waits for.

use std::time::Duration;

use bams_storage::{
    ImportFailureCode, ImportFile, ImportOptions, ImportQueue, ImportReport, ImportState, OnError,
    QueueError, Submitted,
};
use bams_tests::eventually;
use sea_orm::ConnectionTrait;

use crate::world::{NOW, World, clicks, counts, errors, file};

const SOON: Duration = Duration::from_secs(30);

async fn queue(world: &World, places: usize) -> ImportQueue {
    ImportQueue::open(world.imports.clone(), places, || ()).await.expect("a queue")
}

async fn submit(queue: &ImportQueue, name: &str, text: &str, options: ImportOptions) -> i64 {
    let submitted = queue.submit(file(name, text), options, NOW, None).await.expect("a place");
    let Submitted::Queued(report) = submitted else { panic!("{submitted:?}") };
    assert_eq!(
        (report.state, &report.sha256, report.created_at_ms),
        (ImportState::Queued, &None, NOW)
    );
    report.id.expect("a number")
}

async fn ended(world: &World, id: i64) -> ImportReport {
    let find = async || world.imports.find(id).await.expect("a record").expect("a record");
    eventually(SOON, "the job ends", async || find().await.finished_at_ms.is_some()).await;
    find().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_becomes_what_an_import_becomes() {
    for world in World::each().await {
        let queue = queue(&world, 10).await;
        let text = clicks(0..2000);
        let default = ImportOptions::default();
        let first = submit(&queue, "clicks_1.csv", &text, default).await;
        let again = submit(&queue, "copy_1.csv", &text, default).await;
        let bad = clicks(5000..5002) + "x,1,1\n";
        let refused = submit(&queue, "clicks_2.csv", &bad, default).await;
        let skip = ImportOptions { on_error: OnError::Skip, ..default };
        let skipped = submit(&queue, "clicks_2.csv", &bad, skip).await;

        let first = ended(&world, first).await;
        assert_eq!((first.state, counts(&first)), (ImportState::Completed, [2000, 2000, 0, 0]));
        assert_eq!((first.bytes, first.duplicate_of), (text.len() as u64, None), "{}", world.name);
        let again = ended(&world, again).await;
        assert_eq!((again.state, again.duplicate_of), (ImportState::Completed, first.id));
        assert_eq!((&again.sha256, again.file_name.as_str()), (&first.sha256, "copy_1.csv"));
        assert_ne!(again.id, first.id);
        let refused = ended(&world, refused).await;
        assert_eq!((refused.state, counts(&refused)), (ImportState::Failed, [3, 0, 0, 1]));
        assert_eq!(refused.failure.map(|it| it.code), Some(ImportFailureCode::InvalidRows));
        let skipped = ended(&world, skipped).await;
        assert_eq!((skipped.state, counts(&skipped)), (ImportState::Completed, [3, 2, 0, 1]));
        assert_eq!(errors(&skipped), ["4 click_id not_a_number"]);
        let id = skipped.id.expect("a number");
        assert_eq!(world.imports.rejected_rows(id, 0, 9).await.expect("rows").len(), 1);

        eventually(SOON, "no job is left", async || world.count("import_jobs").await == 0).await;
        assert_eq!(queue.standing(id).await.expect("an answer"), None);
        assert_eq!((world.count("imports").await, world.count("clicks").await), (4, 2002));
        world.assert_reconciled().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_keeps_its_result_and_nothing_else() {
    for world in World::each().await {
        let queue = queue(&world, 10).await;
        let dry = ImportOptions { dry_run: true, ..ImportOptions::default() };
        let text = clicks(0..700) + "x,1,1\n";
        let skip = ImportOptions { on_error: OnError::Skip, ..dry };
        let tried = submit(&queue, "clicks_1.csv", &text, skip).await;
        let tried = ended(&world, tried).await;
        assert_eq!((tried.state, tried.dry_run), (ImportState::Completed, true), "{}", world.name);
        assert_eq!(counts(&tried), [701, 700, 0, 1]);
        assert_eq!(world.written().await, 0);
        let id = tried.id.expect("a number");
        assert_eq!(world.imports.rejected_rows(id, 0, 9).await.expect("rows").len(), 1);
        let refused = submit(&queue, "clicks_1.csv", &text, dry).await;
        assert_eq!(ended(&world, refused).await.state, ImportState::Failed);
        let real = world.import("clicks_1.csv", &clicks(0..700)).await;
        assert_eq!((real.duplicate_of, real.accepted), (None, 700));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_takes_so_many_and_none_when_it_is_closed() {
    let world = World::sqlite().await;
    let queue = queue(&world, 1).await;
    let text = clicks(0..100_000);
    let id = submit(&queue, "clicks_1.csv", &text, ImportOptions::default()).await;
    let more = queue.submit(file("clicks_2.csv", &text), ImportOptions::default(), NOW, None).await;
    assert!(matches!(more, Err(QueueError::Full)), "{more:?}");
    assert!(matches!(queue.has_room(), Err(QueueError::Full)));
    assert_eq!(ended(&world, id).await.accepted, 100_000);
    eventually(SOON, "there is room again", async || queue.has_room().is_ok()).await;

    let unknown = queue.submit(file("x_1.csv", "a,b\n"), ImportOptions::default(), NOW, None).await;
    assert!(matches!(unknown, Err(QueueError::Import(_))), "{unknown:?}");
    assert!(queue.has_room().is_ok());
    queue.finish(SOON).await;
    assert!(matches!(queue.has_room(), Err(QueueError::Closed)));
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_may_not_end_are_undone_and_marked() {
    for world in World::each().await {
        let queue = queue(&world, 10).await;
        let text = clicks(0..1_600_000);
        let running = submit(&queue, "clicks_1.csv", &text, ImportOptions::default()).await;
        let waiting = submit(&queue, "clicks_2.csv", &text, ImportOptions::default()).await;
        eventually(SOON, "rows are booked", async || {
            queue.standing(running).await.expect("a standing").is_some_and(|it| it.rows > 0)
        })
        .await;
        queue.finish(Duration::ZERO).await;
        for id in [running, waiting] {
            let report = ended(&world, id).await;
            let code = report.failure.map(|it| it.code);
            assert_eq!(code, Some(ImportFailureCode::Interrupted), "{}", world.name);
            assert!(report.finished_at_ms.is_some_and(|it| it > NOW));
        }
        assert_eq!((world.totals().await, world.count("import_jobs").await), ([0, 0, 0], 0));
        // The next start removes what there was no time for.
        let next = self::queue(&world, 1).await;
        eventually(SOON, "nothing is left", async || world.written().await == 0).await;
        next.finish(SOON).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_job_of_a_dead_node_fails_and_that_of_a_living_one_does_not() {
    for world in World::each().await {
        let report = world.import("clicks_1.csv", "click_id,banner_id,campaign_id\n1,2\n").await;
        let id = report.id.expect("a number");
        let orphan = "UPDATE imports SET state = 'running', failure = NULL, finished_at = NULL";
        world.execute(orphan).await;
        world.execute(&format!("INSERT INTO import_jobs VALUES ({id}, 7, 'booking', 5, 1)")).await;
        let queue = queue(&world, 10).await;
        let report = ended(&world, id).await;
        assert_eq!(report.state, ImportState::Failed, "{}", world.name);
        assert_eq!(report.failure.map(|it| it.code), Some(ImportFailureCode::Interrupted));
        let left = async || world.count("import_jobs").await == 0;
        eventually(SOON, "the job is gone", left).await;

        let text = clicks(0..1000);
        let other = self::queue(&world, 10).await;
        let id = submit(&other, "clicks_3.csv", &text, ImportOptions::default()).await;
        assert_eq!(ended(&world, id).await.state, ImportState::Completed);
        queue.finish(SOON).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_job_that_cannot_be_ended_yet_holds_up_no_beats() {
    let world = World::mariadb().await;
    let report = world.import("clicks_1.csv", "click_id,banner_id,campaign_id\n1,2\n").await;
    let lost = report.id.expect("a number");
    world.execute("UPDATE imports SET state = 'running', failure = NULL, finished_at = NULL").await;
    world.execute(&format!("INSERT INTO import_jobs VALUES ({lost}, 7, 'booking', 5, 1)")).await;
    world.execute("INSERT INTO store_revision VALUES (1, 1)").await;
    // The node of the lost one is still about to book it, and the own one waits for its commit.
    let held = world.begin().await;
    held.execute_unprepared(&format!("SELECT id FROM imports WHERE id = {lost} FOR UPDATE"))
        .await
        .expect("a lock");
    held.execute_unprepared("UPDATE store_revision SET revision = 2").await.expect("a lock");
    let queue = queue(&world, 1).await;
    let id = submit(&queue, "clicks_2.csv", &clicks(0..10), ImportOptions::default()).await;
    let beat = format!("SELECT beat FROM import_jobs WHERE import_id = {id}");
    eventually(SOON, "beats go on", async || {
        let beat = world.rows(&beat).await;
        beat.first().is_some_and(|it| it.parse::<u32>().is_ok_and(|it| it > 15))
    })
    .await;
    held.rollback().await.expect("no more locks");
    assert_eq!(ended(&world, id).await.state, ImportState::Completed);
    assert_eq!(ended(&world, lost).await.state, ImportState::Failed);
    queue.finish(SOON).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_not_read_on_when_its_job_is_stopped() {
    let world = World::sqlite().await;
    let queue = queue(&world, 1).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().canonicalize().expect("a path").join("clicks_1.csv");
    std::fs::write(&path, clicks(0..1)).expect("a file");
    let open = std::fs::File::options().append(true).open(&path).expect("a file");
    // Reading so much takes hours.
    open.set_len(1 << 42).expect("a large file");
    drop(open);
    let file = ImportFile::open(&path).expect("a file");
    let submitted = queue.submit(file, ImportOptions::default(), NOW, None).await;
    let Ok(Submitted::Queued(report)) = submitted else { panic!("{submitted:?}") };
    let id = report.id.expect("a number");
    eventually(SOON, "it is read", async || {
        queue.standing(id).await.expect("a standing").is_some_and(|it| it.bytes_read > 100_000)
    })
    .await;
    queue.finish(Duration::ZERO).await;
    assert_eq!(ended(&world, id).await.state, ImportState::Failed);
    eventually(SOON, "nobody has it open", async || {
        let open = std::fs::read_dir("/proc/self/fd").expect("open files");
        open.filter_map(|it| std::fs::read_link(it.ok()?.path()).ok()).all(|it| it != path)
    })
    .await;
}
