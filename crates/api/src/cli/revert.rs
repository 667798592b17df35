//! `bams import --revert`.

use std::time::Duration;

use bams_app::importing::{ImportingError, revert};
use bams_storage::{Actor, ImportReport};

use super::notices::tell_notices;
use super::{DONE, Outcome, print, tell};
use crate::assembly::store;
use crate::clock;
use crate::config::Settings;

/// How often is looked whether another import has ended.
const PAUSE: Duration = Duration::from_secs(1);

/// Takes out what an import added, and waits until its rows are removed.
pub(super) async fn run(settings: &Settings, number: i64) -> Outcome {
    let database = store::open(settings).await?;
    let imports = store::imports(&database, settings)?;
    let by = Actor::command_line();
    let mut told = false;
    let (report, removal) = loop {
        match revert(&imports, number, &by, clock::unix_millis()).await {
            Err(ImportingError::Busy(_)) => {
                if !told {
                    tell("Another import is being stored: this waits for its end.");
                    told = true;
                }
                tokio::time::sleep(PAUSE).await;
            }
            reverted => break reverted?,
        }
    };
    if let Some(removal) = removal {
        removal.await?;
    }
    let ImportReport { kind, accepted, file_name, .. } = &report;
    print(&format!(
        "import {number} reverted: {accepted} {kind} of {file_name} do not count any more"
    ))?;
    tell_notices(&report)?;
    Ok(DONE)
}
