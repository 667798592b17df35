//! The frame of every page: navigation, the running quarter, whether everything works.

use bams_domain::Quarter;
use bams_storage::Role;

use super::browser::Browser;
use super::desk::{Desk, Parts};
use super::html::{Html, Shape, dial, icon};
use super::shared::Dashboard;
use crate::routes::health::Dependencies;

/// The sections of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Overview,
    Campaigns,
    Banners,
    Preview,
    Imports,
    Settings,
}

impl Section {
    const ALL: [Self; 6] = [
        Self::Overview,
        Self::Campaigns,
        Self::Banners,
        Self::Preview,
        Self::Imports,
        Self::Settings,
    ];

    /// Returns word, icon, address and the key that leads there after `g`.
    const fn entry(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Overview => ("Overview", "overview", "/dashboard/", "o"),
            Self::Campaigns => ("Campaigns", "campaigns", "/dashboard/campaigns", "c"),
            Self::Banners => ("Banners", "image", "/dashboard/banners", "b"),
            Self::Preview => ("Preview", "preview", "/dashboard/preview", "p"),
            Self::Imports => ("Imports", "imports", "/dashboard/imports", "i"),
            Self::Settings => ("Settings", "settings", "/dashboard/settings", "s"),
        }
    }
}

/// An entry of the navigation.
pub(crate) struct Entry {
    pub(crate) word: &'static str,
    pub(crate) icon: Html,
    pub(crate) address: &'static str,
    pub(crate) letter: &'static str,
    pub(crate) is_current: bool,
}

/// A message about a change that was just made.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    /// What was done, in a sentence.
    pub(crate) text: String,
    /// The entry of the audit log that can be reverted.
    pub(crate) undo: Option<i64>,
}

/// What every page has around its own contents.
pub(crate) struct Head {
    pub(crate) title: String,
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) icon: String,
    pub(crate) theme: Option<&'static str>,
    /// True if the script may tell the server the browser's time zone.
    pub(crate) asks_zone: bool,
    /// The name of the zone of moments.
    pub(crate) zone: String,
}

impl Head {
    /// Makes the head of a page.
    pub(crate) fn new(title: impl Into<String>, dashboard: &Dashboard, browser: &Browser) -> Self {
        let [style, script, icon] = dashboard.assets.addresses();
        Self {
            title: title.into(),
            style,
            script,
            icon,
            theme: browser.theme,
            asks_zone: dashboard.zone.is_none(),
            zone: browser.zone.name().to_owned(),
        }
    }

    /// Returns the theme that the button leads to, which without a script is known only if one was
    /// chosen.
    pub(crate) fn other_theme(&self) -> &'static str {
        if self.theme == Some("dark") { "light" } else { "dark" }
    }

    /// Returns an icon of the sprite.
    #[expect(clippy::unused_self, reason = "templates ask what they have")]
    pub(crate) fn i(&self, name: &str) -> Html {
        icon(name)
    }
}

/// The frame of a page for somebody who signed in.
pub(crate) struct Frame {
    pub(crate) head: Head,
    pub(crate) entries: Vec<Entry>,
    pub(crate) dial: Html,
    pub(crate) quarter: Quarter,
    pub(crate) time: String,
    pub(crate) minutes_left: i64,
    /// The moment of the page in unix seconds, from which the script goes on.
    pub(crate) at: i64,
    /// When the running quarter ends, such as `10:30 UTC`.
    pub(crate) until: String,
    pub(crate) health: Html,
    pub(crate) can_edit: bool,
    pub(crate) done: Option<Done>,
    /// The address to which an undone change leads back.
    pub(crate) here: String,
}

impl Desk {
    /// Makes the frame of a page.
    pub(crate) fn frame(&self, section: Section, title: impl Into<String>) -> Frame {
        let seconds = self.now.div_euclid(1000);
        let left = 900 - seconds.rem_euclid(900);
        let entries = Section::ALL.into_iter().map(|it| {
            let (word, name, address, letter) = it.entry();
            Entry { word, icon: icon(name), address, letter, is_current: it == section }
        });
        Frame {
            head: Head::new(title, &self.parts.dashboard, &self.browser),
            entries: entries.collect(),
            dial: dial(Quarter::at(seconds)),
            quarter: Quarter::at(seconds),
            time: self.browser.zone.time(self.now),
            minutes_left: (left + 59) / 60,
            at: seconds,
            until: self.browser.zone.time((seconds + left) * 1000),
            health: health(&self.parts),
            can_edit: self.may(Role::Editor),
            done: None,
            here: self.request.path().to_owned(),
        }
    }
}

/// Returns whether everything works, in one status.
fn health(parts: &Parts) -> Html {
    let dependencies = parts.dependencies();
    match dependencies.down()[..] {
        [] => Shape::Good.status("All dependencies up"),
        [one] => Shape::Warn.status(&format!("Degraded: {}", in_words(one))),
        [..] => Shape::Bad.status("Degraded"),
    }
}

/// Returns what people call a dependency.
fn in_words(dependency: &'static str) -> &'static str {
    match dependency {
        "database_writes" => "writing",
        "redis" => "visitor history",
        other => other,
    }
}

impl Parts {
    /// Returns the state of everything this node depends on.
    pub(crate) fn dependencies(&self) -> Dependencies {
        Dependencies::now(&self.images, &self.serving, &self.database, &self.image_watch)
    }
}
