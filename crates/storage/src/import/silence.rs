//! Noticing processes that no longer beat.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

/// How often beats are incremented and read.
pub(super) const EVERY: Duration = Duration::from_secs(1);

/// How many times a beat may be read unchanged before its process counts as lost.
const LOST: u32 = 10;

/// The last beat of each import, and how often it was read. Nobody's clock matters, because clocks
/// differ.
#[derive(Default)]
pub(super) struct Silence(HashMap<i64, (i64, u32)>);

impl Silence {
    /// Takes the present beats of all imports that others work on, and returns those whose beat has
    /// stood still for too long.
    pub(super) fn lost(&mut self, beats: impl IntoIterator<Item = (i64, i64)>) -> Vec<i64> {
        let times = |import, beat| match self.0.get(&import) {
            Some((known, times)) if *known == beat => times + 1,
            _ => 1,
        };
        let seen = beats.into_iter().map(|(import, beat)| (import, (beat, times(import, beat))));
        self.0 = seen.collect();
        self.0.iter().filter(|it| it.1.1 > LOST).map(|it| *it.0).collect()
    }
}

pub(super) fn every_second() -> Interval {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
