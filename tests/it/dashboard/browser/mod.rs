//! The dashboard in a real browser, as people use it.

mod accessible;
mod audit;
mod canaries;
mod clocks;
mod habits;
mod hostile;
mod jobs;
mod live;
mod names;
mod states;

use std::time::Duration;

use bams_tests::{Ask, Bams, Browser, eventually};
use fantoccini::Locator;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::{Value, json};

/// The most steps from one control of a page to another.
const MOST_STEPS: usize = 300;

/// By what means somebody uses the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GuestMeans {
    Mouse,
    /// The keyboard alone.
    Keyboard,
    /// The mouse, and no script runs.
    MouseWithoutScript,
}

/// Somebody at a browser.
pub(super) struct DashboardGuest<'a> {
    pub(super) bams: &'a Bams,
    pub(super) browser: Browser,
    means: GuestMeans,
}

impl<'a> DashboardGuest<'a> {
    /// Opens a browser, and signs in with a key by its page.
    pub(super) async fn sign_in(bams: &'a Bams, key: &str, means: GuestMeans) -> Self {
        let guest = Self { bams, browser: Browser::open().await, means };
        if means == GuestMeans::MouseWithoutScript {
            let off = json!({ "value": true });
            guest.browser.devtools("Emulation.setScriptExecutionDisabled", off).await;
        }
        guest.go("/dashboard/").await;
        guest.is_at("/dashboard/sign-in").await;
        guest.fill("#key", key).await;
        guest.press("form .primary").await;
        guest.is_at("/dashboard/").await;
        guest
    }

    /// Opens a page by its address.
    pub(super) async fn go(&self, path: &str) {
        self.browser.goto(&self.bams.url(path)).await.unwrap();
    }

    /// Waits until a page has been loaded.
    pub(super) async fn is_at(&self, path: &str) {
        let arrived =
            format!("return location.pathname == '{path}' && document.readyState == 'complete'");
        self.browser.until(&arrived).await;
    }

    /// The text of the page.
    pub(super) async fn text(&self) -> String {
        let text = self.browser.run("return document.querySelector('main').innerText").await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page says something. Without a script somebody has to ask again.
    pub(super) async fn reads(&self, text: &str) {
        eventually(Duration::from_mins(1), text, async || {
            let script = format!("return document.body.innerText.includes({})", json!(text));
            let found = self.browser.execute(&script, Vec::new()).await;
            let found = found.unwrap_or_default() == json!(true);
            if !found && self.means == GuestMeans::MouseWithoutScript {
                self.browser.refresh().await.unwrap();
            }
            found
        })
        .await;
    }

    /// The control that a selector finds, once it is there.
    async fn control(&self, selector: &str) -> Element {
        let found = self.browser.wait().for_element(Locator::Css(selector)).await;
        found.unwrap_or_else(|error| panic!("{selector}: {error}"))
    }

    /// Walks from control to control until one that a selector finds has the focus.
    pub(super) async fn step_to(&self, selector: &str) {
        self.control(selector).await;
        let is_there =
            format!("return Boolean(document.activeElement?.matches({}))", json!(selector));
        for _ in 0..MOST_STEPS {
            if self.browser.run(&is_there).await == json!(true) {
                return;
            }
            self.type_in(&char::from(Key::Tab).to_string()).await;
        }
        panic!("{selector} cannot be reached with the keyboard");
    }

    /// Types keys, whatever has the focus.
    pub(super) async fn type_in(&self, keys: &str) {
        let press = |value| [KeyAction::Down { value }, KeyAction::Up { value }];
        let keys =
            keys.chars().flat_map(press).fold(KeyActions::new("keys".into()), KeyActions::then);
        self.browser.perform_actions(keys).await.unwrap();
    }

    /// Presses a link, a button, a radio or a box.
    pub(super) async fn press(&self, selector: &str) {
        if self.means != GuestMeans::Keyboard {
            let control = self.control(selector).await;
            // A message may lie over the lower edge, where a control is scrolled to.
            let script = format!(
                "document.querySelector({}).scrollIntoView({{ block: 'center' }})",
                json!(selector)
            );
            self.browser.run(&script).await;
            return control.click().await.unwrap();
        }
        self.step_to(selector).await;
        let is_box = self.browser.run("return document.activeElement.matches('input')").await;
        let key = if is_box == json!(true) { ' ' } else { char::from(Key::Enter) };
        self.type_in(&key.to_string()).await;
    }

    /// Writes into a field, or gives it files by their paths.
    pub(super) async fn fill(&self, selector: &str, text: &str) {
        if self.means == GuestMeans::Keyboard {
            self.step_to(selector).await;
        }
        self.control(selector).await.send_keys(text).await.unwrap();
    }

    /// What a script returns.
    pub(super) async fn run(&self, script: &str) -> Value {
        self.browser.run(script).await
    }

    /// Fails if the console has said anything, which it does when something is against the policy.
    pub(super) async fn console_is_empty(&self, place: &str) {
        assert_eq!(self.browser.console().await, Vec::<String>::new(), "{place}");
    }
}

/// The status of a request of the API.
pub(super) async fn status(bams: &Bams, key: &str) -> u16 {
    bams.get("/api/v1/campaigns").bearer_auth(key).answer().await.status
}
