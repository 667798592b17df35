//! How an instance of the product is set up.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use crate::bams::Bams;
use crate::guard::Guard;
use crate::redis::Redis;
use crate::redis_cluster::RedisCluster;
use crate::s3::S3;
use crate::{binary, place};

/// The settings of an instance, all of them with defaults that suit a test.
///
/// The defaults are the product's: SQLite, memory in the process, images in a folder,
/// but everything lies in a private folder and the port is free.
#[derive(Debug, Default)]
pub struct BamsBuilder {
    environment: BTreeMap<String, String>,
    arguments: Vec<String>,
    unheard: bool,
    open_files: Option<u32>,
}

impl Bams {
    /// Returns an instance to be set up.
    pub fn builder() -> BamsBuilder {
        BamsBuilder::default()
    }
}

impl BamsBuilder {
    /// Changes a setting named as in the configuration file, such as `database.url`.
    #[must_use]
    pub fn set(self, key: &str, value: impl Into<String>) -> Self {
        self.env(&format!("BAMS__{}", key.to_uppercase().replace('.', "__")), value)
    }

    /// Changes a variable of the environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    /// Adds an argument to `bams serve`.
    #[must_use]
    pub fn arg(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// Lets nothing be written to the standard error, as on a full disk.
    #[must_use]
    pub fn unheard(mut self) -> Self {
        self.unheard = true;
        self
    }

    /// Lets the server have so many open files at most.
    #[must_use]
    pub fn open_files(mut self, most: u32) -> Self {
        self.open_files = Some(most);
        self
    }

    /// Uses a database by its URL, such as one from
    /// [`MariaDb::database`](crate::MariaDb::database).
    #[must_use]
    pub fn database(self, url: &str) -> Self {
        self.set("database.url", url)
    }

    /// Keeps histories in a Redis server; nodes that share them take the same prefix.
    #[must_use]
    pub fn redis(self, server: &Redis, key_prefix: &str) -> Self {
        self.set("redis.url", server.url()).set("redis.key_prefix", key_prefix)
    }

    /// Keeps histories in a Redis Cluster.
    #[must_use]
    pub fn redis_cluster(self, cluster: &RedisCluster, key_prefix: &str) -> Self {
        self.set("redis.url", cluster.url())
            .set("redis.cluster", "true")
            .set("redis.key_prefix", key_prefix)
    }

    /// Keeps images in an S3 server.
    #[must_use]
    pub fn s3(self, server: &S3) -> Self {
        self.set("media.backend", "s3")
            .set("media.s3.endpoint", server.endpoint())
            .set("media.s3.bucket", server.bucket())
            .set("media.s3.region", "us-east-1")
            .set("media.s3.path_style", "true")
            .env("AWS_ACCESS_KEY_ID", S3::ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", S3::SECRET_KEY)
    }

    /// Sets up the instance without starting the server, for commands like `import`.
    pub fn prepare(self) -> Bams {
        let folder = place::folder("node");
        let temporary = folder.join("tmp");
        std::fs::create_dir(&temporary).expect("a temporary folder");
        let mut command = Command::new("sh");
        let errors = if self.unheard { "2>/dev/full" } else { "" };
        let limit = self.open_files.map(|most| format!("ulimit -n {most};")).unwrap_or_default();
        command.args(["-c", &format!("{limit} exec \"$@\" {errors}"), "sh"]).arg(binary::bams());
        command.arg("serve").args(&self.arguments).current_dir(&folder).env("TMPDIR", temporary);
        let inherited = ["BAMS_BIN", "BAMS_CONFIG", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
        for name in inherited.into_iter().chain(["AWS_SESSION_TOKEN", "AWS_PROFILE"]) {
            command.env_remove(name);
        }
        let database = format!("sqlite://{}?mode=rwc", folder.join("bams.db").display());
        command.env("BAMS__DATABASE__URL", database);
        command.env("BAMS__MEDIA__LOCAL__PATH", folder.join("images"));
        command.env("BAMS__SERVER__PORT", "0");
        command.envs(&self.environment);

        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_mins(1))
            .no_proxy()
            .build()
            .expect("an HTTP client");
        let guard = Guard::new(&command, &folder, true);
        Bams { guard: guard.into(), serve: command, folder, client, address: Mutex::default() }
    }

    /// Sets the instance up, starts its server and waits until it answers.
    pub async fn start(self) -> Bams {
        let bams = self.prepare();
        bams.start().await;
        bams
    }
}
