//! `bams export`.

use std::path::PathBuf;

use bams_app::exporting::export;
use clap::Args;

use super::{DONE, Outcome, print, tell};
use crate::assembly::store;
use crate::clock;
use crate::config::Settings;
use crate::timestamp;

#[derive(Args)]
#[command(after_help = ABOUT)]
pub(super) struct ExportCommand {
    /// An empty folder, or one that does not exist yet
    folder: PathBuf,
}

const ABOUT: &str = "\
Writes what counts at one moment; nodes go on serving. `bams import DIR` takes DIR/images.csv and the
folders DIR/1 to DIR/4 into another store, with the same reports. Each row says the quarter-hour in
which it counts, and a row of impressions for how many it stands. campaigns.csv, banners.csv and
attachments.csv have all settings, for people and spreadsheets. Keys, visitors, the audit log,
filtered events and retracted conversions are not exported: `bams backup` copies the whole store.";

impl ExportCommand {
    pub(super) async fn run(self, settings: &Settings) -> Outcome {
        let database = store::open(settings).await?;
        let exported = export(&database, &self.folder, clock::unix_millis()).await?;
        let told = exported.rows.iter().map(|(table, rows)| format!("{rows} {}", table.name()));
        let told: Vec<String> = told.collect();
        print(&format!("{}: {}", self.folder.display(), told.join(", ")))?;
        if let Some(from) = exported.clicks_from {
            let day = timestamp::text(from.starts_at().saturating_mul(1000));
            let day = day.get(..10).unwrap_or_default();
            tell(&format!(
                "Clicks and conversions before {day} are summed up: they are in no file, their \
                 impressions are."
            ));
        }
        Ok(DONE)
    }
}
