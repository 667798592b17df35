//! Logs: one line per event on standard error, as text or JSON.

use std::io::{self, IsTerminal, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing_subscriber::EnvFilter;

use crate::config::{InvalidConfig, LogFormat, LogSection, Overrides, log_of_refused};

/// The modules that log too much: rusoto its canonical requests, sqlx statements, migrations each
/// step twice, and the client of a Redis Cluster each attempt to reach a node that is away. A
/// filter that names one of these modules wins.
const QUIET: [&str; 6] = [
    "rusoto_core=warn",
    "rusoto_signature=warn",
    "sqlx=warn",
    "hyper=warn",
    "sea_orm_migration=warn",
    "redis=error",
];

/// Moves to the start of a terminal's line and clears it, because a progress bar may be there.
const WIPE: &[u8] = b"\r\x1b[2K";

/// True if the log is JSON: then nothing else may be written between its lines.
static JSON: AtomicBool = AtomicBool::new(false);

/// Returns true if the log is written as JSON.
pub(crate) fn are_json() -> bool {
    JSON.load(Ordering::Relaxed)
}

/// Sets up which events are written where.
pub(crate) fn init(settings: &LogSection) -> Result<(), InvalidConfig> {
    // The filter is parsed alone, so that the error quotes nothing else.
    EnvFilter::try_new(&settings.filter).map_err(|error| InvalidConfig::Value {
        setting: "log.filter",
        problem: format!("cannot be used: {error}"),
    })?;
    // The last one of several directives for a module wins.
    let filter = EnvFilter::new(format!("{},{}", QUIET.join(","), settings.filter));
    let terminal = io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(move || Console { terminal })
        .with_ansi(terminal);
    match settings.format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => {
            builder.json().flatten_event(true).init();
            JSON.store(true, Ordering::Relaxed);
            panic::set_hook(Box::new(|panicked| tracing::error!("{panicked}")));
        }
    }
    Ok(())
}

/// Sets up a log in JSON for refused settings that ask for one, unless there is a log.
pub(crate) fn init_for(refused: &Overrides) {
    let settings = log_of_refused(refused).filter(|it| it.format == LogFormat::Json);
    if let Some(settings) = settings
        && !are_json()
        && let Err(error) = init(&settings)
    {
        tracing::error!("{error}");
    }
}

/// Standard error for the log. A full disk or a reader that went away loses lines, and stops no
/// work.
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
