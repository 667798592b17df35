//! Who may see and do what: every address with every method and every role.

use bams_tests::reqwest::{Method, RequestBuilder};
use bams_tests::{Answer, Ask, Bams};

use super::Visit;
use super::filled::FilledStore;
use super::mounted::addresses;
use super::pages::number_after;
use crate::person::Person;

/// Those who sign in, the least first.
const ROLES: [&str; 3] = ["viewer", "editor", "admin"];

/// Who may use an address: everybody, everybody with a session, or a role and those above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Audience {
    Everybody,
    From(usize),
}

const VIEWERS: Audience = Audience::From(0);
const EDITORS: Audience = Audience::From(1);
const ADMINS: Audience = Audience::From(2);

/// Who may see what. Whoever mounts a page says it here.
const PAGES: [(Audience, &[&str]); 4] = [
    (
        Audience::Everybody,
        &["/", "/dashboard", "/dashboard/assets/{name}", "/dashboard/sign-in", "/shared/{token}"],
    ),
    (
        VIEWERS,
        &[
            "/dashboard/",
            "/dashboard/campaigns",
            "/dashboard/campaigns/{id}",
            "/dashboard/campaigns/{id}/banners",
            "/dashboard/campaigns/{id}/report",
            "/dashboard/banners",
            "/dashboard/banners/{id}",
            "/dashboard/performance",
            "/dashboard/preview",
            "/dashboard/imports",
            "/dashboard/imports/{id}",
            "/dashboard/settings",
        ],
    ),
    (
        EDITORS,
        &[
            "/dashboard/campaigns/new",
            "/dashboard/campaigns/{id}/edit",
            "/dashboard/banners/new",
            "/dashboard/banners/{id}/edit",
            "/dashboard/imports/{id}/rejected",
        ],
    ),
    (ADMINS, &["/dashboard/settings/keys/{id}/revoke"]),
];

/// Who may send which form.
const FORMS: [(Audience, &[&str]); 4] = [
    (Audience::Everybody, &["/dashboard/sign-in", "/dashboard/look"]),
    (VIEWERS, &["/dashboard/sign-out"]),
    (
        EDITORS,
        &[
            "/dashboard/campaigns/new",
            "/dashboard/campaigns/{id}/edit",
            "/dashboard/campaigns/{id}/report",
            "/dashboard/campaigns/{id}/status",
            "/dashboard/campaigns/{id}/copy",
            "/dashboard/campaigns/{id}/resume",
            "/dashboard/campaigns/{id}/attach",
            "/dashboard/campaigns/{id}/detach",
            "/dashboard/campaigns/{id}/upload",
            "/dashboard/campaigns/{id}/banners/{banner}/status",
            "/dashboard/banners/new",
            "/dashboard/banners/{id}/edit",
            "/dashboard/banners/{id}/status",
            "/dashboard/banners/{id}/image",
            "/dashboard/imports",
            "/dashboard/imports/{id}/revert",
            "/dashboard/settings/shared/{id}/revoke",
            "/dashboard/audit/{id}/revert",
        ],
    ),
    (ADMINS, &["/dashboard/settings/keys", "/dashboard/settings/keys/{id}/revoke"]),
];

fn audience(method: &Method, path: &str) -> Audience {
    let table = if *method == Method::GET { PAGES } else { FORMS };
    let found = table.iter().find(|it| it.1.contains(&path));
    found.unwrap_or_else(|| panic!("who may {method} {path}?")).0
}

fn own(ask: RequestBuilder) -> RequestBuilder {
    ask.header("sec-fetch-site", "same-origin")
}

fn leads_to_sign_in(answer: &Answer) -> bool {
    answer.status == 303 && answer.header("location").starts_with("/dashboard/sign-in")
}

#[tokio::test]
async fn every_address_is_for_those_who_may_use_it() {
    let bams = Bams::builder().start().await;
    let store = FilledStore::of(&bams).await;
    let visits = [
        Visit::of(&bams, ROLES[0]).await,
        Visit::of(&bams, ROLES[1]).await,
        Visit::of(&bams, ROLES[2]).await,
    ];
    let admin = Person::new(&bams, "admin");
    let before = store.contents(&admin).await;
    for address in addresses() {
        for method in address.methods() {
            let (audience, place) = (audience(&method, &address.path), &address.path);
            let nobody = own(store.ask(&method, &address)).answer().await;
            assert_eq!(
                leads_to_sign_in(&nobody),
                audience != Audience::Everybody,
                "nobody may {method} {place}: {}",
                nobody.status
            );
            let below = visits.iter().enumerate().filter(|it| Audience::From(it.0) < audience);
            for (rank, visit) in below {
                let ask = own(store.ask(&method, &address)).header("cookie", &visit.cookie);
                let (role, refused) = (ROLES[rank], ask.answer().await);
                assert_eq!(refused.status, 403, "{role} {method} {place}: {}", refused.text());
            }
        }
    }
    assert_eq!(store.contents(&admin).await, before, "what was refused changed nothing");
}

