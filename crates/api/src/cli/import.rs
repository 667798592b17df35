//! `bams import`.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bams_app::importing::{FilePlan, ImportEnding, ImportSeries, Imported, ImportingError};
use bams_domain::Quarter;
use bams_storage::{
    ImportFile, ImportKind, ImportOptions, ImportPhase, ImportProgress, ImportReport, OnError,
    PlannedFile, alternatives,
};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::notices::tell_notices;
use super::{DONE, FAILED, Outcome, Unprinted, print, revert, tell};
use crate::assembly::store;
use crate::clock;
use crate::config::{Settings, from_here, in_full};

/// How often the progress bar moves.
const TICK: Duration = Duration::from_millis(100);

/// How often a line is written if there is no terminal for a bar.
const LINE: Duration = Duration::from_secs(5);

#[derive(Args)]
pub(super) struct ImportCommand {
    /// Files, and folders with `1/impressions_1.csv`, `1/clicks_1.csv`, `1/conversions_1.csv` and so
    /// on to 4; each may be packed with gzip (.csv.gz)
    #[arg(required_unless_present = "revert", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Take out again what the import with this number added
    #[arg(
        long,
        value_name = "ID",
        conflicts_with_all = ["paths", "kind", "quarter", "on_error", "dry_run"]
    )]
    revert: Option<i64>,
    #[arg(long, help = kinds())]
    kind: Option<ImportKind>,
    /// 1 to 4; else a column `quarter_hour` or `occurred_at`, or the ending of the file's name
    /// (_2.csv) says so
    #[arg(long, value_parser = quarter)]
    quarter: Option<Quarter>,
    /// What a bad row means for its file
    #[arg(long, value_enum, default_value_t)]
    on_error: BadRow,
    /// Check everything and store nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum BadRow {
    /// Nothing of the file is stored
    #[default]
    Refuse,
    /// The good rows are stored, the others are listed
    Skip,
}

fn kinds() -> String {
    let kinds = alternatives(ImportKind::ALL.map(ImportKind::name));
    format!("{kinds}; else the file's name or its columns say so")
}

fn quarter(text: &str) -> Result<Quarter, String> {
    let number = text.parse::<u8>().ok().and_then(|it| Quarter::try_from(it).ok());
    number.ok_or_else(|| "a quarter is 1, 2, 3 or 4".to_owned())
}

impl ImportCommand {
    pub(super) async fn run(self, settings: &Settings) -> Outcome {
        if let Some(import) = self.revert {
            return revert::run(settings, import).await;
        }
        let FilePlan { files, left_out } =
            FilePlan::of(&self.paths.iter().map(|path| in_full(path)).collect::<Vec<_>>())?;
        for file in left_out {
            let file = from_here(&file);
            tell(&format!("{file}: SKIPPED, a folder has <quarter>/<kind>_<quarter>.csv"));
        }
        let database = store::open(settings).await?;
        let options = ImportOptions {
            kind: self.kind,
            quarter: self.quarter,
            on_error: match self.on_error {
                BadRow::Refuse => OnError::Refuse,
                BadRow::Skip => OnError::Skip,
            },
            dry_run: self.dry_run,
        };
        let imports = store::imports(&database, settings)?;
        let series = ImportSeries::begin(&imports, options).await?;
        let mut refused = 0;
        let mut printed = Ok(());
        for file in &files {
            let imported = import(&series, file).await?;
            // The other files are imported even if printing fails.
            printed = printed.and(tell_of(file, &imported));
            refused += u32::from(imported.ending == ImportEnding::Refused);
        }
        if refused > 0 {
            tell(&format!(
                "{refused} of {} files refused; nothing of them was stored.",
                files.len()
            ));
            return Ok(FAILED);
        }
        printed?;
        Ok(DONE)
    }
}

/// Prints the result of a file, with its first errors.
fn tell_of(file: &PlannedFile, imported: &Imported) -> Result<(), Unprinted> {
    print(&summary(&from_here(&file.path), imported))?;
    let report = &imported.report;
    tell_notices(report)?;
    for error in &report.errors {
        let code = error.code.name();
        print(&format!("  line {}, {}: {code}: {}", error.line, error.column, error.message))?;
    }
    let more = report.rejected.saturating_sub(report.errors.len() as u64);
    if more > 0 && !report.errors.is_empty() {
        print(&format!("  and {more} more"))?;
    }
    Ok(())
}

async fn import(series: &ImportSeries, file: &PlannedFile) -> Result<Imported, ImportingError> {
    let progress = Arc::new(ImportProgress::default());
    let now = clock::unix_millis();
    let upload = ImportFile::open(&file.path)?;
    let name = upload.name().to_owned();
    let importing = series.import(upload, now, Arc::clone(&progress));
    if !std::io::stderr().is_terminal() {
        return with_lines(importing, &name, &progress).await;
    }
    let bar = ProgressBar::new(0);
    let style = "{prefix} {bar:30} {bytes}/{total_bytes} {msg}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.set_prefix(name);
    tokio::pin!(importing);
    loop {
        match tokio::time::timeout(TICK, &mut importing).await {
            Ok(done) => {
                bar.finish_and_clear();
                return done;
            }
            Err(_) if progress.bytes_total() == 0 => {}
            Err(_) => show(&bar, &progress),
        }
    }
}

/// Writes the progress of a long import now and then.
async fn with_lines(
    importing: impl Future<Output = Result<Imported, ImportingError>>,
    name: &str,
    progress: &ImportProgress,
) -> Result<Imported, ImportingError> {
    tokio::pin!(importing);
    loop {
        match tokio::time::timeout(LINE, &mut importing).await {
            Ok(done) => return done,
            Err(_) => tell(&format!(
                "{name}: {} rows, {} of {} bytes",
                progress.rows(),
                progress.bytes_read(),
                progress.bytes_total()
            )),
        }
    }
}

fn show(bar: &ProgressBar, progress: &ImportProgress) {
    bar.set_length(progress.bytes_total());
    bar.set_position(progress.bytes_read());
    bar.set_message(match progress.phase() {
        None | Some(ImportPhase::Reading) => "checking".to_owned(),
        Some(ImportPhase::Booking) => format!("{} rows", progress.rows()),
    });
}

/// Returns one line about one file.
fn summary(path: &str, imported: &Imported) -> String {
    let ImportReport { kind, rows, accepted, duplicates, rejected, .. } = &imported.report;
    let counts =
        format!("{rows} {kind}: {accepted} accepted, {duplicates} duplicates, {rejected} rejected");
    match imported.ending {
        ImportEnding::Refused => format!("{path}: REFUSED, {counts}"),
        ImportEnding::Unchanged(first) => {
            format!("{path}: unchanged, import {first} stored the same file ({counts})")
        }
        ImportEnding::Tried => format!("{path}: would store {counts}"),
        ImportEnding::Stored => format!("{path}: {counts}"),
    }
}
