//! Certificates of an authority that only this installation knows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bams_tests::{Balancer, Bams, S3, passes};

use crate::studio::{Studio, png};

/// Makes an authority, and a certificate by it for this machine. Returns the authority's certificate,
/// and the other one with its key.
fn certificates(folder: &Path) -> (PathBuf, PathBuf) {
    let path = |name: &str| folder.join(name);
    let make = |name: &str, more: &[&str]| {
        let mut command = Command::new("openssl");
        command.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj"]);
        command.arg(format!("/CN={name}")).args(more).current_dir(folder);
        command.args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")]);
        passes(&mut command);
    };
    make("authority", &[]);
    let issued = ["-CA", "authority.pem", "-CAkey", "authority.key"];
    let facts = ["subjectAltName=DNS:localhost", "basicConstraints=critical,CA:FALSE"];
    let facts = facts.iter().flat_map(|it| ["-addext", *it]);
    make("localhost", &issued.into_iter().chain(facts).collect::<Vec<_>>());
    let both = ["localhost.pem", "localhost.key"].map(|it| fs::read_to_string(path(it)).unwrap());
    fs::write(path("both.pem"), both.concat()).unwrap();
    (path("authority.pem"), path("both.pem"))
}

#[tokio::test]
async fn s3_may_have_a_certificate_of_an_authority_of_its_own() {
    let (s3, folder) = (S3::start(), tempfile::tempdir().unwrap());
    let (authority, both) = certificates(folder.path());
    let front = Balancer::with_tls(&both, s3.port());
    let endpoint = format!("https://localhost:{}", front.port());
    let builder = || Bams::builder().s3(&s3).set("media.s3.endpoint", &*endpoint);
    let stranger = Studio::of(builder().start().await).await;
    stranger.put(png(3, 4)).await.problem(503);
    let trusting = builder().env("SSL_CERT_FILE", authority.display().to_string());
    let trusting = Studio::of(trusting.start().await).await;
    let shown = trusting.put(png(3, 4)).await.expect(200);
    assert!(s3.object(shown["image"]["key"].as_str().unwrap()).is_some(), "{shown}");
}
