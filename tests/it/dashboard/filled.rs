//! A store in which every address of the dashboard leads to something.

use std::collections::BTreeMap;

use bams_tests::Bams;
use bams_tests::reqwest::multipart::Form;
use bams_tests::reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::Visit;
use super::campaigns::picture;
use super::mounted::MountedAddress;
use crate::given::imported;
use crate::person::Person;

/// Forms with files, and the field of the files.
const UPLOADS: [(&str, &str); 4] = [
    ("/dashboard/campaigns/{id}/upload", "images"),
    ("/dashboard/banners/new", "images"),
    ("/dashboard/banners/{id}/image", "image"),
    ("/dashboard/imports", "file"),
];

/// A store in which every address leads to something.
pub(crate) struct FilledStore<'a> {
    bams: &'a Bams,
    /// What stands for the variable part of an address, by how the address begins.
    known: BTreeMap<&'static str, String>,
}

impl<'a> FilledStore<'a> {
    pub(crate) async fn of(bams: &'a Bams) -> Self {
        let admin = Person::new(bams, "admin");
        let visit = Visit::with(bams, &admin.key).await;
        assert_eq!(admin.campaign("Spring shoes").await, "/campaigns/1");
        let form = Form::new().part("images", picture("a.png"));
        assert_eq!(visit.upload("/dashboard/campaigns/1/upload", form).await.status, 303);
        let clicks = b"click_id,banner_id,campaign_id\n1,1,1\n2,1,one\n";
        let skip = [("on_error", "skip")];
        let import = imported(bams, &admin.key, ("clicks_1.csv", clicks), &skip).await;
        let entry = admin.get("/audit?subject_kind=campaign").await.expect(200);
        let spare = bams.key("viewer");
        let page = visit.page("/dashboard/campaigns/1/report?period=today").await;
        let ends = ["from", "to"].map(|name| {
            let field = format!("name=\"{name}\" value=\"");
            (name, page.split(&field).nth(1).unwrap().split('"').next().unwrap().to_owned())
        });
        let ends: Vec<_> = ends.iter().map(|it| (it.0, it.1.as_str())).collect();
        let shared = visit.submit("/dashboard/campaigns/1/report", &ends).await.text();
        let token = shared.split("/shared/").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let settings = visit.page("/dashboard/settings").await;
        let style = settings.split("/dashboard/assets/").nth(1).unwrap();
        let report = settings.split("/dashboard/settings/shared/").nth(1).unwrap();
        let text = |value: &Value| value.to_string().replace('"', "");
        let known = BTreeMap::from([
            ("/dashboard/campaigns/", "1".to_owned()),
            ("/dashboard/banners/", "1".to_owned()),
            ("/dashboard/imports/", text(&import["id"])),
            ("/dashboard/audit/", text(&entry["items"][0]["id"])),
            ("/dashboard/assets/", style.split('"').next().unwrap().to_owned()),
            ("/dashboard/settings/keys/", spare.split('_').nth(1).unwrap().to_owned()),
            ("/dashboard/settings/shared/", report.split('/').next().unwrap().to_owned()),
            ("/shared/", token),
        ]);
        Self { bams, known }
    }

    /// The address of something that is there.
    pub(crate) fn path(&self, address: &MountedAddress) -> String {
        let Some((_, value)) = self.known.iter().find(|it| address.path.starts_with(it.0)) else {
            assert!(!address.path.contains('{'), "what stands for {}?", address.path);
            return address.path.clone();
        };
        let part = |it| if str::starts_with(it, '{') { value.as_str() } else { it };
        let parts = address.path.split('/').map(part);
        parts.collect::<Vec<_>>().join("/")
    }

    /// A request, whose form has nothing that could be done.
    pub(crate) fn ask(&self, method: &Method, address: &MountedAddress) -> RequestBuilder {
        let path = self.path(address);
        let ask = self.bams.request(method.clone(), &path).header("accept", "text/html");
        let upload = UPLOADS.iter().find(|it| it.0 == address.path);
        match upload.filter(|_| *method == Method::POST) {
            Some((_, field)) => ask.multipart(Form::new().part(*field, picture("").file_name(""))),
            None if *method == Method::POST => ask.form(&[("status", "unknown")]),
            None => ask,
        }
    }

    /// Everything that somebody could have changed, but when a key was used.
    pub(crate) async fn contents(&self, admin: &Person<'_>) -> Vec<Value> {
        let mut all = Vec::new();
        for list in ["audit", "imports"] {
            let found = admin.get(&format!("/{list}?limit=200")).await.expect(200);
            all.extend(found["items"].as_array().unwrap().iter().cloned());
        }
        let keys = admin.get("/keys?limit=200").await.expect(200);
        let keys = keys["items"].as_array().unwrap();
        all.extend(keys.iter().map(|it| json!([it["id"], it["revoked_at"]])));
        all
    }
}
