//! Clients that are generated from the document compile and work.

use std::path::Path;

use bams_tests::{Bams, Tools, passes};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/bams.json");
const CLIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients");

#[tokio::test]
async fn a_generated_python_client_creates_and_reads_a_campaign() {
    let bams = Bams::builder().start().await;
    let (tools, clients) = (Tools::shared(), Path::new(CLIENTS).join("python"));
    let mut generate = tools.python("openapi-python-client");
    generate.args(["generate", "--fail-on-warning", "--meta", "none", "--path", DOCUMENT]);
    generate.arg("--config").arg(clients.join("config.yaml"));
    passes(generate.arg("--output-path").arg(bams.folder().join("bams_client")));
    passes(
        tools.python("python").args(["-W", "error", "-m", "compileall", "-q"]).arg(bams.folder()),
    );
    let mut program = tools.python("python");
    program.arg(clients.join("create_campaign.py")).env("PYTHONPATH", bams.folder());
    let said = passes(program.env("BAMS_URL", bams.url("")).env("BAMS_KEY", bams.key("editor")));
    assert!(said.starts_with("created campaign "), "{said}");
}

#[tokio::test]
async fn a_generated_typescript_client_creates_and_reads_a_campaign() {
    let bams = Bams::builder().start().await;
    let (tools, folder) = (Tools::shared(), bams.folder().join("client"));
    std::fs::create_dir(&folder).unwrap();
    for file in ["create_campaign.ts", "tsconfig.json"] {
        std::fs::copy(Path::new(CLIENTS).join("typescript").join(file), folder.join(file)).unwrap();
    }
    std::fs::write(folder.join("package.json"), r#"{"type": "module"}"#).unwrap();
    std::os::unix::fs::symlink(tools.modules(), folder.join("node_modules")).unwrap();
    let mut generate = tools.node("openapi-typescript");
    passes(generate.args([DOCUMENT, "--output"]).arg(folder.join("bams.d.ts")));
    passes(tools.node("tsc").arg("--project").arg(&folder));
    let mut program = std::process::Command::new("node");
    program.arg(folder.join("out/create_campaign.js"));
    let said = passes(program.env("BAMS_URL", bams.url("")).env("BAMS_KEY", bams.key("editor")));
    assert!(said.starts_with("created campaign "), "{said}");
}
