//! The five main jobs, from an empty store on.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bams_tests::{Ask, Bams, eventually};
use serde_json::json;

use super::{DashboardGuest, GuestMeans, status};
use crate::browser::picture;

/// Files of quarter 1 of campaign 9. One conversion names a click that nobody knows.
const FILES: [(&str, &str); 3] = [
    ("conversions_1.csv", "conversion_id,click_id,revenue\n1,1,2.50\n2,77,1\n"),
    ("clicks_1.csv", "click_id,banner_id,campaign_id\n1,5,9\n2,6,9\n"),
    ("impressions_1.csv", "banner_id,campaign_id\n5,9\n5,9\n6,9\n"),
];

fn write(folder: &Path, name: &str, contents: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    fs::write(&path, contents).unwrap();
    path.to_str().unwrap().to_owned()
}

impl DashboardGuest<'_> {
    /// A campaign with three banners, made of dropped images, until a page gets them.
    pub(super) async fn makes_a_campaign(&self) {
        self.reads("This store is empty").await;
        self.press("main a[href='/dashboard/campaigns/new']").await;
        self.fill("#name", "Spring shoes").await;
        self.press("main form .primary").await;
        self.is_at("/dashboard/campaigns/1/banners").await;
        let images = ["boot.png", "heel.png", "sandal.png"]
            .map(|name| write(self.bams.folder(), name, picture(300, 250)));
        self.fill("#images", &images.join("\n")).await;
        self.fill("#landing_url", "https://shop.example/?c={click_id}").await;
        self.press("form[action$='/upload'] .primary").await;
        for name in ["boot", "heel", "sandal"] {
            self.reads(name).await;
        }
        self.press("main a[href='/dashboard/campaigns/1'].btn").await;
        self.is_at("/dashboard/campaigns/1").await;
        self.reads("data-bams-campaign=\"1\"").await;
        eventually(Duration::from_mins(1), "a page gets them", async || {
            let asked = self.bams.get("/api/v1/serve/1?notrack=true").answer().await;
            asked.expect(200)["banners"].as_array().unwrap().len() == 3
        })
        .await;
        self.console_is_empty("a campaign").await;
    }

    /// Pauses every banner, finds out why the campaign shows nothing, and mends it there.
    pub(super) async fn mends_a_campaign(&self) {
        self.press("main a[href='/dashboard/campaigns/1/banners']").await;
        self.is_at("/dashboard/campaigns/1/banners").await;
        for banner in 1..=3 {
            self.press(&format!("input[name=banner][value='{banner}']")).await;
        }
        self.press("button[name=status][value=paused]").await;
        self.reads("Paused in this campaign").await;
        self.press(".nav a[href='/dashboard/']").await;
        self.reads("Spring shoes shows nothing").await;
        self.press(".list a.nm[href^='/dashboard/campaigns/1']").await;
        self.is_at("/dashboard/campaigns/1").await;
        self.reads("Visitors see none of these 3 banners").await;
        self.press(".note.bad .primary").await;
        self.reads("Every attached banner may be shown").await;
        self.press(".nav a[href='/dashboard/']").await;
        self.is_at("/dashboard/").await;
        assert!(!self.text().await.contains("shows nothing"), "{}", self.text().await);
        self.console_is_empty("mending a campaign").await;
    }

    /// Three files at once, one of them with a bad row: it is left out, downloaded, mended and sent; the
    /// mended file is taken out again, and sent once more.
    pub(super) async fn imports_files(&self) {
        let folder = self.bams.folder();
        self.press(".nav a[href='/dashboard/imports']").await;
        self.is_at("/dashboard/imports").await;
        for banner in [5, 6] {
            let image = folder.join(format!("images/image_{banner}.png"));
            fs::write(image, picture(300, 250)).unwrap();
        }
        let files = FILES.map(|(name, text)| write(folder, name, text));
        self.fill("#file", &files.join("\n")).await;
        self.press("form[data-upload] .primary").await;
        self.reads("conversions_1.csv was refused").await;
        let refused = self.here().await;
        self.press("#result a[href$='?on_error=skip#up']").await;
        self.browser.until("return document.querySelector('[value=skip]:checked')").await;
        self.fill("#file", &files[0]).await;
        self.press("form[data-upload] .primary").await;
        self.reads("conversions_1.csv counts").await;
        assert_ne!(self.here().await, refused);
        let rejected = self.downloads("#result a[href$='/rejected']").await;
        let rows = fs::read_to_string(&rejected).unwrap();
        assert!(rows.contains("2,77,1"), "{rows}");
        fs::write(&rejected, rows.replace("2,77,1", "2,2,1")).unwrap();
        let name = rejected.file_name().unwrap().to_str().unwrap().to_owned();
        self.fill("#file", rejected.to_str().unwrap()).await;
        self.press("form[data-upload] .primary").await;
        self.reads(&format!("{name} counts")).await;
        self.press("#result form[action$='/revert'] button").await;
        self.reads(&format!("{name} was reverted")).await;
        self.fill("#file", rejected.to_str().unwrap()).await;
        self.press("form[data-upload] .primary").await;
        self.reads(&format!("{name} counts")).await;
        self.console_is_empty("imports").await;
    }

    async fn here(&self) -> String {
        self.run("return location.pathname").await.as_str().unwrap().to_owned()
    }

    /// Saves what a link leads to.
    async fn downloads(&self, link: &str) -> PathBuf {
        let folder = self.bams.folder().join("downloads");
        fs::create_dir_all(&folder).unwrap();
        let allow = json!({ "behavior": "allow", "downloadPath": folder });
        self.browser.devtools("Browser.setDownloadBehavior", allow).await;
        self.press(link).await;
        let mut found = None;
        eventually(Duration::from_mins(1), "the file is saved", async || {
            let files = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path());
            found = files.into_iter().find(|it| it.extension().is_some_and(|it| it == "csv"));
            found.as_ref().is_some_and(|it| fs::metadata(it).unwrap().len() > 0)
        })
        .await;
        found.unwrap()
    }

    /// Reads who earns most, and looks at another figure of it.
    pub(super) async fn reads_the_overview(&self) {
        self.press(".nav a[href='/dashboard/']").await;
        self.is_at("/dashboard/").await;
        let lead = self.run("return document.querySelector('.lead').innerText").await;
        let lead = lead.as_str().unwrap().to_owned();
        assert!(lead.starts_with("Campaign 9 earns most: 3.50 today, 100"), "{lead}");
        assert!(lead.contains("Its best banner is"), "{lead}");
        self.press("a[data-metric][href*='metric=clicks']").await;
        self.reads("Clicks by hour").await;
        assert_eq!(self.run("return location.search").await, "?metric=clicks");
        self.press(".lead a[href='/dashboard/campaigns/9']").await;
        self.is_at("/dashboard/campaigns/9").await;
        self.reads("X = 2").await;
        self.console_is_empty("the overview").await;
    }

    /// Makes a key, uses it, and revokes it after a question.
    pub(super) async fn makes_and_revokes_a_key(&self) {
        self.press(".nav a[href='/dashboard/settings']").await;
        self.is_at("/dashboard/settings").await;
        self.fill("#kn", "nightly reports").await;
        self.press("form[action='/dashboard/settings/keys'] .btn").await;
        self.reads("Copy it now").await;
        let key = self.run("return document.querySelector('#sec').textContent").await;
        let key = key.as_str().unwrap().to_owned();
        assert_eq!(status(self.bams, &key).await, 200);
        self.press(".nav a[href='/dashboard/settings']").await;
        self.browser.until("return !document.querySelector('#sec')").await;
        let id = key.split('_').nth(1).unwrap();
        self.press(&format!("a[href='/dashboard/settings/keys/{id}/revoke']")).await;
        self.reads("This cannot be undone").await;
        self.press(".btn.danger").await;
        self.reads("Revoked").await;
        assert_eq!(status(self.bams, &key).await, 401);
        self.console_is_empty("keys").await;
    }
}

async fn the_five_jobs(means: GuestMeans) {
    let bams = Bams::builder().start().await;
    let guest = DashboardGuest::sign_in(&bams, &bams.key("admin"), means).await;
    guest.makes_a_campaign().await;
    guest.mends_a_campaign().await;
    guest.imports_files().await;
    guest.reads_the_overview().await;
    guest.makes_and_revokes_a_key().await;
}

#[tokio::test]
async fn the_five_jobs_are_done_with_the_mouse() {
    the_five_jobs(GuestMeans::Mouse).await;
}

#[tokio::test]
async fn the_five_jobs_are_done_with_the_keyboard_alone() {
    the_five_jobs(GuestMeans::Keyboard).await;
}

#[tokio::test]
async fn the_five_jobs_are_done_without_a_script() {
    the_five_jobs(GuestMeans::MouseWithoutScript).await;
}
