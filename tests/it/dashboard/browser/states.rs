//! What pages look like when something is wrong, or was just done.

use std::fs;

use bams_tests::Bams;
use serde_json::json;

use super::{DashboardGuest, GuestMeans};
use crate::browser::picture;
use crate::person::Person;

/// Clicks of campaign 1, one of them of no campaign.
const CLICKS: &str = "click_id,banner_id,campaign_id,shop\n1,1,1,ours\n2,1,one,ours\n";

/// Sends a form that the browser itself would not send, with other values.
fn sent(form: &str, values: &[(&str, &str)]) -> String {
    format!(
        "const form = document.querySelector({}); form.noValidate = true;
        for (const [name, value] of {}) form.elements[name].value = value;
        form.requestSubmit()",
        json!(form),
        json!(values)
    )
}

impl DashboardGuest<'_> {
    /// Sends a form, and looks at what it answers.
    async fn sends(&self, form: &str, values: &[(&str, &str)], answer: &str) {
        self.run(&sent(form, values)).await;
        self.sees(answer).await;
    }

    /// Waits until the page says something, and looks at it.
    async fn sees(&self, text: &str) {
        self.reads(text).await;
        self.finds_nothing_here(text).await;
    }

    /// Looks at the forms of campaigns and banners with everything that can be wrong with them.
    async fn meets_errors_of_forms(&self, person: &Person<'_>) {
        self.go("/dashboard/campaigns/new").await;
        let wrong = [
            ("name", ""),
            ("starts_at", "2026-03-01T00:00"),
            ("ends_at", "2026-02-01T00:00"),
            ("page_size", "99"),
            ("tags", &"x".repeat(60)),
        ];
        self.sends("main form", &wrong, "things to mend").await;
        let focus = "return document.activeElement.matches('[data-summary]')";
        assert_eq!(self.run(focus).await, json!(true), "the summary has the focus");
        person.campaign("Spring shoes").await;
        self.go("/dashboard/campaigns/1/edit").await;
        person.patch("/campaigns/1", json!({ "notes": "Theirs." })).await.expect(200);
        self.sends("main form", &[("notes", "Mine.")], "Someone was faster").await;
        self.go("/dashboard/campaigns/1/banners").await;
        let files = ["boot.png", "logo.png"].map(|name| self.bams.folder().join(name));
        fs::write(&files[0], picture(300, 250)).unwrap();
        fs::write(&files[1], "<svg/>").unwrap();
        let files = files.map(|it| it.to_str().unwrap().to_owned());
        self.fill("#images", &files.join("\n")).await;
        self.sends("form[action$='/upload']", &[], "1 banner was created.").await;
        self.go("/dashboard/banners/new").await;
        self.fill("#images", &files[1]).await;
        self.sends("main form", &[("alt", "a logo")], "Nothing was taken").await;
        self.go("/dashboard/banners/1/edit").await;
        let wrong = [("name", ""), ("landing_url", "ftp://shop.example/"), ("width", "0")];
        self.sends("main form", &wrong, "things to mend").await;
    }

    /// Looks at files that are refused, taken in part, and taken out again.
    async fn meets_results_of_imports(&self) {
        let write = |name: &str, text: &str| {
            let path = self.bams.folder().join(name);
            fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        self.go("/dashboard/imports").await;
        for (name, text, answer) in [
            ("empty.csv", "", "empty.csv is empty"),
            ("clicks.xlsx", "PK\u{3}\u{4}", "clicks.xlsx is a spreadsheet"),
        ] {
            self.run("document.querySelector('#file').value = ''").await;
            self.fill("#file", &write(name, text)).await;
            self.sends("form[data-upload]", &[], answer).await;
        }
        assert_eq!(self.run("return location.pathname").await, "/dashboard/imports");
        self.go("/dashboard/imports").await;
        self.fill("#file", &write("holidays.csv", "day,place\n1,2\n")).await;
        self.sends("form[data-upload]", &[], "Not every file was taken").await;
        let clicks = write("clicks_1.csv", CLICKS);
        for (answer, result) in
            [("refuse", "clicks_1.csv was refused"), ("skip", "clicks_1.csv counts")]
        {
            self.go("/dashboard/imports").await;
            self.fill("#file", &clicks).await;
            self.sends("form[data-upload]", &[("on_error", answer)], result).await;
        }
        self.press("#result form[action$='/revert'] button").await;
        self.sees("clicks_1.csv was reverted").await;
        self.go("/dashboard/").await;
        self.sees("Needs attention").await;
    }

    /// Looks at keys and links that are shown once, and at what asks before it is done.
    async fn meets_secrets(&self) {
        let keys = "form[action='/dashboard/settings/keys']";
        self.go("/dashboard/settings").await;
        let wrong = [("name", ""), ("expires_at", "2020-01-01")];
        self.sends(keys, &wrong, "No key was made").await;
        self.sends(keys, &[("name", "nightly"), ("expires_at", "")], "Copy it now").await;
        self.go("/dashboard/settings").await;
        self.press("a[data-ask]").await;
        self.browser.until("return document.querySelector('dialog[open]')").await;
        self.sees("This cannot be undone").await;
        self.go("/dashboard/campaigns/1/report?period=today").await;
        self.press("form[action*='/report?'] .btn").await;
        self.sees("Whoever has this link").await;
    }

    /// Looks at what was just changed, at what shows nothing, and at what is not there.
    async fn meets_changes_and_gaps(&self) {
        self.go("/dashboard/banners/1").await;
        self.press("main form button[value=paused]").await;
        self.sees("boot is paused").await;
        for (path, text) in [
            ("/dashboard/campaigns/1", "Visitors do not see the only banner"),
            ("/dashboard/", "Spring shoes shows nothing"),
            ("/dashboard/preview?campaign=1", "Spring shoes"),
            ("/dashboard/preview?campaign=nowhere", "There is no campaign"),
            ("/dashboard/campaigns?name=nowhere", "Nothing matches"),
            ("/dashboard/banners?lacks=image", "Nothing matches"),
            ("/dashboard/imports?state=completed", "History"),
            ("/dashboard/imports/4711", "To the overview"),
        ] {
            self.go(path).await;
            self.sees(text).await;
        }
        self.go("/dashboard/campaigns").await;
        self.press("button[popovertarget=keys]").await;
        self.sees("Filter this page").await;
    }
}

#[tokio::test]
async fn axe_and_the_console_find_nothing_when_something_is_wrong_or_was_just_done() {
    let bams = Bams::builder().start().await;
    let person = Person::new(&bams, "admin");
    let guest = DashboardGuest::sign_in(&bams, &person.key, GuestMeans::Mouse).await;
    guest.sees("This store is empty").await;
    guest.meets_errors_of_forms(&person).await;
    guest.meets_results_of_imports().await;
    guest.meets_secrets().await;
    guest.meets_changes_and_gaps().await;
    let reader = DashboardGuest::sign_in(&bams, &bams.key("viewer"), GuestMeans::Mouse).await;
    for path in ["/dashboard/imports", "/dashboard/settings", "/dashboard/campaigns/1"] {
        reader.go(path).await;
        reader.finds_nothing_here(path).await;
    }
    reader.go("/dashboard/campaigns/new").await;
    reader.sees("To the overview").await;
    reader.browser.delete_all_cookies().await.unwrap();
    reader.go("/dashboard/sign-in").await;
    reader.sends("main form", &[("key", "bams_0000000000000000_guess")], "not").await;
}
