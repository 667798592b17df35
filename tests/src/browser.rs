//! A browser, used as a person uses it: Debian's Chromium without a window.

use std::net::{Ipv4Addr, TcpStream};
use std::ops::Deref;
use std::process::Command;
use std::time::Duration;

use fantoccini::error::CmdError;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};

use crate::guard::Guard;
use crate::{eventually, place};

/// How long a page may take for what a person would wait for.
const PATIENCE: Duration = Duration::from_mins(1);

/// What keeps the browser to itself: no window, no questions, nothing that it fetches on its own. The
/// pipe lets it end with its driver.
const OPTIONS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
    "--window-size=1280,1000",
    // Its own name says that nobody looks, and such browsers do not count.
    "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36",
];

/// A browser with an empty profile.
///
/// It is closed when the value is dropped or the test program ends. What it can do is
/// that of [`Client`].
#[derive(Debug)]
pub struct Browser {
    client: Client,
    _driver: Guard,
}

impl Browser {
    /// Opens a browser.
    pub async fn open() -> Self {
        Self::open_with(&[]).await
    }

    /// Opens a browser with more options, such as `--force-dark-mode`.
    pub async fn open_with(options: &[&str]) -> Self {
        let (folder, port) = (place::folder("browser"), place::free_port());
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).env("HOME", &folder).env("TMPDIR", &folder);
        let driver = Guard::new(&command, &folder, true);
        driver.start();
        driver
            .wait_until("chromedriver", || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
        let profile = format!("--user-data-dir={}", folder.join("profile").display());
        let mut options: Vec<_> = OPTIONS.iter().chain(options).copied().collect();
        options.push(&profile);
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".to_owned(), json!({ "args": options }));
        capabilities.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let address = format!("http://127.0.0.1:{port}");
        let client = builder.capabilities(capabilities).connect(&address);
        Self { client: client.await.expect("a browser starts"), _driver: driver }
    }

    /// Runs a script in the page and returns what it returns.
    pub async fn run(&self, script: &str) -> Value {
        let result = self.execute(script, Vec::new()).await;
        result.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits until a script returns something that is neither false nor empty, and returns that.
    pub async fn until(&self, script: &str) -> Value {
        let mut seen = Value::Null;
        eventually(PATIENCE, script, async || {
            // Between two pages there is nothing to ask.
            seen = self.execute(script, Vec::new()).await.unwrap_or_default();
            ![json!(null), json!(false), json!(0), json!(""), json!([])].contains(&seen)
        })
        .await;
        seen
    }

    /// Returns what the console said since this was last asked.
    pub async fn console(&self) -> Vec<String> {
        let said = self.post("se/log", json!({ "type": "browser" })).await;
        let lines = said.as_array().into_iter().flatten();
        lines.filter_map(|line| Some(line["message"].as_str()?.to_owned())).collect()
    }

    /// Does what only the tools of developers can, such as `Emulation.setTimezoneOverride`.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.post("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await
    }

    /// Shows pages in a window of a size, as a system does that is light or dark.
    pub async fn look(&self, width: u32, height: u32, scheme: &str) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": scheme })).await;
    }

    async fn post(&self, path: &'static str, body: Value) -> Value {
        let answer: Result<Value, CmdError> = self.issue_cmd(BrowserCommand { path, body }).await;
        answer.unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

impl Deref for Browser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// A command of this browser that is no part of the standard.
#[derive(Debug)]
struct BrowserCommand {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for BrowserCommand {
    fn endpoint(
        &self,
        base: &Url,
        session: Option<&str>,
    ) -> Result<Url, <Url as std::str::FromStr>::Err> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
