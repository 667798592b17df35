//! The use case of repairing performance: what recomputing finds is written.

use std::time::Duration;

use bams_storage::{
    Actor, Database, Difference, ProgramVersion, Repair, RepairError, StorageError, other_versions,
    verify,
};

/// How long ago a node of another version must have been seen last. Until then it may go on writing
/// what this version takes for a difference.
const LATELY: Duration = Duration::from_secs(30);

/// The most differences mended after one comparison, because they are held in memory.
const AT_ONCE: usize = 500_000;

/// Why performance was not repaired, or not wholly.
#[derive(Debug, thiserror::Error)]
pub enum RepairingError {
    /// A node of another version was seen lately.
    #[error("a node of bams {} (schema {}) was seen in the last 30 seconds", .0.version, .0.schema_step)]
    OtherVersion(ProgramVersion),
    /// Another repair is at work, or the database refused something.
    #[error(transparent)]
    Repair(#[from] RepairError),
}

impl From<StorageError> for RepairingError {
    fn from(error: StorageError) -> Self {
        Self::Repair(error.into())
    }
}

/// The result of a repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// How many differences were mended.
    pub mended: u64,
    /// How many differences are left.
    pub left: u64,
    /// How many rows of performance agree with what was counted.
    pub agreeing: u64,
}

/// Refuses a repair while a node of another version was seen in the last 30 seconds.
pub async fn refuse_other_versions(database: &Database) -> Result<(), RepairingError> {
    let mut others = other_versions(database, LATELY).await?;
    others.pop().map_or(Ok(()), |other| Err(RepairingError::OtherVersion(other)))
}

/// Recomputes all performance, calls `found` with each difference and then mends it, until nothing
/// differs. Events may keep coming in.
///
/// Slots come first. The sums of quarters are compared with them, and mended after another
/// comparison. `now` is in unix milliseconds.
pub async fn repair(
    database: &Database,
    by: &Actor,
    now: i64,
    mut found: impl FnMut(&Difference),
) -> Result<Repaired, RepairingError> {
    let mut mended = 0;
    loop {
        let mut repair = Repair::begin(database, by.clone()).await?;
        let (mut differences, mut left) = (Vec::new(), 0);
        let compare = |difference| {
            found(&difference);
            left += 1;
            if differences.len() < AT_ONCE {
                differences.push(difference);
            }
        };
        let agreeing = verify(database, compare).await?;
        let now_mended = repair.mend(&differences, now).await?;
        mended += now_mended;
        if now_mended == 0 {
            return Ok(Repaired { mended, left, agreeing });
        }
    }
}
