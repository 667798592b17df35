//! Where the program `bams` lies.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

/// Returns the program under test: the one named by `BAMS_BIN`, else freshly built.
///
/// It is built once per test program, in the profile and the target folder that the
/// test program itself comes from.
pub(crate) fn bams() -> &'static PathBuf {
    static BAMS: LazyLock<PathBuf> =
        LazyLock::new(|| std::env::var_os("BAMS_BIN").map_or_else(build, PathBuf::from));
    &BAMS
}

fn build() -> PathBuf {
    // <target>/<profile>/deps/<this program>
    let program = std::env::current_exe().expect("the path of this program");
    let folder = program.ancestors().nth(2).expect("the folder of the profile");
    let target = folder.parent().expect("the target folder");
    let profile = match folder.file_name().and_then(|it| it.to_str()).expect("a profile") {
        "debug" => "dev",
        other => other,
    };

    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--package", "bams-api", "--bin", "bams"])
        .args(["--profile", profile, "--target-dir"])
        .arg(target)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .status()
        .expect("cargo runs");
    assert!(status.success(), "`cargo build --package bams-api` failed");
    folder.join("bams")
}
