//! A private Redis server.

use std::process::Command;
use std::sync::LazyLock;

use crate::guard::Guard;
use crate::place;

/// A Redis server that keeps nothing on disk.
///
/// It is gone when the value is dropped or the test program ends.
#[derive(Debug)]
pub struct Redis {
    guard: Guard,
    port: u16,
}

impl Redis {
    /// Returns the server all tests of this program share, started at the first call.
    ///
    /// Tests keep apart by taking a [`key_prefix`](Self::key_prefix) each.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Redis> = LazyLock::new(Redis::start);
        &SHARED
    }

    /// Starts a server of one's own, for tests that stop or kill it.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts a server of one's own with more options, such as `["--maxmemory", "2mb"]`.
    pub fn start_with(options: &[&str]) -> Self {
        let folder = place::folder("redis");
        let port = place::free_port();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command.arg("--port").arg(port.to_string());
        command.args(options);
        let it = Self { guard: Guard::new(&command, &folder, true), port };
        it.restart();
        it
    }

    /// Returns the server's URL, `redis://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Returns a prefix for keys that no other call gets, for the setting `redis.key_prefix`.
    pub fn key_prefix(&self) -> String {
        format!("test{}:", place::unique())
    }

    /// Returns the port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the process id, for a test that looks at the process.
    pub fn pid(&self) -> u32 {
        self.guard.pid()
    }

    /// Runs one command, such as `["GET", "key"]`, and returns the plain answer.
    ///
    /// An error of the server is returned as text, too.
    pub fn cli(&self, arguments: &[&str]) -> String {
        let port = self.port.to_string();
        let mut client = Command::new("redis-cli");
        client.args(["-h", "127.0.0.1", "-p", &port]).args(arguments);
        let output = client.output().expect("the program redis-cli (tests/run.sh installs it)");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Kills the server; what it remembered is lost.
    pub fn kill(&self) {
        self.guard.kill();
    }

    /// Freezes the server: it accepts connections and answers nothing.
    pub fn stop(&self) {
        self.guard.signal("STOP");
    }

    /// Lets a frozen server go on.
    pub fn resume(&self) {
        self.guard.signal("CONT");
    }

    /// Starts the server again, empty, on the same port; kills it first if need be.
    pub fn restart(&self) {
        self.begin_restart();
        self.wait_until_ready();
    }

    /// Starts the server again and does not wait until it answers.
    pub fn begin_restart(&self) {
        self.guard.kill();
        self.guard.start();
    }

    /// Waits until something is true of the server, at most a minute.
    pub fn until(&self, what: &str, condition: impl FnMut() -> bool) {
        self.guard.wait_until(what, condition);
    }

    fn wait_until_ready(&self) {
        self.guard.wait_until("Redis", || self.cli(&["PING"]) == "PONG");
    }
}
