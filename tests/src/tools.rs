//! Programs that try the product from outside, such as schemathesis.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Tools of other languages, as `tests/tools.sh` installs them.
#[derive(Debug)]
pub struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// Returns the tools, installed before the first use if they are not there yet.
    pub fn shared() -> &'static Self {
        static TOOLS: LazyLock<Tools> = LazyLock::new(|| {
            // <target>/<profile>/deps/<this program>
            let program = std::env::current_exe().expect("the path of this program");
            let folder = program.ancestors().nth(3).expect("the target folder").join("tools");
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tools.sh");
            passes(Command::new(script).arg(&folder));
            Tools { folder }
        });
        &TOOLS
    }

    /// Returns a program that was installed from the Python registry, such as `schemathesis`.
    pub fn python(&self, program: &str) -> Command {
        let programs = self.folder.join("python/bin");
        let mut command = Command::new(programs.join(program));
        // Some of them look for others.
        let mut path = programs.into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        command.env("PATH", path);
        command
    }

    /// Returns a program that was installed from the npm registry, such as `tsc`.
    pub fn node(&self, program: &str) -> Command {
        Command::new(self.modules().join(".bin").join(program))
    }

    /// Returns the folder `node_modules`.
    pub fn modules(&self) -> PathBuf {
        self.folder.join("typescript/node_modules")
    }
}

/// Runs a command to its end, and returns what it printed; panics with that when it fails.
#[track_caller]
pub fn passes(command: &mut Command) -> String {
    let program = Path::new(command.get_program()).display().to_string();
    let output = command.output().unwrap_or_else(|error| panic!("{program}: {error}"));
    let text = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
    let text = text.concat();
    assert!(output.status.success(), "{program} failed: {}\n{text}", output.status);
    text
}
