//! The HTTP shell and command line of BAMS: the binary `bams`.
#![warn(clippy::unwrap_used)]

mod answer;
mod assembly;
mod cli;
mod clock;
mod config;
mod dashboard;
mod draining;
mod extract;
mod lifecycle;
mod openapi;
mod origin;
mod paths;
mod problem;
mod random;
mod routes;
mod server;
mod telemetry;
mod timestamp;
mod upkeep;
mod views;
mod words;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A decision allocates some forty times, and the system's allocator took a tenth of its time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
