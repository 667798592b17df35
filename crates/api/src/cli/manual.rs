//! `bams completions` and `bams man`: what shells and `man` read of the command line.

use std::error::Error;

use clap::CommandFactory;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::Arguments;

/// Returns the script that completes the command line in a shell.
pub(super) fn completions(shell: Shell) -> Result<String, Box<dyn Error>> {
    let mut script = Vec::new();
    generate(shell, &mut Arguments::command(), "bams", &mut script);
    Ok(String::from_utf8(script)?)
}

/// Returns the manual page of a command, or of all, in the language of `man`.
pub(super) fn page(command: Option<&str>) -> Result<String, Box<dyn Error>> {
    let mut all = Arguments::command();
    all.build();
    let described = match command {
        Some(name) => {
            let found = all.find_subcommand(name).cloned();
            found.ok_or_else(|| format!("there is no command `{name}`: see `bams --help`"))?
        }
        None => all,
    };
    let mut page = Vec::new();
    Man::new(described).render(&mut page)?;
    Ok(String::from_utf8(page)?)
}
