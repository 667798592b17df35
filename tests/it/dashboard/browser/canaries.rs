//! A store in which every text that people write would like to be a script.

use bams_tests::reqwest::multipart::{Form, Part};
use bams_tests::{Answer, Bams};
use serde_json::json;

use crate::dashboard::Visit;
use crate::dashboard::campaigns::{PICTURE, picture};
use crate::given::ended;
use crate::person::Person;

/// Returns text that would break out of text, of an attribute and of a script. It begins and ends with a
/// word by which it is found.
pub(super) fn canary(word: &str) -> String {
    format!(
        "{word}\"'></script><b data-canary onclick=alert(1)>x</b><script>window.canary=1</script>{word}"
    )
}

/// The same, as long as a tag may be.
fn tag(word: &str) -> String {
    format!("{word}\"'></script><b data-canary onclick=a()>x</b>")
}

/// Somebody who fills a store.
pub(super) struct CanaryStore<'a> {
    pub(super) key: String,
    visit: Visit<'a>,
    /// Where changes led to.
    pub(super) pages: Vec<String>,
}

impl<'a> CanaryStore<'a> {
    /// Fills a store with everything that people can write.
    pub(super) async fn fill(bams: &'a Bams) -> Self {
        let admin = Person::new(bams, "admin");
        let fields = json!({ "name": canary("zqkey"), "role": "admin" });
        let key =
            admin.post("/keys", fields).await.expect(201)["secret"].as_str().unwrap().to_owned();
        let visit = Visit::with(bams, &key).await;
        let mut store = Self { key, visit, pages: Vec::new() };
        store.write_campaigns().await;
        store.write_banners().await;
        store.import_files().await;
        store.change().await;
        store
    }

    /// Sends a form whose answer is no page that a browser could open again.
    async fn sends(&self, path: &str, fields: &[(&str, &str)], status: u16) -> String {
        Self::harmless(path, &self.visit.submit(path, fields).await, status)
    }

