//! Logs: one line per event on standard error, as text or JSON.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{InvalidConfig, LogFormat, Settings};

/// Says which events are written where.
pub(crate) fn init(settings: &Settings) -> Result<(), InvalidConfig> {
    let malformed = |problem: String| InvalidConfig::Value { setting: "log.filter", problem };
    let mut filter = EnvFilter::try_new(&settings.log.filter)
        .map_err(|error| malformed(format!("cannot be used: {error}")))?;
    // rusoto writes canonical requests, sqlx statements, migrations each step twice. A filter
    // that names one of these modules itself wins over this.
    for quiet in ["rusoto_core", "rusoto_signature", "sqlx", "hyper", "sea_orm_migration"] {
        let directive = format!("{quiet}=warn").parse();
        filter = filter.add_directive(directive.map_err(|_| malformed(quiet.to_owned()))?);
    }
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match settings.log.format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
    Ok(())
}
