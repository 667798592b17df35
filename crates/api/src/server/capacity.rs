//! The number of connections that this process's memory and open files allow.

use std::fs::read_to_string;
use std::path::{Path, PathBuf};

/// The most bytes that a connection takes in this process and the kernel. With clients that send
/// requests without a pause and read no answer it was some 150 kB here and 250 kB there.
const CONNECTION: u64 = 512 * 1024;

/// The share of memory that connections may take, as a divisor.
const SHARE: u64 = 2;

/// Open files other than connections: the database, Redis, reports and imports.
const OTHER_FILES: u64 = 128;

/// Returns how many connections to take if at most `most` are configured, and logs it if these are
/// fewer.
pub(super) fn connections(most: usize) -> usize {
    let limits = ConnectionLimits::read(Path::new("/"));
    let connections = limits.connections(most);
    if connections < most {
        let ConnectionLimits { memory, files } = limits;
        tracing::info!(
            connections,
            max_connections = most,
            memory_bytes = memory,
            open_files = files,
            "memory and open files allow fewer connections than server.max_connections"
        );
    }
    connections
}

/// The limits that the system sets this process. `None` if it does not tell, or sets no limit.
#[derive(Debug, Default, PartialEq, Eq)]
struct ConnectionLimits {
    memory: Option<u64>,
    files: Option<u64>,
}

impl ConnectionLimits {
    /// Reads the limits from Linux's files below `root`.
    fn read(root: &Path) -> Self {
        let text = |path: &str| read_to_string(root.join(path)).unwrap_or_default();
        let limits = text("proc/self/limits");
        let bounds = [
            installed(&text("proc/meminfo")),
            of_process(&limits, "Max address space"),
            of_group(root, &text("proc/self/cgroup")),
        ];
        let memory = bounds.into_iter().flatten().min();
        Self { memory, files: of_process(&limits, "Max open files") }
    }

    fn connections(&self, most: usize) -> usize {
        let by_memory = self.memory.map(|memory| memory / SHARE / CONNECTION);
        let by_files = self.files.map(|files| files.saturating_sub(OTHER_FILES).max(files / 2));
        let allowed = by_memory.into_iter().chain(by_files).min();
        allowed.map_or(most, |allowed| usize::try_from(allowed).unwrap_or(most).clamp(1, most))
    }
}

/// Reads the memory of the machine from `/proc/meminfo`.
fn installed(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Reads a limit of the process from `/proc/self/limits`.
fn of_process(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Returns the smallest memory limit of the process's control groups. The names are those of
/// version 2, then 1. In a container a group's own folder is the first.
fn of_group(root: &Path, text: &str) -> Option<u64> {
    let limits = text.lines().flat_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, group) = (fields.next().unwrap_or_default(), fields.next());
        let (base, file) = match controllers {
            "" => ("sys/fs/cgroup", "memory.max"),
            _ if controllers.split(',').any(|controller| controller == "memory") => {
                ("sys/fs/cgroup/memory", "memory.limit_in_bytes")
            }
            _ => return Vec::new(),
        };
        let base = root.join(base);
        let group = base.join(group.unwrap_or_default().trim_start_matches('/'));
        let folders = group.ancestors().take_while(|folder| folder.starts_with(&base));
        folders.map(|folder| folder.join(file)).collect::<Vec<PathBuf>>()
    });
    limits.filter_map(|path| read_to_string(path).ok()?.trim().parse().ok()).min()
}

#[cfg(test)]
mod tests {
    use std::fs::{create_dir_all, write};

    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn connections_are_as_many_as_memory_and_files_allow() {
        for (memory, files, most, expected) in [
            (None, None, 25_000, 25_000),
            (Some(64 * GIB), Some(1 << 20), 25_000, 25_000),
            (Some(8 * GIB), None, 25_000, 8192),
            (Some(GIB / 4), None, 25_000, 256),
            (Some(8 * GIB), Some(1024), 25_000, 896),
            (None, Some(64), 25_000, 32),
            (Some(8 * GIB), None, 2, 2),
            (Some(1), None, 2, 1),
        ] {
            let limits = ConnectionLimits { memory, files };
            assert_eq!(limits.connections(most), expected, "{limits:?}");
        }
    }

    #[test]
    fn the_smallest_limit_counts() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max address space         unlimited            unlimited            bytes\n\
                      Max open files            1024                 524288               files\n";
        let place = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = place.path().join(path);
            create_dir_all(path.parent().unwrap()).unwrap();
            write(path, text).unwrap();
        };
        let memory = || ConnectionLimits::read(place.path()).memory;
        assert_eq!(ConnectionLimits::read(place.path()), ConnectionLimits::default());
        put("proc/meminfo", "MemTotal:       16384 kB\nMemFree:         1024 kB\n");
        put("proc/self/limits", limits);
        assert_eq!(ConnectionLimits::read(place.path()).files, Some(1024));
        assert_eq!(memory(), Some(16 << 20));

        put("proc/self/cgroup", "4:cpu,memory:/pod/box\n0::/pod/box\n");
        put("sys/fs/cgroup/pod/box/memory.max", "max\n");
        put("sys/fs/cgroup/pod/memory.max", "8388608\n");
        assert_eq!(memory(), Some(8 << 20));
        put("sys/fs/cgroup/memory/pod/memory.limit_in_bytes", "9223372036854771712\n");
        put("sys/fs/cgroup/memory/memory.limit_in_bytes", "4194304\n");
        assert_eq!(memory(), Some(4 << 20));
        put(
            "proc/self/limits",
            &limits.replace("space         unlimited", "space         2097152  "),
        );
        assert_eq!(memory(), Some(2 << 20));
    }
}
