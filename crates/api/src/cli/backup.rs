//! `bams backup`.

use std::path::PathBuf;
use std::process::ExitCode;

use bams_app::backup::{BackupContents, BackupError, back_up};
use clap::Args;

use super::{DONE, Outcome, WRONG_USAGE, print, tell};
use crate::assembly::{places, store};
use crate::clock;
use crate::config::{ImageBackend, Settings, in_full};

#[derive(Args)]
#[command(after_help = ABOUT)]
pub(super) struct BackupCommand {
    /// Where to write it, such as bams-2026-11-27.tar
    file: PathBuf,
    /// Replace FILE if it exists
    #[arg(long)]
    force: bool,
}

const ABOUT: &str = "\
Nodes go on serving, and everything that they acknowledged before is in the copy. FILE is a tar
archive: the database, the signing key (unless secrets.signing_key is set: keep that yourself) and
the local images. Whoever has it can sign links, so only its owner may read it. It gets its name
when it is complete. While it is written it needs twice the room of the database.

Keep copies on another machine, and try `bams restore` and `bams verify` there now and then. For
MySQL this command names the tools. Visitors' histories are in memory or Redis, not in a backup.";

impl BackupCommand {
    pub(super) async fn run(self, settings: &Settings) -> Outcome {
        let Some(places) = places::of_store(settings) else { return Ok(name_tools(settings)) };
        if !places.database.exists() {
            return Err(BackupError::NoStore(places.database).into());
        }
        let database = store::connect(settings).await?;
        let now = clock::unix_millis();
        let contents = back_up(&database, &places, &in_full(&self.file), self.force, now).await?;
        print(&format!("{}: {}", self.file.display(), told(&contents)))?;
        if settings.media.backend == ImageBackend::S3 {
            tell(&format!(
                "The images lie in the bucket {}: copy it with its own tools.",
                settings.media.s3.bucket
            ));
        }
        Ok(DONE)
    }
}

/// Returns what a backup holds as a text.
pub(super) fn told(contents: &BackupContents) -> String {
    let BackupContents { campaigns, banners, images, key, .. } = contents;
    let key = if *key { "the signing key" } else { "no signing key" };
    format!("{campaigns} campaigns, {banners} banners, {images} images, {key}")
}

/// Names what copies a database that is a server, and returns the exit code for it.
pub(super) fn name_tools(settings: &Settings) -> ExitCode {
    let images = match settings.media.backend {
        ImageBackend::Local => format!("the folder {}", settings.media.local.path.display()),
        ImageBackend::S3 => format!("the bucket {}", settings.media.s3.bucket),
    };
    let key = if settings.secrets.signing_key.expose().is_empty() {
        "the file bams.key in the working directory of each node"
    } else {
        "secrets.signing_key"
    };
    tell(&format!(
        "bams backup and bams restore are for SQLite. MySQL and MariaDB have their own tools, which copy \
         while BAMS serves:

  mariadb-dump --single-transaction --quick --host=HOST --user=USER --password DATABASE > bams.sql

(mysqldump with the same options for MySQL; mariadb-backup or snapshots for large databases.) Then
take {images}, and {key}.

To restore: stop every node, `mariadb … DATABASE < bams.sql` into an empty database, put images and
key back, `bams verify`, and start the nodes."
    ));
    ExitCode::from(WRONG_USAGE)
}
