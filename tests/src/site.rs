//! A site of somebody else, with the pages that a test gives it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A web server for a few pages, under every name that leads to this machine.
#[derive(Debug)]
pub struct Site {
    port: u16,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    /// Headers and contents of each page, by path.
    pages: HashMap<String, (String, String)>,
    requests: Vec<String>,
}

impl Site {
    /// Starts a site without pages.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&shared)));
            }
        });
        Self { port, state, task }
    }

    /// Returns the origin of the site under a name such as `shop.localhost`.
    pub fn origin(&self, name: &str) -> String {
        format!("http://{name}:{}", self.port)
    }

    /// Puts a page there, or replaces it.
    pub fn page(&self, path: &str, html: &str) {
        self.page_with(path, &[], html);
    }

    /// Puts a page there that has more headers.
    pub fn page_with(&self, path: &str, headers: &[(&str, &str)], html: &str) {
        let headers = headers.iter().fold(String::new(), |mut lines, (name, value)| {
            let _ = write!(lines, "{name}: {value}\r\n");
            lines
        });
        let html = format!(
            "<!doctype html><html lang=en><title>Shop</title><link rel=icon href=data:,>{html}"
        );
        lock(&self.state).pages.insert(path.to_owned(), (headers, html));
    }

    /// Returns the headers of all requests for a path so far.
    pub fn requests(&self, path: &str) -> Vec<String> {
        let asked = |head: &&String| head.split(' ').nth(1).is_some_and(|it| it.starts_with(path));
        lock(&self.state).requests.iter().filter(asked).cloned().collect()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split([' ', '?']).nth(1).unwrap_or_default().to_owned();
    let page = {
        let mut state = lock(&state);
        state.requests.push(head);
        state.pages.get(&path).cloned()
    };
    let (status, (headers, html)) =
        page.map_or(("404 Not Found", Default::default()), |page| ("200 OK", page));
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         connection: close\r\n{headers}\r\n{html}",
        html.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