#[tokio::test]
async fn every_page_opens_for_those_who_may_see_it() {
    let bams = Bams::builder().start().await;
    let store = FilledStore::of(&bams).await;
    for (rank, role) in ROLES.iter().enumerate() {
        let visit = Visit::of(&bams, role).await;
        for address in addresses().into_iter().filter(|it| it.is_read) {
            if audience(&Method::GET, &address.path) > Audience::From(rank) {
                continue;
            }
            let ask = |method| store.ask(&method, &address).header("cookie", &visit.cookie);
            let (read, looked) =
                (ask(Method::GET).answer().await, ask(Method::HEAD).answer().await);
            let leads_on = ["/", "/dashboard"].contains(&address.path.as_str());
            let expected = if leads_on { 302 } else { 200 };
            assert_eq!(read.status, expected, "{role} {}: {}", address.path, read.text());
            assert_eq!((looked.status, looked.body.len()), (expected, 0), "{}", address.path);
        }
    }
}

#[tokio::test]
async fn no_other_site_and_no_other_method_changes_anything() {
    let bams = Bams::builder().start().await;
    let store = FilledStore::of(&bams).await;
    let (visit, admin) = (Visit::of(&bams, "admin").await, Person::new(&bams, "admin"));
    let before = store.contents(&admin).await;
    for address in addresses() {
        let place = &address.path;
        let ask = |method: &Method| store.ask(method, &address).header("cookie", &visit.cookie);
        let forgeries: [&[(&str, &str)]; 3] = [
            &[],
            &[("origin", "https://evil.example")],
            &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
        ];
        for headers in forgeries.into_iter().filter(|_| address.takes_form) {
            let with = |ask: RequestBuilder, header: &(&str, &str)| ask.header(header.0, header.1);
            let refused = headers.iter().fold(ask(&Method::POST), with).answer().await;
            assert_eq!(refused.status, 403, "{place}: {}", refused.text());
        }
        let others = [Method::PUT, Method::PATCH, Method::DELETE];
        let post = (!address.takes_form).then_some(Method::POST);
        for method in others.into_iter().chain(post) {
            let refused = own(ask(&method)).answer().await;
            assert_eq!(refused.status, 405, "{method} {place}");
            let allow = refused.header("allow").to_owned();
            assert_eq!(allow.contains("GET"), address.is_read, "{method} {place}: {allow}");
            assert_eq!(allow.contains("POST"), address.takes_form, "{method} {place}: {allow}");
        }
    }
    assert_eq!(store.contents(&admin).await, before, "what was refused changed nothing");
}

#[tokio::test]
async fn pages_show_what_their_reader_can_do() {
    let bams = Bams::builder().start().await;
    let store = FilledStore::of(&bams).await;
    let [viewer, editor, admin] = [
        Visit::of(&bams, "viewer").await,
        Visit::of(&bams, "editor").await,
        Visit::of(&bams, "admin").await,
    ];
    let settings = viewer.page("/dashboard/settings").await;
    assert!(!settings.contains("id=\"audit\"") && settings.contains("id=\"health\""));
    let settings = editor.page("/dashboard/settings").await;
    assert!(settings.contains("id=\"audit\"") && !settings.contains("Create key"));
    assert!(admin.page("/dashboard/settings").await.contains("Create key"));
    // Whoever only reads is shown no form that would be refused.
    let kept = ["/dashboard/look", "/dashboard/sign-out"];
    for address in addresses().into_iter().filter(|it| it.is_read) {
        if audience(&Method::GET, &address.path) != VIEWERS {
            continue;
        }
        let page = viewer.page(&store.path(&address)).await;
        let actions = page.split("method=\"post\" action=\"").skip(1);
        for action in actions.map(|it| it.split('"').next().unwrap()) {
            assert!(kept.contains(&action), "{} has a form for {action}", address.path);
        }
        assert!(!page.contains("/edit\""), "{}", address.path);
    }
    let page = viewer.page("/dashboard/campaigns/1").await;
    assert_eq!(number_after(&page, "/dashboard/preview?campaign="), 1);
}
