//! The command line.

mod backup;
mod export;
mod import;
mod key;
mod manual;
mod migrate;
mod notices;
mod repair;
mod restore;
mod revert;
mod serve;
mod verify;

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

use crate::config::{self, InvalidConfig, LoadedSettings, Overrides, Settings, Sources};
use crate::openapi;
use crate::telemetry::logs;

/// Banner Advertising Management System: decides which banners a visitor sees from what those
/// banners earned in this quarter of the hour.
#[derive(Parser)]
#[command(name = "bams", version, after_help = EXAMPLES)]
struct Arguments {
    /// A TOML file with settings; they win over the defaults and lose against the environment.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A setting, such as server.port=8080; wins over everything. May be repeated.
    #[arg(long = "set", global = true, value_name = "SECTION.KEY=VALUE")]
    settings: Vec<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  bams serve --demo                     look at it, with data it makes up itself
  bams import data/                     data/1/impressions_1.csv, data/1/clicks_1.csv, …
  bams import clicks.csv --quarter 3    one file
  bams import --revert 7                take out again what import 7 added
  bams export copy/                     everything as CSV files that `bams import` takes
  bams key create --name grafana --role viewer
  bams backup bams.tar                  a copy of the running store; `bams restore bams.tar`
  BAMS__SERVER__PORT=8080 bams          settings come from the environment, a file, or --set
  bams config                           every setting in effect, and where it comes from
  bams completions bash >> ~/.bashrc    complete commands and options with the tabulator

Exit codes: 0 done, 1 failed or refused, 2 wrong usage.";

#[derive(Subcommand)]
enum Command {
    /// Serve (what `bams` does by itself)
    Serve(serve::Serve),
    /// Import CSV files: impressions, clicks, conversions, images
    Import(import::ImportCommand),
    /// Write everything as CSV files that `import` takes
    Export(export::ExportCommand),
    /// Bring the database's schema up to date; `serve` does so too
    Migrate,
    /// Make, list and revoke API keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Recompute performance from raw rows and imports and print every difference
    Verify,
    /// Write what `verify` recomputes, after showing it
    Repair(repair::RepairCommand),
    /// Copy a running SQLite store with its signing key and images to one file
    Backup(backup::BackupCommand),
    /// Put the store of a backup in place
    Restore(restore::RestoreCommand),
    /// Print the OpenAPI document
    Openapi,
    /// Print every setting in effect and where it comes from; secrets stay hidden
    Config,
    /// Print a script that completes commands and options in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print a manual page, for `man`
    Man {
        /// A command, such as import; the page of them all if missing
        command: Option<String>,
    },
}

/// The exit code of a command that did not break.
type Outcome = Result<ExitCode, Box<dyn Error>>;

const DONE: ExitCode = ExitCode::SUCCESS;
const FAILED: ExitCode = ExitCode::FAILURE;
const WRONG_USAGE: u8 = 2;

/// Runs one command and returns its exit code.
pub(crate) fn main() -> ExitCode {
    let Arguments { config, settings, command } = Arguments::parse();
    let command = command.unwrap_or(Command::Serve(serve::Serve::default()));
    let demo = matches!(&command, Command::Serve(it) if it.is_demo());
    let readable = settings.iter().filter_map(|it| Overrides::pair(it).ok()).collect();
    let overrides = Overrides { file: config.clone(), pairs: readable };
    match load(config, &settings, demo).and_then(|loaded| run(command, loaded)) {
        Ok(code) => code,
        // A reader such as `head` has closed the pipe, because it has seen enough.
        Err(error) if error.downcast_ref().is_some_and(Unprinted::is_unread) => DONE,
        Err(error) => {
            if error.is::<InvalidConfig>() {
                logs::init_for(&overrides);
            }
            complain(&*error);
            if error.is::<InvalidConfig>() { ExitCode::from(WRONG_USAGE) } else { FAILED }
        }
    }
}

fn load(
    file: Option<PathBuf>,
    pairs: &[String],
    demo: bool,
) -> Result<LoadedSettings, Box<dyn Error>> {
    let pairs = pairs.iter().map(|it| Overrides::pair(it)).collect::<Result<_, _>>()?;
    let loaded = config::load(&Overrides { file, pairs })?;
    if !demo {
        loaded.settings.refuse_placeholders()?;
    }
    Ok(loaded)
}

fn run(command: Command, LoadedSettings { settings, sources }: LoadedSettings) -> Outcome {
    match command {
        Command::Openapi => print(openapi::document_text("")?.trim_end())?,
        Command::Config => print(&sources.describe(&settings)?)?,
        Command::Completions { shell } => print(manual::completions(shell)?.trim_end())?,
        Command::Man { command } => print(manual::page(command.as_deref())?.trim_end())?,
        command => {
            logs::init(&settings.log)?;
            return actix_web::rt::System::with_tokio_rt(runtime)
                .block_on(connected(command, settings, &sources));
        }
    }
    Ok(DONE)
}

async fn connected(command: Command, settings: Settings, sources: &Sources) -> Outcome {
    if !matches!(command, Command::Serve(_)) {
        sources.warn();
    }
    match command {
        Command::Serve(serve) => serve.run(settings, sources).await,
        Command::Import(import) => import.run(&settings).await,
        Command::Export(export) => export.run(&settings).await,
        Command::Migrate => migrate::run(&settings).await,
        Command::Key(key) => key.run(&settings).await,
        Command::Verify => verify::run(&settings).await,
        Command::Repair(repair) => repair.run(&settings).await,
        Command::Backup(backup) => backup.run(&settings).await,
        Command::Restore(restore) => restore.run(&settings).await,
        Command::Openapi | Command::Config | Command::Completions { .. } | Command::Man { .. } => {
            Ok(DONE)
        }
    }
}

/// Makes the runtime of imports, the refresher and the connection to Redis. Requests have threads
/// of their own.
#[expect(clippy::expect_used, reason = "without threads there is nothing to do but stop")]
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("the operating system starts threads")
}

/// Writes a line of the result, which other programs may read.
fn print(text: &str) -> Result<(), Unprinted> {
    writeln!(io::stdout(), "{text}").map_err(Unprinted)
}

/// The result could not be written, because of a full disk or a reader that went away.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output")]
struct Unprinted(#[source] io::Error);

impl Unprinted {
    /// Returns true if the reader went away.
    fn is_unread(&self) -> bool {
        self.0.kind() == io::ErrorKind::BrokenPipe
    }
}

/// Writes a message for people, and ignores failures.
fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes an error with all its causes, as a line of the log where that is JSON.
fn complain(error: &dyn Error) {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    if logs::are_json() {
        tracing::error!("{text}");
    } else {
        tell(&format!("bams: {text}"));
    }
}
