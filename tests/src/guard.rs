//! A process that never outlives the test program that started it.
//!
//! Between the two stands a small shell, in a process group of its own, that reads
//! orders from a pipe. The pipe closes when the guard is dropped, and also when the
//! test program panics, is killed or is interrupted: then the shell kills the server
//! and removes its folder.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What the shell between the test program and a server does.
const SCRIPT: &str = include_str!("guard.sh");

/// One guarded process, which can be killed and started again.
#[derive(Debug)]
pub(crate) struct Guard {
    shell: Child,
    line: Mutex<Option<Line>>,
    pid: AtomicU32,
    output: PathBuf,
    errors: PathBuf,
}

/// Orders to the shell and its answers.
#[derive(Debug)]
struct Line {
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Guard {
    /// Prepares to run `command` in `folder`, its output collected in files there.
    ///
    /// With `owned` the folder is removed when all is over.
    pub(crate) fn new(command: &Command, folder: &Path, owned: bool) -> Self {
        let (output, errors) = (folder.join("output.log"), folder.join("errors.log"));
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "guard"]);
        shell.arg(if owned { folder } else { Path::new("-") }).arg(&output).arg(&errors);
        shell.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        let mut shell = shell
            .current_dir(folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell starts");

        let orders = shell.stdin.take().expect("a pipe to the shell");
        let answers = BufReader::new(shell.stdout.take().expect("a pipe from the shell"));
        let line = Mutex::new(Some(Line { orders, answers }));
        Self { shell, line, pid: AtomicU32::new(0), output, errors }
    }

    /// Starts the command, for the first time or after it was killed or has ended.
    pub(crate) fn start(&self) {
        let pid = self.order("start").parse().expect("a process id");
        self.pid.store(pid, Ordering::Relaxed);
    }

    /// Returns the process id of the server.
    pub(crate) fn pid(&self) -> u32 {
        self.pid.load(Ordering::Relaxed)
    }

    /// Sends a signal by its name, such as `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        self.order(&format!("signal {name}"));
    }

    /// Kills the server at once and waits until it is gone.
    pub(crate) fn kill(&self) {
        self.order("kill");
    }

    /// Returns true if the server has not ended yet.
    pub(crate) fn is_alive(&self) -> bool {
        self.order("alive") == "yes"
    }

    /// Waits for the server to end by itself; its exit status, or none when it is late.
    ///
    /// A server ended by a signal has the status 128 plus the signal's number.
    pub(crate) fn await_end(&self, within: Duration) -> Option<i32> {
        self.order(&format!("await {}", within.as_millis() / 10)).parse().ok()
    }

    /// Waits until `ready`, in a thread that may sleep.
    ///
    /// Panics with the server's errors when it ends or takes longer than a minute.
    pub(crate) fn wait_until(&self, what: &str, mut ready: impl FnMut() -> bool) {
        for _ in 0..3000 {
            if ready() {
                return;
            }
            assert!(self.is_alive(), "{what} ended instead of starting:\n{}", self.errors());
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("{what} did not become ready:\n{}", self.errors());
    }

    /// Returns what the server wrote to its standard output so far.
    pub(crate) fn output(&self) -> String {
        text(&self.output)
    }

    /// Returns what the server wrote to its standard error so far.
    pub(crate) fn errors(&self) -> String {
        text(&self.errors)
    }

    /// Gives the shell an order and returns its answer.
    fn order(&self, order: &str) -> String {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let Line { orders, answers } = line.as_mut().expect("the shell listens until the drop");
        writeln!(orders, "{order}").expect("the shell reads its orders");
        let mut answer = String::new();
        answers.read_line(&mut answer).expect("the shell answers");
        answer.trim_end().to_owned()
    }
}

impl Drop for Guard {
    /// Ends the server and waits until nothing is left of it.
    fn drop(&mut self) {
        *self.line.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let _ended = self.shell.wait();
    }
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}
