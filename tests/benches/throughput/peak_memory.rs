//! A command of the product, watched from its first moment to its last.

use std::ffi::OsStr;
use std::time::{Duration, Instant};

use bams_tests::Bams;

use bams_tests::process::{peak_kib, working_in};

/// How often a running command is looked at.
const EVERY: Duration = Duration::from_millis(1);

/// What a command took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watched {
    pub(crate) time: Duration,
    /// The most memory it occupied, in MiB.
    pub(crate) peak_mib: f64,
}

/// Runs a command of the binary to its end, which has to be a good one.
pub(crate) fn watch<A: AsRef<OsStr>>(
    bams: &Bams,
    arguments: impl IntoIterator<Item = A>,
) -> Watched {
    let begun = Instant::now();
    let running = bams.spawn(arguments);
    let mut peak = 0;
    let pid = loop {
        match working_in(bams.folder()) {
            Some(pid) => break Some(pid),
            None if running.is_alive() => {}
            None => break None,
        }
    };
    while let Some(kib) = pid.and_then(peak_kib) {
        peak = kib;
        std::thread::sleep(EVERY);
    }
    let time = begun.elapsed();
    let code = running.await_end(Duration::from_secs(5));
    assert_eq!(code, Some(0), "{}", running.log());
    Watched { time, peak_mib: f64::from(peak) / 1024.0 }
}
