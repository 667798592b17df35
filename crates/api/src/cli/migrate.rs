//! `bams migrate`.

use super::{DONE, Outcome, tell};
use crate::assembly::store::connect;
use crate::config::Settings;

/// Brings the schema up to date and prints how many steps that took.
pub(super) async fn run(settings: &Settings) -> Outcome {
    let database = connect(settings).await?;
    match database.migrate().await? {
        0 => tell("The schema is up to date already."),
        1 => tell("Took 1 step; the schema is up to date."),
        steps => tell(&format!("Took {steps} steps; the schema is up to date.")),
    }
    Ok(DONE)
}