    /// The value of a field of a page.
    async fn value(&self, path: &str, name: &str) -> String {
        let page = self.visit.page(path).await;
        let field = format!("name=\"{name}\" value=\"");
        page.split(&field).nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    fn harmless(place: &str, answer: &Answer, status: u16) -> String {
        let text = answer.text();
        assert_eq!(answer.status, status, "{place}: {text}");
        assert!(!text.contains("<b data-canary") && !text.contains("\"'>"), "{place}: {text}");
        if status == 303 { answer.header("location").to_owned() } else { text }
    }

    async fn write_campaigns(&mut self) {
        let (name, notes, tag) = (canary("zqcampaign"), canary("zqnotes"), tag("zqctag"));
        let fields = [("status", "active"), ("tags", &tag), ("notes", &notes), ("name", &name)];
        self.sends("/dashboard/campaigns/new", &fields, 303).await;
        // One shows nothing, and one cannot be made.
        let empty = canary("zqempty");
        self.sends("/dashboard/campaigns/new", &[("name", &empty), ("status", "active")], 303)
            .await;
        let wrong = [("name", name.as_str()), ("page_size", &name), ("starts_at", &name)];
        self.sends("/dashboard/campaigns/new", &wrong, 422).await;
    }

    async fn write_banners(&mut self) {
        let own = |name: &str| Part::bytes(PICTURE.to_vec()).file_name(name.to_owned());
        let form = Form::new().part("images", own(&format!("{}.png", canary("zqpicture"))));
        let sent = self.visit.upload("/dashboard/campaigns/1/upload", form).await;
        Self::harmless("upload", &sent, 303);
        let form = Form::new().part("images", picture("a.png")).text("name", canary("zqbanner"));
        let form = form.text("alt", canary("zqalt")).text("tags", tag("zqbtag"));
        Self::harmless("banners", &self.visit.upload("/dashboard/banners/new", form).await, 303);
        let broken = Part::bytes(b"no picture".to_vec()).file_name(canary("zqbroken"));
        let form = Form::new().part("images", broken).text("alt", canary("zqalt"));
        Self::harmless("no picture", &self.visit.upload("/dashboard/banners/new", form).await, 422);
        let url = "https://shop.example/?q=zqlanding&script=alert(1)".to_owned();
        let (name, alt, tag) = (canary("zqbanner"), canary("zqalt"), tag("zqbtag"));
        let version = self.value("/dashboard/banners/2/edit", "version").await;
        let banner = [("name", name.as_str()), ("status", "active"), ("version", &version)];
        let rest = [("alt", alt.as_str()), ("tags", &tag), ("landing_url", &url)];
        let fields = [&banner[..], &rest].concat();
        self.sends("/dashboard/banners/2/edit", &fields, 303).await;
        self.sends("/dashboard/banners/2/edit", &[("name", &name), ("landing_url", &name)], 422)
            .await;
        for banner in ["1", "2"] {
            self.sends("/dashboard/campaigns/1/attach", &[("banner", banner)], 303).await;
        }
    }

    /// Sends a file, and waits until it was stored or refused.
    async fn import(&self, name: &str, text: &str, on_error: &str) -> String {
        let part = Part::bytes(text.as_bytes().to_vec()).file_name(name.to_owned());
        let form = Form::new().part("file", part).text("on_error", on_error.to_owned());
        let sent = self.visit.upload("/dashboard/imports", form).await;
        let led = Self::harmless(name, &sent, 303);
        ended(self.visit.bams, &self.key, &led.replace("/dashboard", "/api/v1")).await;
        led
    }

    async fn import_files(&mut self) {
        let quoted = |word: &str| format!("\"{}\"", canary(word).replace('"', "\"\""));
        let name = format!("{} clicks_1.csv", canary("zqfile"));
        let head = format!("click_id,banner_id,campaign_id,{}\n", quoted("zqcolumn"));
        let cell = quoted("zqcell");
        let text = format!("{head}1,1,1,x\n2,2,1,x\n{cell},1,1,x\n3,{cell},1,x\n4,1,{cell},x\n");
        self.import(&name, &text, "skip").await;
        self.import(&name, &format!("{head}{cell},1,1,x\n"), "refuse").await;
        let head = "conversion_id,click_id,revenue\n";
        let text = format!("{head}1,1,2.50\n2,2,1\n\"<b/data-canary>\",{cell},1\n3,2,{cell}\n");
        self.import("conversions_1.csv", &text, "skip").await;
        let images =
            format!("url,id,name,alt,tags\nz.png,9,{},{},{}\n", quoted("zqlisted"), cell, "t");
        self.import("images.csv", &format!("{images}{cell},8,x,y,\n"), "skip").await;
        let reverted =
            self.import("clicks_2.csv", "click_id,banner_id,campaign_id\n9,1,1\n", "skip").await;
        self.sends(&format!("{reverted}/revert"), &[], 303).await;
        let part = Part::bytes(b"day,place\n1,2\n".to_vec()).file_name(canary("zqunknown"));
        let sent = self.visit.upload("/dashboard/imports", Form::new().part("file", part)).await;
        Self::harmless("a file of nothing", &sent, 422);
    }

    /// Changes what was written, so that the audit log, messages and links tell of it.
    async fn change(&mut self) {
        for status in ["paused", "active"] {
            let led = self.sends("/dashboard/banners/2/status", &[("status", status)], 303).await;
            self.pages.push(led);
        }
        let report = "/dashboard/campaigns/1/report?period=today";
        let (from, to) = (self.value(report, "from").await, self.value(report, "to").await);
        let fields = [("from", from.as_str()), ("to", to.as_str())];
        let shared = self.sends("/dashboard/campaigns/1/report", &fields, 200).await;
        let token = shared.split("/shared/").nth(1).unwrap().split('<').next().unwrap();
        self.pages.extend([format!("/shared/{token}"), report.to_owned()]);
        let keys = "/dashboard/settings/keys";
        let name = canary("zqmade");
        self.sends(keys, &[("name", &name), ("role", "editor")], 200).await;
        self.sends(keys, &[("name", &name), ("role", &name), ("expires_at", &name)], 422).await;
    }
}
