//! A private MariaDB server.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use crate::guard::Guard;
use crate::place;

/// Fills the data folder at the first start, then becomes the server, which begins a cluster if it was
/// told to.
const START: &str = r#"
test -d data || mariadb-install-db --no-defaults "$@" \
    --skip-test-db --auth-root-authentication-method=normal >&2 || exit
new=
if test -e new-cluster; then rm new-cluster; new=--wsrep-new-cluster; fi
exec mariadbd --defaults-file="$PWD/options.cnf" "$@" $new
"#;

/// Small, private, in UTF-8, and durable like a server in service.
const OPTIONS: [&str; 7] = [
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=8M",
    "--innodb-flush-log-at-trx-commit=1",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_bin",
];

/// A MariaDB server with a data folder of its own, durable like one in service.
///
/// It listens on a unix socket and on a port of the loopback address, and is gone with
/// its data when the value is dropped or the test program ends.
#[derive(Debug)]
pub struct MariaDb {
    guard: Guard,
    folder: PathBuf,
    port: u16,
}

impl MariaDb {
    /// Returns the server all tests of this program share, started at the first call.
    ///
    /// Tests keep apart by taking a [`database`](Self::database) each.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<MariaDb> = LazyLock::new(MariaDb::start);
        &SHARED
    }

    /// Starts a server of one's own, for tests that stop or kill it.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts a server of one's own with more options, such as `max_connections=20`.
    pub fn start_with(options: &[&str]) -> Self {
        Self::start_in(&place::folder("mariadb"), options)
    }

    /// Starts the same in a folder that is there, such as one on a small disk.
    pub fn start_in(folder: &Path, options: &[&str]) -> Self {
        let it = Self::prepare(folder, options);
        it.restart();
        it.admit_everybody();
        it
    }

    /// Creates the users by whom tests come in.
    pub(crate) fn admit_everybody(&self) {
        self.sql("", "CREATE USER bams@localhost, bams@127.0.0.1 IDENTIFIED BY 'bams'");
        self.sql("", "GRANT ALL ON *.* TO bams@localhost, bams@127.0.0.1");
    }

    /// Returns a server that keeps everything in a folder, not started yet.
    pub(crate) fn prepare(folder: &Path, options: &[&str]) -> Self {
        let (folder, port) = (folder.to_owned(), place::free_port());
        let options = format!("[mariadbd]\nskip-log-bin\n{}\n", options.join("\n"));
        std::fs::write(folder.join("options.cnf"), options).expect("a file of options");
        let mut command = Command::new("sh");
        command.args(["-c", START, "mariadb"]).env("PATH", path_with_sbin());
        // A server that starts clears temporary tables away, also those of one that starts beside it.
        command.env("TMPDIR", &folder);
        command.args(OPTIONS);
        command.arg(format!("--datadir={}", folder.join("data").display()));
        command.arg(format!("--socket={}", folder.join("socket").display()));
        command.arg(format!("--pid-file={}", folder.join("pid").display()));
        command.arg(format!("--port={port}"));
        // The server refuses to run as root unless told so.
        if Path::new("/proc/self").metadata().is_ok_and(|it| it.uid() == 0) {
            let is_ours = folder.metadata().is_ok_and(|it| it.uid() == 0);
            command.arg(if is_ours { "--user=root" } else { "--user=mysql" });
        }
        Self { guard: Guard::new(&command, &folder, true), folder, port }
    }

    /// Creates an empty database and returns its URL, `mysql://…`.
    pub fn database(&self) -> String {
        let name = format!("test_{}", place::unique());
        let options = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
        self.sql("", &format!("CREATE DATABASE {name} {options}"));
        format!("mysql://bams:bams@127.0.0.1:{}/{name}", self.port)
    }

    /// Runs one statement and returns the rows, one per line, columns parted by tabs.
    ///
    /// The database is given by its name or URL; for none it is empty. Panics with the
    /// server's message when the statement fails.
    pub fn sql(&self, database: &str, statement: &str) -> String {
        let output = self.client(database, statement);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`{statement}` failed: {errors}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Returns the URL of a database for a user who may do everything there and nothing beyond: one whom
    /// `read_only` stops.
    pub fn database_of_its_user(&self) -> String {
        let url = self.database();
        let name = url.rsplit('/').next().unwrap_or_default();
        self.admit(name);
        format!("mysql://{name}:{name}@127.0.0.1:{}/{name}", self.port)
    }

    fn admit(&self, name: &str) {
        self.sql("", &format!("CREATE USER {name}@127.0.0.1 IDENTIFIED BY '{name}'"));
        self.sql("", &format!("GRANT ALL ON {name}.* TO {name}@127.0.0.1"));
    }

    /// Copies a database of [`database_of_its_user`](Self::database_of_its_user) to another server,
    /// as a replica has it.
    pub fn copy(&self, url: &str, other: &Self) {
        let name = url.rsplit('/').next().unwrap_or_default();
        other.sql("", &format!("CREATE DATABASE {name}"));
        other.admit(name);
        let script = "mariadb-dump --no-defaults --user=root --socket=\"$1\" \"$3\" | \
                      mariadb --no-defaults --user=root --socket=\"$2\" \"$3\"";
        let mut copying = Command::new("sh");
        copying.args(["-ec", script, "copy"]);
        copying.args([self.folder.join("socket"), other.folder.join("socket")]).arg(name);
        assert!(copying.status().expect("a shell").success(), "the database is copied");
    }

    /// Runs one statement and tells whether it succeeded.
    pub fn try_sql(&self, statement: &str) -> bool {
        self.client("", statement).status.success()
    }

    /// Returns the port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the process id, for a test that looks at the process.
    pub fn pid(&self) -> u32 {
        self.guard.pid()
    }

    /// Returns the folder with the data and the socket.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Kills the server as a power cut would.
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

    /// Starts the server again with the same data and port; kills it first if need be.
    pub fn restart(&self) {
        self.guard.kill();
        self.guard.start();
        self.wait_until_ready();
    }

    fn wait_until_ready(&self) {
        self.guard.wait_until("MariaDB", || self.client("", "SELECT 1").status.success());
    }

    fn client(&self, database: &str, statement: &str) -> Output {
        self.command(database, statement)
            .output()
            .expect("the program mariadb (tests/run.sh installs it)")
    }

    /// Returns a client that runs statements, for a test that does something else meanwhile.
    pub fn command(&self, database: &str, statement: &str) -> Command {
        let name = database.rsplit('/').next().unwrap_or_default();
        let mut client = Command::new("mariadb");
        client.args(["--no-defaults", "--user=root", "--batch", "--skip-column-names"]);
        client.arg(format!("--socket={}", self.folder.join("socket").display()));
        client.arg(format!("--execute={statement}"));
        if !name.is_empty() {
            client.arg(name);
        }
        client
    }
}

/// Returns the search path with the folders of system programs, where Debian keeps the server.
fn path_with_sbin() -> OsString {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    path.push(":/usr/sbin:/usr/local/sbin");
    path
}
