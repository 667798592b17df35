//! A kept-alive HTTP/1.1 connection that reads no more of an answer than it must.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The largest answer, with its head.
const ANSWER: usize = 64 * 1024;

/// One request at a time; the answer stays in a buffer.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection to the server");
        stream.set_nodelay(true).expect("a socket that sends at once");
        Self { stream, buffer: vec![0; ANSWER] }
    }

    /// Sends a request and returns the whole answer, head and body.
    ///
    /// Panics on anything but a 200, or a 302 of a click, with a content length.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> &[u8] {
        self.stream.write_all(request).await.expect("the server reads");
        let mut read = 0;
        let mut whole = None;
        while whole.is_none_or(|whole| read < whole) {
            let count = self.stream.read(&mut self.buffer[read..]).await.expect("an answer");
            assert!(count > 0, "closed after: {}", text(&self.buffer[..read]));
            read += count;
            whole = whole.or_else(|| length(&self.buffer[..read]));
        }
        &self.buffer[..read]
    }
}

/// Where the body begins, once the head is complete.
pub(crate) fn body_at(answer: &[u8]) -> Option<usize> {
    answer.windows(4).position(|it| it == b"\r\n\r\n").map(|it| it + 4)
}

/// How long the answer will be, head and body, once its head is complete.
fn length(answer: &[u8]) -> Option<usize> {
    let body = body_at(answer)?;
    let head = &answer[..body];
    assert!([b"200", b"302"].iter().any(|it| **it == head[9..12]), "{}", text(answer));
    let value = head.split(|it| *it == b'\n').find_map(|line| {
        let (name, value) = line.split_at_checked("content-length:".len())?;
        name.eq_ignore_ascii_case(b"content-length:").then_some(value)
    });
    let value = value.and_then(|it| std::str::from_utf8(it).ok()?.trim().parse::<usize>().ok());
    Some(body + value.unwrap_or_else(|| panic!("no length: {}", text(answer))))
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
