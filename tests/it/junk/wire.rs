//! A connection that is used again, for requests that no HTTP client would send.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Beyond this the server hangs.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct Wire<'a> {
    address: &'a str,
    stream: Option<BufReader<TcpStream>>,
}

impl<'a> Wire<'a> {
    pub(super) fn new(address: &'a str) -> Self {
        Self { address, stream: None }
    }

    /// Sends a request and reads the answer: its status and its body. The server may have hung
    /// up after the answer before: then it is sent again.
    pub(super) fn exchange(&mut self, request: &[u8]) -> (u16, String) {
        for _ in 0..3 {
            let address = self.address;
            let stream = self.stream.get_or_insert_with(|| connect(address));
            // The server may refuse before it has read everything.
            let _ = stream.get_mut().write_all(request);
            match answer(stream) {
                Ok((status, body, stays)) => {
                    if !stays {
                        self.stream = None;
                    }
                    return (status, body);
                }
                Err(error) => {
                    let hangs = error.kind() == std::io::ErrorKind::WouldBlock;
                    let request = String::from_utf8_lossy(request);
                    assert!(!hangs, "no answer to {request:?}");
                    self.stream = None;
                }
            }
        }
        panic!("the server hangs up on {:?}", String::from_utf8_lossy(request));
    }
}

fn connect(address: &str) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    BufReader::new(stream)
}

fn answer(stream: &mut BufReader<TcpStream>) -> std::io::Result<(u16, String, bool)> {
    let ended = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let status = line(stream)?;
    let status: u16 = status.split(' ').nth(1).and_then(|it| it.parse().ok()).ok_or_else(ended)?;
    let (mut length, mut chunked, mut stays) = (0, false, true);
    loop {
        let header = line(stream)?.to_ascii_lowercase();
        match header.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(("transfer-encoding", _)) => chunked = true,
            Some(("connection", value)) => stays = value != "close",
            None if header.is_empty() => break,
            _ => {}
        }
    }
    let mut body = Vec::new();
    loop {
        if chunked {
            length = u64::from_str_radix(&line(stream)?, 16).map_err(|_| ended())?;
        }
        stream.by_ref().take(length).read_to_end(&mut body)?;
        if chunked {
            line(stream)?;
        }
        if !chunked || length == 0 {
            return Ok((status, String::from_utf8_lossy(&body).into_owned(), stays));
        }
    }
}

fn line(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}
