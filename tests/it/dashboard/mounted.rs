//! The addresses of the dashboard, read where they are mounted, so that no test forgets one.

use bams_tests::reqwest::Method;

/// Where they are mounted.
const MOUNT: &str = include_str!("../../../crates/api/src/dashboard/mount.rs");

/// What stands before everything that is mounted.
const SERVICE: &str = ".service(";

/// An address, with its variable parts in braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MountedAddress {
    pub(crate) path: String,
    pub(crate) is_read: bool,
    pub(crate) takes_form: bool,
}

/// Every address that is mounted. Fails if something is mounted in a way that is not known here.
pub(crate) fn addresses() -> Vec<MountedAddress> {
    let text: String = MOUNT.split_whitespace().collect();
    let (outside, inside) = text.split_once("fnpages()").expect("the pages");
    let inside = inside.split_once("///Mounts").expect("the ways of mounting").0;
    let mounted = |part: &str, scope: &str| -> Vec<MountedAddress> {
        let services = part.split(SERVICE).skip(1).filter(|it| !it.starts_with("pages()"));
        services.map(|it| address(it, scope)).collect()
    };
    let mut all = mounted(outside, "");
    all.extend(mounted(inside, "/dashboard"));
    assert!(all.len() > 30, "{all:?}");
    all
}

fn address(service: &str, scope: &str) -> MountedAddress {
    let (way, rest) = service.split_once("(\"").unwrap_or_else(|| panic!("{service}"));
    let own = rest.split('"').next().unwrap();
    let (is_read, takes_form) = match way {
        "read" | "web::resource" => (true, false),
        "take" => (false, true),
        "both" => (true, true),
        other => panic!("how does {other} mount {own}?"),
    };
    MountedAddress { path: format!("{scope}{own}"), is_read, takes_form }
}

impl MountedAddress {
    /// The methods that it answers, but HEAD.
    pub(crate) fn methods(&self) -> impl Iterator<Item = Method> {
        let read = self.is_read.then_some(Method::GET);
        read.into_iter().chain(self.takes_form.then_some(Method::POST))
    }

    /// True if a path is one of these. What varies has a digit, which no other part has.
    pub(crate) fn has(&self, path: &str) -> bool {
        let path = path.split(['?', '#']).next().unwrap();
        let [own, other]: [Vec<&str>; 2] = [&self.path, path].map(|it| it.split('/').collect());
        let is_same = |(own, other): (&&str, &&str)| {
            let varies = own.starts_with('{') && other.bytes().any(|it| it.is_ascii_digit());
            varies || own == other
        };
        own.len() == other.len() && own.iter().zip(&other).all(is_same)
    }
}
