//! What a real browser makes of Swagger UI, and of the script and the frames on pages of other sites.

mod frames;
mod isolated;
mod pictures;
mod placements;
mod script;
mod swagger;

use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Ask, Bams, BamsBuilder, Browser, Site, eventually};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::json;

use crate::given::{number, ranking, total};
use crate::person::Person;

/// The name under which pages of the other site are opened: not that of the server, 127.0.0.1.
pub(super) const HOST: &str = "localhost";

/// A picture that a browser can show.
pub(super) fn picture(width: u32, height: u32) -> Vec<u8> {
    let chunk = |name: &[u8], content: &[u8]| {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        let mut crc = flate2::Crc::new();
        crc.update(name);
        crc.update(content);
        [&length, name, content, &crc.sum().to_be_bytes()].concat()
    };
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let mut pixels = ZlibEncoder::new(Vec::new(), Compression::fast());
    let rows = vec![0x40; usize::try_from((width + 1) * height).unwrap()];
    let rows: Vec<u8> = rows
        .chunks(usize::try_from(width + 1).unwrap())
        .flat_map(|row| [&[0], &row[1..]].concat())
        .collect();
    std::io::Write::write_all(&mut pixels, &rows).unwrap();
    let pixels = pixels.finish().unwrap();
    let parts = [chunk(b"IHDR", &header), chunk(b"IDAT", &pixels), chunk(b"IEND", b"")];
    [b"\x89PNG\r\n\x1a\n", parts.concat().as_slice()].concat()
}

/// A server, a page of another site and a browser.
pub(super) struct Street {
    pub(super) bams: Bams,
    pub(super) site: Site,
    pub(super) browser: Browser,
}

impl Street {
    /// Begins with a server that lets pages of the site ask, and has nothing yet.
    pub(super) async fn of(builder: BamsBuilder) -> Self {
        let builder = builder.set("cors.allowed_origins", format!("http://{HOST}:*"));
        Self {
            bams: builder.start().await,
            site: Site::start().await,
            browser: Browser::open().await,
        }
    }

    /// Makes a campaign with banners of these sizes, which lead to the site, and waits until it is served.
    pub(super) async fn campaign(&self, sizes: &[(u32, u32)]) -> u32 {
        let person = Person::new(&self.bams, "editor");
        let path = person.campaign("Spring").await;
        let mut banners = Vec::new();
        for (width, height) in sizes {
            let landing_url =
                format!("{}/landed?c={{click_id}}", self.site.origin("shop.localhost"));
            let banner = json!({ "name": format!("{width}"), "landing_url": landing_url });
            let banner = number(&person.post("/banners", banner).await.expect(201)["id"]);
            let image = person.ask(Method::PUT, &format!("/banners/{banner}/image"));
            image.body(picture(*width, *height)).answer().await.expect(200);
            banners.push(banner);
        }
        person.post(&format!("{path}/banners"), json!({ "banner_ids": banners })).await.expect(200);
        let id = path.rsplit('/').next().unwrap().parse().unwrap();
        let served = format!("/api/v1/serve/{id}?count=50&notrack=true");
        eventually(Duration::from_secs(30), "the campaign is served", async || {
            let answer = self.bams.get(&served).answer().await;
            answer.status == 200
                && answer.json()["banners"].as_array().unwrap().len() == sizes.len()
        })
        .await;
        id
    }

    /// Takes all pictures away, or puts them back.
    pub(super) fn hide_pictures(&self, hidden: bool) {
        let [images, away] = ["images/p", "away"].map(|it| self.bams.folder().join(it));
        if hidden {
            std::fs::rename(&images, &away).unwrap();
        } else {
            std::fs::rename(&away, &images).unwrap();
        }
    }

    /// Opens a page of the site with the script at its end.
    pub(super) async fn open(&self, html: &str) {
        self.open_with(
            &[],
            &format!("{html}<script src='{}'></script>", self.bams.url("/embed.js")),
        )
        .await;
    }

    /// Opens a page of the site as it is, with more headers.
    pub(super) async fn open_with(&self, headers: &[(&str, &str)], html: &str) {
        self.site.page_with("/page", headers, html);
        self.browser.goto(&format!("{}/page", self.site.origin(HOST))).await.unwrap();
    }

    /// The banners' pictures of the page, by their address, in order, once there are so many.
    pub(super) async fn shown(&self, count: usize) -> Vec<String> {
        let script = format!(
            "const all = [...document.querySelectorAll('[data-bams-campaign] img[src]')]; \
             return all.length === {count} && all.every(it => it.complete && it.naturalWidth) && \
             all.map(it => it.src.split('?')[0]);"
        );
        let shown = self.browser.until(&script).await;
        shown.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    }

    /// Waits until so many impressions of a campaign are counted.
    pub(super) async fn counts(&self, campaign: u32, impressions: u64) {
        let viewer = self.bams.key("viewer");
        eventually(Duration::from_mins(1), "what was seen is counted", async || {
            let mut counted = 0;
            for quarter in 1..=4 {
                counted +=
                    total(&ranking(&self.bams, &viewer, campaign, quarter).await, "impressions");
            }
            counted == impressions
        })
        .await;
    }
}
