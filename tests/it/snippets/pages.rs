//! Pages and programs of a site developer, in a real browser and in node.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bams_tests::reqwest::header::SET_COOKIE;
use bams_tests::{Ask, Bams, eventually, free_port, passes};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{ADDRESS, written};
use crate::browser::Street;

/// The server's address in the examples of pages.
const ADS: &str = "https://pictures.example.com";

/// A problem of a node that cannot do what it is asked.
const NO_STORE: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 28\r\n\r\n\
    {\"code\":\"store_unavailable\"}";

const SOON: Duration = Duration::from_secs(30);

/// A program that ends with its test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_and_the_frame_show_banners_as_they_are_pasted() {
    let street = Street::of(Bams::builder()).await;
    let campaign = street.campaign(&[(300, 250), (300, 250)]).await;
    let [html] = written("docs/embedding.md", "html").try_into().unwrap();
    let [listener, _, app] = written("docs/embedding.md", "js").try_into().unwrap();
    let here = |text: &str| text.replace(ADS, &street.bams.url(""));
    let html = here(&html)
        .replace("\"12\"", &format!("\"{campaign}\""))
        .replace("/embed/12?", &format!("/embed/{campaign}?"));
    let empty = format!("<iframe src='{}'></iframe>", street.bams.url("/embed/999")).repeat(2);
    let page = format!(
        "<template id=our-own><b>our own</b></template><script>{}</script>{html}{empty}",
        here(&listener)
    );
    street.open_with(&[], &page).await;
    assert_eq!(street.shown(1).await.len(), 1);
    let ours = "return [...document.querySelectorAll('b')].map(it => it.textContent).join() === 'our own,our own'";
    street.browser.until(ours).await;
    let sizes = "return [document.querySelector('[data-bams-campaign] img'), document.querySelector('iframe')]
        .map(it => { const box = it.getBoundingClientRect(); return [box.width, box.height]; })";
    assert_eq!(street.browser.run(sizes).await, json!([[300, 250], [300, 250]]));
    assert_eq!(street.browser.run("return document.querySelectorAll('iframe').length").await, 1);

    // What the recipe takes from its framework: a view that is shown, and its element.
    let page = format!(
        "<script>document.documentElement.dataset.bamsServer = '{}';
         const element = {{ current: document.body }}, route = '/', useEffect = (run) => run();</script>
         <div data-bams-campaign={campaign} data-bams-count=1></div><script type=module>{}</script>",
        street.bams.url(""),
        here(&app)
    );
    street.open_with(&[], &page).await;
    assert_eq!(street.shown(1).await.len(), 1);
}

/// Starts the site of the recipe, which asks a server for banners. Returns its page.
async fn site(folder: &Path, server: &str, campaign: u32) -> (Program, String) {
    let [_, site, _] = written("docs/embedding.md", "js").try_into().unwrap();
    let port = free_port();
    let site = site
        .replace(ADDRESS, server)
        .replace("serve/1?", &format!("serve/{campaign}?"))
        .replace("listen(3000)", &format!("listen({port})"));
    let file = folder.join("server.mjs");
    fs::write(&file, site).unwrap();
    passes(Command::new("node").arg("--check").arg(&file));
    let program = Program(Command::new("node").arg(&file).stderr(Stdio::null()).spawn().unwrap());
    eventually(SOON, "the site answers", async || {
        std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
    })
    .await;
    (program, format!("http://127.0.0.1:{port}/"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_goes_on_whatever_it_is_answered() {
    let bams = Bams::builder().start().await;
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let answers = ["", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", NO_STORE, "wait"];
    let _server = tokio::spawn(async move {
        let mut held = Vec::new();
        for answer in answers {
            let (mut asked, _) = listener.accept().await.unwrap();
            let _ = asked.read(&mut [0; 4096]).await;
            match answer {
                // Never answered.
                "wait" => held.push(asked),
                text => asked.write_all(text.as_bytes()).await.unwrap(),
            }
        }
        // Whoever asks now finds nobody.
        drop(listener);
        std::future::pending::<()>().await;
    });
    let (mut program, page) = site(folder.path(), &server, 1).await;
    for answer in answers.into_iter().chain(["gone"]) {
        let shown = bams.get(&page).answer().await;
        assert_eq!((shown.status, shown.text().as_str()), (200, ""), "{answer}");
    }
    assert!(program.0.try_wait().unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_draws_banners_on_its_own_server() {
    let street = Street::of(Bams::builder()).await;
    let campaign = street.campaign(&[(300, 250)]).await;
    let (_site, page) = site(street.bams.folder(), &street.bams.url(""), campaign).await;
    let answer = street.bams.get(&page).answer().await;
    assert!(answer.header(SET_COOKIE.as_str()).starts_with("unique_id="), "{}", answer.text());
    street.browser.goto(&page).await.unwrap();
    street
        .browser
        .until("const it = document.querySelector('a img'); return it?.complete && it.naturalWidth === 300")
        .await;
    street.counts(campaign, 1).await;
}
