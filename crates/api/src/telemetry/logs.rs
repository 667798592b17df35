//! Logs: one line per event on standard error, as text or JSON.

use std::io::{self, IsTerminal, Write};

use tracing_subscriber::EnvFilter;

use crate::config::{InvalidConfig, Log, LogFormat};

/// What would say too much: rusoto writes canonical requests, sqlx statements, migrations each step
/// twice, and the client of a Redis Cluster each try to reach a node that is away. A filter that names
/// one of these modules itself wins over this.
const QUIET: [&str; 6] = [
    "rusoto_core=warn",
    "rusoto_signature=warn",
    "sqlx=warn",
    "hyper=warn",
    "sea_orm_migration=warn",
    "redis=error",
];

/// Moves to the start of a terminal's line and wipes it, in case a progress bar stands there.
const WIPE: &[u8] = b"\r\x1b[2K";

/// Says which events are written where.
pub(crate) fn init(settings: &Log) -> Result<(), InvalidConfig> {
    // Alone, so that the error quotes nothing else.
    EnvFilter::try_new(&settings.filter).map_err(|error| InvalidConfig::Value {
        setting: "log.filter",
        problem: format!("cannot be used: {error}"),
    })?;
    // Of directives for the same module the last one wins.
    let filter = EnvFilter::new(format!("{},{}", QUIET.join(","), settings.filter));
    let terminal = io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(move || Console { terminal })
        .with_ansi(terminal);
    match settings.format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
    Ok(())
}

/// Standard error as the log needs it: a full disk or a reader that went away costs lines, and stops
/// no work.
struct Console {
    terminal: bool,
}

impl Write for Console {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut stderr = io::stderr().lock();
        let wiped = if self.terminal { stderr.write_all(WIPE) } else { Ok(()) };
        let _ = wiped.and_then(|()| stderr.write_all(line));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
