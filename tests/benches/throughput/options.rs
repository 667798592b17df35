//! What the command line asks for.

use std::time::Duration;

/// Which parts to measure, and how long.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Less time on each measurement, for trying the bench itself.
    pub(crate) quick: bool,
    /// Also the store of 5,000 campaigns, which has to be filled.
    pub(crate) large: bool,
    parts: Vec<String>,
}

impl Options {
    /// Reads the arguments; `cargo bench` adds one of its own, `--bench`.
    pub(crate) fn of(arguments: &[String]) -> Self {
        let mut options = Self::default();
        for argument in arguments {
            match argument.as_str() {
                "--bench" => {}
                "--quick" => options.quick = true,
                "--large" => options.large = true,
                part @ ("decisions" | "scale" | "start" | "imports" | "events" | "reports") => {
                    options.parts.push(part.to_owned());
                }
                other => {
                    panic!(
                        "`{other}`: give decisions, scale, start, imports, events, reports, --quick or --large"
                    )
                }
            }
        }
        options
    }

    /// Whether a part is to be measured; all are when none is named.
    pub(crate) fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|it| it == part)
    }

    /// How often each measurement is repeated; the table shows medians.
    pub(crate) fn rounds(&self) -> usize {
        if self.quick { 3 } else { 5 }
    }

    /// How often an import is repeated.
    pub(crate) fn import_rounds(&self) -> usize {
        if self.quick { 1 } else { 3 }
    }

    /// How long a server is under load in one round.
    pub(crate) fn round(&self) -> Duration {
        Duration::from_millis(if self.quick { 500 } else { 2000 })
    }

    /// How long a server is under load before anything is measured.
    pub(crate) fn warm_up(&self) -> Duration {
        self.round()
    }

    /// Rows of an imported file.
    pub(crate) fn rows(&self) -> u32 {
        if self.quick { 30_000 } else { 150_000 }
    }
}
