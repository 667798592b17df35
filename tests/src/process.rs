//! What the system says about a process.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// The clock ticks of `/proc`, the same on every Linux that programs see.
const TICK: Duration = Duration::from_millis(10);

/// The processor time a process has used so far, in the program and in the kernel for it.
pub fn processor_time(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process lives");
    // The name, in parentheses, may contain anything; user and system time are fields 14 and 15.
    let (_, fields) = stat.rsplit_once(") ").expect("fields after the name");
    let ticks = fields.split(' ').skip(11).take(2).map(|it| it.parse::<u32>().expect("ticks"));
    TICK * ticks.sum::<u32>()
}

/// The most memory a process has occupied so far, in KiB; none when it has ended.
pub fn peak_kib(pid: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let peak = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    peak.trim().trim_end_matches(" kB").parse().ok()
}

/// The memory that a process occupies now, in KiB.
pub fn resident_kib(pid: u32) -> u32 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process lives");
    let resident = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    resident.and_then(|it| it.trim().trim_end_matches(" kB").parse().ok()).expect("its memory")
}

/// The program that works in this folder; the shell that starts it does so, too, and does not count.
pub fn working_in(folder: &Path) -> Option<u32> {
    let processes = fs::read_dir("/proc").expect("a Linux with /proc");
    let mut pids = processes.filter_map(|it| it.ok()?.file_name().to_str()?.parse().ok());
    pids.find(|pid| {
        let at = |file| format!("/proc/{pid}/{file}");
        fs::read_link(at("cwd")).is_ok_and(|it| it == folder)
            && fs::read_to_string(at("comm")).is_ok_and(|it| it.trim() != "sh")
    })
}
