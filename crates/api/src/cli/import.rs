//! `bams import`.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bams_domain::Quarter;
use bams_storage::{
    ImportError, ImportFile, ImportKind, ImportOptions, ImportPhase, ImportProgress, ImportReport,
    ImportState, Imports, OnError, PlannedFile, left_out, plan,
};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::{DONE, FAILED, Outcome, Unprinted, print, tell};
use crate::assembly::store;
use crate::clock;
use crate::config::Settings;

/// How often the progress bar moves.
const TICK: Duration = Duration::from_millis(100);

/// How often a line is written where there is no terminal for a bar.
const LINE: Duration = Duration::from_secs(5);

#[derive(Args)]
pub(super) struct Import {
    /// Files, and folders with `1/impressions_1.csv`, `1/clicks_1.csv`, `1/conversions_1.csv` and so
    /// on to 4; each may be packed with gzip (.csv.gz)
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// impressions, clicks, conversions or images; else the file's name or its columns say so
    #[arg(long)]
    kind: Option<ImportKind>,
    /// 1 to 4; else a column `quarter_hour` or the ending of the file's name (_2.csv) says so
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

fn quarter(text: &str) -> Result<Quarter, String> {
    let number = text.parse::<u8>().ok().and_then(|it| Quarter::try_from(it).ok());
    number.ok_or_else(|| "a quarter is 1, 2, 3 or 4".to_owned())
}

impl Import {
    pub(super) async fn run(self, settings: &Settings) -> Outcome {
        let files = plan(&self.paths)?;
        for folder in self.paths.iter().filter(|it| it.is_dir()) {
            for file in left_out(folder, &files)? {
                let file = file.display();
                tell(&format!("{file}: SKIPPED, a folder has <quarter>/<kind>_<quarter>.csv"));
            }
        }
        let database = store::open(settings).await?;
        let mut imports = store::imports(&database, settings)?;
        if self.dry_run {
            imports = imports.rehearsal().await?;
        }
        let options = ImportOptions {
            kind: self.kind,
            quarter: self.quarter,
            on_error: match self.on_error {
                BadRow::Refuse => OnError::Refuse,
                BadRow::Skip => OnError::Skip,
            },
            dry_run: self.dry_run,
        };
        let mut refused = 0;
        let mut printed = Ok(());
        for file in &files {
            let report = import(&imports, file, options).await?;
            // The other files are imported even if nobody reads what became of them.
            printed = printed.and(tell_of(file, &report, self.dry_run));
            refused += u32::from(report.state == ImportState::Failed);
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

/// Prints what became of a file, with its first errors.
fn tell_of(file: &PlannedFile, report: &ImportReport, dry_run: bool) -> Result<(), Unprinted> {
    print(&summary(&file.path.display().to_string(), report, dry_run))?;
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

async fn import(
    imports: &Imports,
    file: &PlannedFile,
    options: ImportOptions,
) -> Result<ImportReport, ImportError> {
    let progress = Arc::new(ImportProgress::default());
    let now = clock::unix_millis();
    let upload = ImportFile::open(&file.path)?;
    let name = upload.name().to_owned();
    let importing = imports.import(upload, options, now, Arc::clone(&progress));
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

/// Says now and then how far a long import has come.
async fn with_lines(
    importing: impl Future<Output = Result<ImportReport, ImportError>>,
    name: &str,
    progress: &ImportProgress,
) -> Result<ImportReport, ImportError> {
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

/// One line for one file.
fn summary(path: &str, report: &ImportReport, dry_run: bool) -> String {
    let ImportReport { kind, rows, accepted, duplicates, rejected, .. } = report;
    let counts =
        format!("{rows} {kind}: {accepted} accepted, {duplicates} duplicates, {rejected} rejected");
    match (report.state, report.duplicate_of, dry_run) {
        (ImportState::Queued | ImportState::Running | ImportState::Failed, _, _) => {
            format!("{path}: REFUSED, {counts}")
        }
        (_, Some(first), _) => {
            format!("{path}: unchanged, import {first} stored the same file ({counts})")
        }
        (_, None, true) => format!("{path}: would store {counts}"),
        (_, None, false) => format!("{path}: {counts}"),
    }
}
