//! What the command line asks for.

use std::time::Duration;

/// Which parts to measure, and how long.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Less time on each measurement, for trying the bench itself.
    pub(crate) quick: bool,
    /// Also the store of 5,000 campaigns, which has to be filled.
    pub(crate) large: bool,
    /// Reports over so many weeks.
    pub(crate) weeks: Option<u32>,
    /// A store of so many campaigns.
    pub(crate) catalogue: Option<u32>,
    /// Recomputing ten million clicks and conversions.
    pub(crate) verify: bool,
    parts: Vec<String>,
}

/// The campaigns of the catalogue if it is not said how many.
const CATALOGUE: u32 = 5_000;

/// The weeks of a store if it is not said how many.
const WEEKS: u32 = 5;

impl Options {
    /// Reads the arguments; `cargo bench` adds one of its own, `--bench`.
    pub(crate) fn of(arguments: &[String]) -> Self {
        let mut options = Self::default();
        let mut arguments = arguments.iter().peekable();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--bench" => {}
                "--quick" => options.quick = true,
                "--large" => options.large = true,
                "--verify" => options.verify = true,
                size @ ("--weeks" | "--catalogue") => {
                    let said = arguments.next_if(|it| it.parse::<u32>().is_ok());
                    let said = said.and_then(|it| it.parse().ok());
                    if size == "--weeks" {
                        options.weeks = Some(said.unwrap_or(WEEKS));
                    } else {
                        options.catalogue = Some(said.unwrap_or(CATALOGUE));
                    }
                }
                part @ ("decisions" | "scale" | "start" | "imports" | "events" | "reports"
                | "dashboard") => {
                    options.parts.push(part.to_owned());
                }
                other => {
                    panic!(
                        "`{other}`: give decisions, scale, start, imports, events, reports, dashboard, --quick, \
                         --large, --weeks, --catalogue or --verify"
                    )
                }
            }
        }
        options
    }

    /// Whether a part is to be measured; all are when none is named.
    pub(crate) fn wants(&self, part: &str) -> bool {
        let has_store = self.weeks.is_some() || self.catalogue.is_some() || self.verify;
        let all = self.parts.is_empty() && !has_store;
        all || self.parts.iter().any(|it| it == part)
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
