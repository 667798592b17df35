//! The product itself, run as its users run it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder};

use crate::binary;
use crate::guard::Guard;

/// How the line begins by which the server says that it is ready.
const READY: &str = "listening on ";

/// One instance of the binary with a folder of its own.
///
/// It is killed, and its folder removed, when the value is dropped or the test program
/// ends. When a test fails the instance's log is printed with it.
#[derive(Debug)]
pub struct Bams {
    pub(crate) guard: Arc<Guard>,
    pub(crate) serve: Command,
    pub(crate) folder: PathBuf,
    pub(crate) client: Client,
    pub(crate) address: Mutex<String>,
}

/// What a command printed and how it ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The exit code; 128 plus its number for a signal.
    pub code: i32,
    /// What went to the standard output.
    pub output: String,
    /// What went to the standard error.
    pub errors: String,
}

impl Bams {
    /// Starts the server, for the first time or again, and waits until it answers.
    pub async fn start(&self) {
        let before = self.guard.output().len();
        self.guard.start();
        let deadline = Instant::now() + Duration::from_mins(3);
        let address = loop {
            let output = self.guard.output();
            let mut lines = output[before..].split_inclusive('\n').filter(|it| it.ends_with('\n'));
            if let Some(address) = lines.find_map(|it| it.trim().strip_prefix(READY)) {
                break address.trim_end_matches('/').to_owned();
            }
            assert!(self.guard.is_alive(), "bams ended instead of serving:\n{}", self.log());
            assert!(Instant::now() < deadline, "bams does not serve:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        *self.address.lock().unwrap_or_else(PoisonError::into_inner) = address;
    }

    /// Returns the address of a path, such as `/healthz`; a whole URL stays as it is.
    pub fn url(&self, path: &str) -> String {
        if path.starts_with("http") {
            return path.to_owned();
        }
        let address = self.address.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(!address.is_empty(), "the server was not started");
        format!("{address}{path}")
    }

    /// Returns a request to be completed and sent; redirects are not followed.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// Returns a GET request.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// Returns a POST request.
    pub fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// Returns the folder the instance works in; for files that tests give it, too.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the URL of its database.
    pub fn database(&self) -> String {
        let url = self.serve.get_envs().find(|it| it.0 == "BAMS__DATABASE__URL");
        let url = url.and_then(|it| it.1).expect("a database");
        url.to_string_lossy().into_owned()
    }

    /// Runs another command of the binary, such as `["import", "data"]`, to its end.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Outcome {
        let output = self.command(arguments).output().expect("bams runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Outcome {
            code: output.status.code().unwrap_or(-1),
            output: text(&output.stdout),
            errors: text(&output.stderr),
        }
    }

    /// Starts another command of the binary to be watched, or killed, while it runs.
    pub fn spawn<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Running {
        let guard = Guard::new(&self.command(arguments), &self.folder, false);
        guard.start();
        Running { guard }
    }

    /// Creates an API key of a role and returns it.
    pub fn key(&self, role: &str) -> String {
        let outcome = self.run(["key", "create", "--name", "test", "--role", role]);
        assert_eq!(outcome.code, 0, "{}", outcome.errors);
        let mut words = outcome.output.split_whitespace();
        words.find(|it| it.starts_with("bams_")).expect("a key on the standard output").to_owned()
    }

    /// Kills the server as a power cut would.
    pub fn kill(&self) {
        self.guard.kill();
    }

    /// Sends the server a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        self.guard.signal(name);
    }

    /// Asks the server to end (SIGTERM); its exit status, or none when it is late.
    pub async fn terminate(&self, within: Duration) -> Option<i32> {
        self.guard.signal("TERM");
        self.await_end(within).await
    }

    /// Waits for the server to end by itself; its exit status, or none when it is late.
    pub async fn await_end(&self, within: Duration) -> Option<i32> {
        let guard = Arc::clone(&self.guard);
        tokio::task::spawn_blocking(move || guard.await_end(within)).await.expect("no panic")
    }

    /// Returns the process id of the server.
    pub fn pid(&self) -> u32 {
        self.guard.pid()
    }

    /// Returns everything the server printed so far.
    pub fn log(&self) -> String {
        format!("{}{}", self.guard.output(), self.guard.errors())
    }

    /// Returns what the server wrote to its standard error so far, where its log goes.
    pub fn errors(&self) -> String {
        self.guard.errors()
    }

    /// Returns the binary in the same environment with other arguments, to be run by hand.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(binary::bams());
        command.args(arguments).current_dir(&self.folder);
        for (name, value) in self.serve.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }
}

impl Drop for Bams {
    #[expect(clippy::print_stderr, reason = "a failing test shows what the server said")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("---- what bams said ----\n{}", self.log());
        }
    }
}

/// A command that runs beside the server; it is killed when dropped.
#[derive(Debug)]
pub struct Running {
    guard: Guard,
}

impl Running {
    /// Kills the command as a power cut would.
    pub fn kill(&self) {
        self.guard.kill();
    }

    /// Returns everything it printed, together with what the server of the same folder printed.
    pub fn log(&self) -> String {
        format!("{}{}", self.guard.output(), self.guard.errors())
    }

    /// Returns true if it has not ended yet.
    pub fn is_alive(&self) -> bool {
        self.guard.is_alive()
    }

    /// Waits for the end; the exit status, or none when it is late.
    pub fn await_end(&self, within: Duration) -> Option<i32> {
        self.guard.await_end(within)
    }
}
