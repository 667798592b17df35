//! Logins that fail because server and driver have no way in common: users read what to do.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use bams_storage::{Database, StorageError};
use bams_tests::MariaDb;

/// What people read about a login that fails.
async fn refusal(url: &str) -> String {
    let refused = Database::connect(url, 2).await.unwrap_err();
    assert!(matches!(refused, StorageError::Login { .. }), "{refused:?}");
    assert!(!refused.to_string().contains("s3cret"), "{refused}");
    refused.to_string()
}

/// Sends one packet of MySQL's protocol.
fn send(stream: &mut TcpStream, number: u8, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    let header = [length[0], length[1], length[2], number];
    stream.write_all(&[&header, payload].concat()).unwrap();
}

fn receive(stream: &mut TcpStream) -> Vec<u8> {
    let mut header = [0; 4];
    stream.read_exact(&mut header).unwrap();
    let mut payload = vec![0; usize::from(header[0]) + 256 * usize::from(header[1])];
    stream.read_exact(&mut payload).unwrap();
    payload
}

/// Greets as MySQL 8 does without TLS, and takes the client's answer.
fn greet(stream: &mut TcpStream) {
    let capabilities = 0x0008_8200_u32.to_le_bytes(); // protocol 4.1, long nonces, methods
    let greeting = [
        &b"\x0a8.4.0\0"[..],
        &[1, 0, 0, 0],
        b"12345678\0",
        &capabilities[..2],
        &[45, 2, 0],
        &capabilities[2..],
        &[21],
        &[0; 10],
        b"123456789012\0",
        b"caching_sha2_password\0",
    ];
    send(stream, 0, &greeting.concat());
    receive(stream);
}

/// Asks for a password that the server does not know yet.
fn ask_for_the_password(mut stream: TcpStream) {
    greet(&mut stream);
    send(&mut stream, 2, &[1, 4]);
    assert_eq!(receive(&mut stream), [2], "the driver asks for the server's key");
    send(&mut stream, 4, b"\x01-----BEGIN PUBLIC KEY-----");
}

/// Refuses a connection without TLS.
fn ask_for_tls(mut stream: TcpStream) {
    greet(&mut stream);
    let code = 3159_u16.to_le_bytes();
    let text = b"#HY000Connections using insecure transport are prohibited";
    send(&mut stream, 2, &[&[0xff], &code[..], text].concat());
}

/// The URL of a server that treats every client like this.
fn server(treat: fn(TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().map_while(Result::ok).for_each(treat));
    format!("mysql://bams:s3cret@127.0.0.1:{port}/bams")
}

#[tokio::test]
async fn mysql_8_without_tls() {
    let refused = refusal(&server(ask_for_the_password)).await;
    assert!(refused.contains("over TLS only"), "{refused}");
}

#[tokio::test]
async fn mysql_8_that_wants_tls() {
    let refused = refusal(&server(ask_for_tls)).await;
    assert!(refused.contains("nobody in without TLS"), "{refused}");
}

#[tokio::test]
async fn a_method_that_the_driver_does_not_know() {
    let server = MariaDb::start();
    server.sql("", "INSTALL SONAME 'auth_ed25519'");
    server.sql("", "CREATE USER ed@127.0.0.1 IDENTIFIED VIA ed25519 USING PASSWORD('s3cret')");
    let url = format!("mysql://ed:s3cret@127.0.0.1:{}/bams", server.port());
    let refused = refusal(&url).await;
    assert!(refused.contains("a method that BAMS does not know"), "{refused}");
}
