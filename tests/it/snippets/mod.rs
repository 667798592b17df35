//! The examples of the README and of `docs/`, run as they are written.

mod pages;
mod settings;
mod shell;

use std::collections::BTreeMap;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The server's address in the examples.
const ADDRESS: &str = "http://127.0.0.1:8000";

/// How many examples in which language each page has. All of them are run here, except for those of
/// Rust, which are documentation tests of `bams-domain`, and the rights of Redis's user, which
/// `redis_refusals` gives it.
const EXAMPLES: [(&str, &str, usize); 15] = [
    ("README.md", "json", 1),
    ("README.md", "rust", 1),
    ("README.md", "sh", 3),
    ("docs/embedding.md", "html", 1),
    ("docs/embedding.md", "js", 3),
    ("docs/embedding.md", "sh", 1),
    ("docs/from-the-older-system.md", "nginx", 1),
    ("docs/from-the-older-system.md", "toml", 1),
    ("docs/importing.md", "sh", 1),
    ("docs/managing.md", "sh", 1),
    ("docs/operating.md", "", 1),
    ("docs/operating.md", "sh", 4),
    ("docs/operating.md", "toml", 1),
    ("docs/reporting.md", "sh", 1),
    ("docs/tracking.md", "sh", 4),
];

/// Returns the examples of a page, as language and text, in their order.
fn examples(page: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(format!("{ROOT}/{page}")).unwrap();
    let mut found: Vec<(String, String)> = Vec::new();
    let mut indent = None;
    for line in text.lines() {
        match (line.trim_start().strip_prefix("```"), indent) {
            (Some(language), None) => {
                indent = Some(line.len() - line.trim_start().len());
                found.push((language.to_owned(), String::new()));
            }
            (Some(_), Some(_)) => indent = None,
            (None, Some(indent)) => {
                let text = &mut found.last_mut().unwrap().1;
                text.push_str(line.get(indent..).unwrap_or_default());
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

/// Returns the examples of a page in one language, in their order.
fn written(page: &str, language: &str) -> Vec<String> {
    examples(page).into_iter().filter(|it| it.0 == language).map(|it| it.1).collect()
}

#[test]
fn every_example_is_run() {
    let mut found = BTreeMap::new();
    let folder = std::fs::read_dir(format!("{ROOT}/docs")).unwrap().map(|it| it.unwrap().path());
    let texts = folder.filter(|it| it.extension().is_some_and(|it| it == "md"));
    let names = texts.map(|it| format!("docs/{}", it.file_name().unwrap().display()));
    let pages = names.chain(["README.md".to_owned()]);
    for page in pages {
        for (language, _) in examples(&page) {
            *found.entry((page.clone(), language)).or_insert(0) += 1;
        }
    }
    let known = EXAMPLES.into_iter().filter(|it| it.2 > 0);
    let known: BTreeMap<_, _> = known
        .map(|(page, language, count)| ((page.to_owned(), language.to_owned()), count))
        .collect();
    assert_eq!(found, known, "run what is new in a test of this folder, and count it here");
}

/// The lists of ad blockers name servers such as `ads.` and paths such as `/banners/`, which the name of a
/// bucket may be.
#[test]
fn no_example_has_a_name_that_ad_blockers_know() {
    let folders = ["docs", "deploy", "config"].map(|it| std::fs::read_dir(format!("{ROOT}/{it}")));
    let in_folders = folders.into_iter().flat_map(Result::unwrap).map(|it| it.unwrap().path());
    let others = ["README.md", "openapi/bams.json", "crates/api/assets/embed.js"];
    let others = others.map(|it| Path::new(ROOT).join(it));
    let mut looked_at = 0;
    for file in in_folders.chain(others) {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        looked_at += 1;
        for name in ["//ads.", "S3__BUCKET=banners", "S3__BUCKET: banners", "media/banners/"] {
            assert!(!text.contains(name), "{name} in {}", file.display());
        }
    }
    assert!(looked_at > 15, "{looked_at}");
}
