//! A private S3 server.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::thread::JoinHandle;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::sync::oneshot;

use crate::guard::Guard;
use crate::place;

/// The bucket that exists.
const BUCKET: &str = "banners";

/// An S3 server that verifies signatures and keeps its objects in a folder.
///
/// It runs in a thread of the test program. Its folder is gone when the value is
/// dropped or the program ends.
#[derive(Debug)]
pub struct S3 {
    address: SocketAddr,
    bucket: PathBuf,
    end: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    _folder: Guard,
}

impl S3 {
    /// The access key id the server knows.
    pub const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
    /// The secret that belongs to it.
    pub const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    /// Starts a server with one empty bucket.
    pub fn start() -> Self {
        let root = place::folder("s3");
        let folder = Guard::new(&Command::new("true"), &root, true);
        let bucket = root.join("objects").join(BUCKET);
        std::fs::create_dir_all(&bucket).expect("a folder for the bucket");

        let store = FileSystem::new(root.join("objects")).expect("a store in the folder");
        let mut service = S3ServiceBuilder::new(store);
        service.set_auth(SimpleAuth::from_single(Self::ACCESS_KEY, Self::SECRET_KEY));
        let service = service.build();

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a listener for tokio");
        let address = listener.local_addr().expect("an address");
        let (end, ended) = oneshot::channel();
        let thread = std::thread::spawn(move || serve(listener, &service, ended));
        Self { address, bucket, end: Some((end, thread)), _folder: folder }
    }

    /// Returns the server's URL, for the setting `media.s3.endpoint`; path-style addresses.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Returns the name of the bucket.
    pub fn bucket(&self) -> &'static str {
        BUCKET
    }

    /// Stores an object without asking the server.
    pub fn put(&self, key: &str, bytes: &[u8]) {
        let path = self.bucket.join(key);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder for the key");
        std::fs::write(path, bytes).expect("an object in the bucket");
    }

    /// Returns the bytes of an object, if there is one.
    pub fn object(&self, key: &str) -> Option<Vec<u8>> {
        std::fs::read(self.bucket.join(key)).ok()
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.end.take() {
            drop(end);
            let _ended = thread.join();
        }
    }
}

/// Answers requests until `ended` resolves.
fn serve(listener: TcpListener, service: &S3Service, ended: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        let accept = async {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                let service = service.clone();
                tokio::spawn(async move {
                    let connection = Builder::new(TokioExecutor::new());
                    // A client that went away is no fault of the server's.
                    let _ = connection.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        };
        tokio::select! {
            () = accept => {}
            _ = ended => {}
        }
    });
}
