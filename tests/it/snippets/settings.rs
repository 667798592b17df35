//! Settings, read by what they are for.

use std::fs;
use std::process::Command;

use bams_tests::{Bams, passes};

use super::shell::paste;
use super::{ROOT, written};

#[tokio::test]
async fn every_setting_is_one() {
    let bams = Bams::builder().prepare();
    let key = bams.folder().join("signing.key");
    fs::write(&key, "0123456789abcdef0123456789abcdef01234567").unwrap();
    for (page, which) in [("README.md", 2), ("docs/operating.md", 1)] {
        let lines = written(page, "sh").remove(which);
        assert!(lines.contains("\nbams serve "), "{lines}");
        let lines = lines
            .replace("\nbams serve ", "\nbams config ")
            .replace("/run/secrets/bams", &key.display().to_string());
        let printed = paste(&bams, &lines, &[]);
        for line in
            ["url = \"[hidden]\" # BAMS__DATABASE__URL", "backend = \"s3\" # BAMS__MEDIA__BACKEND"]
        {
            assert!(printed.lines().any(|it| it == line), "{page}: {line}: {printed}");
        }
    }
    for page in ["docs/operating.md", "docs/from-the-older-system.md"] {
        let file = bams.folder().join("bams.toml");
        let [text] = written(page, "toml").try_into().unwrap();
        fs::write(&file, text).unwrap();
        let printed = bams.run(["--config", file.to_str().unwrap(), "config"]);
        assert_eq!(printed.code, 0, "{page}: {}", printed.errors);
        assert!(printed.output.contains("\"https://pictures.example.com\" # "), "{page}");
    }
}

/// The properties that the manual gives a command are those of the unit.
#[test]
fn a_command_finds_the_store_of_the_unit() {
    let lines = written("docs/operating.md", "sh").remove(0);
    let unit = fs::read_to_string(format!("{ROOT}/deploy/systemd/bams.service")).unwrap();
    let given = lines.split_whitespace().skip_while(|it| *it != "-p");
    let given: Vec<_> = given.filter(|it| it.contains('=')).collect();
    assert_eq!(given.len(), 8, "{lines}");
    for property in given {
        let is_there = |line: &str| line == property || line == format!("Environment={property}");
        // The name of the user is that of the unit, if it names none.
        assert!(property == "User=bams" || unit.lines().any(is_there), "{property}");
    }
}

#[test]
fn nginx_understands_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let [line] = written("docs/from-the-older-system.md", "nginx").try_into().unwrap();
    let all = format!(
        "pid {};\nevents {{}}\nhttp {{ access_log off; server {{ listen 127.0.0.1:9;\n{line}\n}} }}\n",
        path("pid")
    );
    fs::write(path("nginx.conf"), all).unwrap();
    passes(Command::new("nginx").args(["-t", "-c", &path("nginx.conf"), "-e", &path("log")]));
}
