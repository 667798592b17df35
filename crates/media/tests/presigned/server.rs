//! An S3 server in this process, on a folder that is removed with it.

use std::{net::SocketAddr, path::Path};

use bams_media::{S3Images, S3Settings};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use reqwest::{Body, Client, Method, StatusCode};
use s3s::{auth::SimpleAuth, host::SingleDomain, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// The only bucket.
pub(crate) const BUCKET: &str = "ads";

const DOMAIN: &str = "s3.test";
const ACCESS_KEY_ID: &str = "test-id";
const SECRET_ACCESS_KEY: &str = "test-secret";

/// A running server, and a client that resolves its names.
pub(crate) struct Server {
    address: SocketAddr,
    client: Client,
    folder: TempDir,
}

impl Server {
    /// Starts a server on a free port. It stops with the test's runtime.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();

        let mut builder = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY_ID, SECRET_ACCESS_KEY));
        builder.set_host(SingleDomain::new(&format!("{DOMAIN}:{}", address.port())).unwrap());
        let service = builder.build();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let http = Builder::new(TokioExecutor::new());
                    http.serve_connection(TokioIo::new(socket), service).await.ok();
                });
            }
        });

        let client = Client::builder()
            .no_proxy()
            .resolve(DOMAIN, address)
            .resolve(&format!("{BUCKET}.{DOMAIN}"), address)
            .build()
            .unwrap();
        Self { address, client, folder }
    }

    /// Returns settings that the server accepts, with the bucket in the path.
    pub(crate) fn settings(&self) -> S3Settings {
        S3Settings {
            bucket: BUCKET.into(),
            region: "eu-west-1".into(),
            endpoint: Some(format!("http://{DOMAIN}:{}", self.address.port())),
            path_style: true,
            access_key_id: ACCESS_KEY_ID.into(),
            secret_access_key: SECRET_ACCESS_KEY.into(),
            session_token: None,
        }
    }

    pub(crate) fn path_style(&self) -> S3Images {
        S3Images::new(self.settings()).unwrap()
    }

    pub(crate) fn in_host(&self) -> S3Images {
        S3Images::new(S3Settings { path_style: false, ..self.settings() }).unwrap()
    }

    /// Returns the folder of the buckets.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Sends a request and returns status and body of the answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: &str,
        body: impl Into<Body>,
    ) -> (StatusCode, String) {
        let answer = self.client.request(method, url).body(body).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }
}
