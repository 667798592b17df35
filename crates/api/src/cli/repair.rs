//! `bams repair`.

use bams_app::repairing::{Repaired, RepairingError, refuse_other_versions, repair};
use bams_storage::{Actor, Database};
use clap::Args;

use super::{DONE, FAILED, Outcome, print, tell, verify};
use crate::assembly::store;
use crate::clock;
use crate::config::Settings;

#[derive(Args)]
#[command(after_help = ABOUT)]
pub(super) struct RepairCommand {
    /// Write what was recomputed; without it differences are only shown, as `bams verify` does
    #[arg(long)]
    yes: bool,
    /// Write even though a node of another version was seen in the last 30 seconds
    #[arg(long)]
    force: bool,
}

const ABOUT: &str = "\
Counts are recomputed from clicks, conversions, impressions and imports, and written where they
differ. Nodes may go on serving: no event is lost or counts twice, and they rank by the mended
counts within two seconds. The audit log says what was changed. A node of another version may write
what this one takes for a difference, so it must be stopped first.

Exit codes: 0 nothing (left) to mend, 1 differences are left, or refused, 2 wrong usage.";

impl RepairCommand {
    pub(super) async fn run(self, settings: &Settings) -> Outcome {
        if !self.yes {
            let code = verify::run(settings).await?;
            if code == FAILED {
                tell(
                    "Nothing was changed: `bams repair --yes` writes what events and imports say, and \
                     then mends what is compared with performance where it still differs.",
                );
            }
            return Ok(code);
        }
        let database = store::open(settings).await?;
        if !self.force
            && let Err(error) = refuse_other_versions(&database).await
        {
            return refused(error);
        }
        mend(&database).await
    }
}

async fn mend(database: &Database) -> Outcome {
    let mut printed = Ok(());
    let (by, now) = (Actor::command_line(), clock::unix_millis());
    let repaired = repair(database, &by, now, |difference| {
        if printed.is_ok() {
            printed = print(&verify::line(difference));
        }
    });
    let Repaired { mended, left, agreeing } = repaired.await?;
    printed?;
    tell(&format!("Mended {mended}. {agreeing} rows of performance agree, {left} differ."));
    Ok(if left == 0 { DONE } else { FAILED })
}

fn refused(error: RepairingError) -> Outcome {
    if let RepairingError::OtherVersion(_) = &error {
        tell(&format!("{error}: stop it first, or add --force."));
        return Ok(FAILED);
    }
    Err(error.into())
}
