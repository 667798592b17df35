//! What keeps others out, and one from being all the others' trouble.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Answer, Ask, Bams};
use serde_json::json;

use crate::given::visitor;

/// A key of the right form that nobody made.
const FORGED: &str = "bams_0123456789abcdef_\
    0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

async fn campaigns(bams: &Bams, key: &str, forwarded: Option<&str>) -> Answer {
    let request = bams.get("/api/v1/campaigns").bearer_auth(key);
    match forwarded {
        Some(addresses) => request.header("x-forwarded-for", addresses).answer().await,
        None => request.answer().await,
    }
}

/// Asserts that an answer says that it was too much, and when to come back.
#[track_caller]
fn too_much(answer: &Answer) {
    let problem = answer.problem(429);
    assert_eq!(problem["code"], "too_many_requests", "{problem}");
    let seconds: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn who_forges_keys_may_soon_try_none() {
    let bams = Bams::builder().set("server.trusted_proxies", "127.0.0.1").start().await;
    let (key, revoked) = (bams.key("viewer"), bams.key("viewer"));
    assert_eq!(bams.run(["key", "revoke", revoked.split('_').nth(1).unwrap()]).code, 0);
    let (guesser, other) = (Some("192.0.2.1, 198.51.100.7"), Some("198.51.100.8"));
    for _ in 0..10 {
        campaigns(&bams, FORGED, guesser).await.problem(401);
    }
    too_much(&campaigns(&bams, FORGED, guesser).await);
    too_much(&campaigns(&bams, &key, guesser).await);
    too_much(&campaigns(&bams, &key, Some("198.51.100.8, 198.51.100.7")).await);
    campaigns(&bams, &key, other).await.expect(200);
    // Who had a key once guesses nothing, and neither does who sends none.
    for _ in 0..30 {
        campaigns(&bams, &revoked, other).await.problem(401);
        bams.get("/api/v1/campaigns").answer().await.problem(401);
    }
    campaigns(&bams, &key, other).await.expect(200);
    bams.get("/healthz").header("x-forwarded-for", "198.51.100.7").answer().await.expect(200);
}

#[tokio::test]
async fn nobody_but_listed_proxies_is_believed_about_addresses() {
    let bams = Bams::builder().start().await;
    let key = bams.key("viewer");
    // Through a proxy that is not listed: whose fault it is cannot be known.
    for _ in 0..30 {
        campaigns(&bams, FORGED, Some("198.51.100.7")).await.problem(401);
    }
    campaigns(&bams, &key, None).await.expect(200);
    for _ in 0..10 {
        campaigns(&bams, FORGED, None).await.problem(401);
    }
    too_much(&campaigns(&bams, &key, None).await);
}

#[tokio::test]
async fn however_our_proxies_write_an_address_it_is_not_theirs() {
    let bams = Bams::builder().set("server.trusted_proxies", "127.0.0.1").start().await;
    let key = bams.key("viewer");
    let ask = async |key: &str, (name, value): (&str, &str)| {
        let request = bams.get("/api/v1/campaigns").bearer_auth(key).header(name, value);
        request.answer().await
    };
    for header in [
        ("x-forwarded-for", "[2001:db8:0:1::1]"),
        ("x-forwarded-for", "\"[2001:db8:0:2::1]:4711\""),
        ("x-forwarded-for", "\"198.51.100.3\""),
        ("forwarded", "for=198.51.100.4;proto=https"),
        ("forwarded", "For=\"[2001:db8:0:5::1]:4711\""),
        ("x-real-ip", "198.51.100.6"),
    ] {
        for _ in 0..10 {
            ask(FORGED, header).await.problem(401);
        }
        too_much(&ask(&key, header).await);
    }
    // What cannot be read is nobody's fault, least of all the proxy's.
    for header in [("x-forwarded-for", "unknown"), ("forwarded", "for=_hidden"), ("x-none", "")] {
        for _ in 0..30 {
            ask(FORGED, header).await.problem(401);
        }
        ask(&key, header).await.expect(200);
    }
}

#[tokio::test]
async fn the_header_of_our_proxies_is_believed_and_no_other() {
    let builder = Bams::builder().set("server.trusted_proxies", "127.0.0.1");
    let bams = builder.set("server.address_header", "x-real-ip").start().await;
    let key = bams.key("viewer");
    let ask = async |key: &str, claimed: &str| {
        let request = bams.get("/api/v1/campaigns").bearer_auth(key);
        let request = request.header("x-real-ip", "198.51.100.7");
        request.header("x-forwarded-for", claimed).answer().await
    };
    for turn in 0..10 {
        ask(FORGED, &format!("192.0.2.{turn}")).await.problem(401);
    }
    too_much(&ask(&key, "192.0.2.100").await);
}

#[tokio::test]
async fn a_key_has_its_share_and_others_have_theirs() {
    let bams = Bams::builder().set("limits.key_per_second", "1").start().await;
    let (eager, calm) = (bams.key("admin"), bams.key("viewer"));
    let mut refused = 0;
    for _ in 0..50 {
        let answer = campaigns(&bams, &eager, None).await;
        if answer.status == 429 {
            too_much(&answer);
            refused += 1;
        }
    }
    assert!(refused > 20, "{refused}");
    campaigns(&bams, &calm, None).await.expect(200);
    for _ in 0..50 {
        // Events have the queue for their limit.
        let body = json!({"conversion_id": "1", "click_id": "1", "revenue": "1"});
        let request = bams.post("/api/v1/conversions").bearer_auth(&eager).json(&body);
        assert_ne!(request.answer().await.status, 429);
        assert_eq!(bams.get("/api/v1/serve/1").answer().await.status, 404);
    }
}

#[tokio::test]
async fn an_address_has_its_share_if_somebody_asks_for_it() {
    let builder = Bams::builder().set("limits.address_per_second", "1");
    let bams = builder.set("server.trusted_proxies", "127.0.0.0/8").start().await;
    let ask = async |path: &str, address: &str| {
        bams.get(path).header("x-forwarded-for", address).answer().await
    };
    let mut refused = 0;
    for _ in 0..50 {
        let answer = ask("/api/v1/serve/1", "2001:db8::1:2").await;
        if answer.status == 429 {
            too_much(&answer);
            refused += 1;
        }
        // A click leads on whatever happens.
        assert_eq!(ask("/t/c/nonsense", "2001:db8::1:2").await.status, 404);
        ask("/healthz", "2001:db8::1:2").await.expect(200);
    }
    assert!(refused > 20, "{refused}");
    too_much(&ask("/api/v1/serve/1", "2001:db8::ffff:1:2").await);
    assert_eq!(ask("/api/v1/serve/1", "2001:db8:0:1::1:2").await.status, 404);
}

#[tokio::test]
async fn an_address_changes_the_preferences_of_so_many_visitors() {
    let bams = Bams::builder().set("server.trusted_proxies", "127.0.0.1").start().await;
    let me = |method: Method, address: &str| {
        let request = bams.request(method, "/api/v1/visitors/me").header("cookie", visitor());
        request.header("x-forwarded-for", address)
    };
    let (crowd, calm) = ("198.51.100.7", "198.51.100.8");
    let wish = json!({ "hidden_banners": [1] });
    let mut refused = 0;
    for turn in 0..200 {
        let method = if turn % 2 == 0 { Method::PUT } else { Method::DELETE };
        let answer = me(method, crowd).json(&wish).answer().await;
        if answer.status == 429 {
            too_much(&answer);
            refused += 1;
        }
    }
    assert!(refused > 20, "{refused}");
    me(Method::GET, crowd).answer().await.expect(200);
    me(Method::PUT, calm).json(&wish).answer().await.expect(200);
}

/// Sends bytes over a connection of its own and reads what comes until the server hangs up or is
/// silent for as long.
fn exchange(bams: &Bams, bytes: &[u8], silence: Duration) -> String {
    let mut stream = connect(bams, silence);
    // It may hang up before it has read everything.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn connect(bams: &Bams, silence: Duration) -> TcpStream {
    let stream = TcpStream::connect(bams.url("").trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(silence)).unwrap();
    stream
}

#[tokio::test]
async fn bombs_of_headers_paths_and_depth_are_refused() {
    let bams = Bams::builder().start().await;
    let key = bams.key("admin");
    let silence = Duration::from_secs(30);
    let many = "x-many: y\r\n".repeat(100_000);
    let long = "a".repeat(4 << 20);
    for head in [
        format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{many}\r\n"),
        format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx: {long}\r\n\r\n"),
        format!("GET /{long} HTTP/1.1\r\nhost: x\r\n\r\n"),
    ] {
        let answer = exchange(&bams, head.as_bytes(), silence);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    for path in ["/api/v1/campaigns", "/api/v1/decisions", "/api/v1/conversions", "/api/v1/keys"] {
        for bomb in ["[".repeat(200_000), "{\"a\":".repeat(40_000)] {
            let request = bams.post(path).bearer_auth(&key).body(bomb);
            let answer = request.header("content-type", "application/json").answer().await;
            assert!([400, 422].contains(&answer.status), "{path}: {}", answer.text());
            answer.problem(answer.status);
        }
        let request = bams.post(path).bearer_auth(&key).header("content-encoding", "gzip");
        let request = request.header("content-type", "application/json");
        request.body(vec![0x1f, 0x8b, 8, 0]).answer().await.problem(415);
    }
    bams.get("/healthz").answer().await.expect(200);
}

#[tokio::test]
async fn who_is_slow_is_told_so_and_let_go() {
    let bams = Bams::builder().set("server.header_timeout", "500ms").start().await;
    let key = bams.key("admin");
    let silence = Duration::from_secs(30);
    let headers = exchange(&bams, b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ", silence);
    assert!(headers.is_empty() || headers.starts_with("HTTP/1.1 408"), "{headers}");

    let mut stream = connect(&bams, silence);
    let head = format!(
        "POST /api/v1/campaigns HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: 1000\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut writing = stream.try_clone().unwrap();
    std::thread::spawn(move || {
        while writing.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 408");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait() {
    let builder = Bams::builder().set("server.workers", "1").set("server.max_connections", "2");
    let bams = builder.set("server.keep_alive", "1h").prepare();
    bams.start().await;
    let ask = |stream: &mut TcpStream| {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        stream.read(&mut [0; 2048])
    };
    let patience = Duration::from_secs(30);
    let (mut first, mut second) = (connect(&bams, patience), connect(&bams, patience));
    assert!(ask(&mut first).unwrap() > 0 && ask(&mut second).unwrap() > 0);
    let mut third = connect(&bams, patience);
    third.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    // The only worker answers others many times, and does not take the third.
    for _ in 0..100 {
        assert!(ask(&mut first).unwrap() > 0 && ask(&mut second).unwrap() > 0);
    }
    third.set_nonblocking(true).unwrap();
    assert_eq!(third.read(&mut [0; 2048]).unwrap_err().kind(), ErrorKind::WouldBlock);
    third.set_nonblocking(false).unwrap();
    drop(first);
    assert!(third.read(&mut [0; 2048]).unwrap() > 0);
}
