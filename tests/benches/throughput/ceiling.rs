//! What is at most possible: servers that answer the same bytes and decide nothing.
//!
//! A ceiling is this same program, started again with other arguments, so that its processor
//! time is measured like the product's. It ends when its standard input does.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer, web};
use deadpool_redis::redis::aio::MultiplexedConnection;
use deadpool_redis::redis::{Client, cmd};

use crate::connection::body_at;

/// How the arguments of a ceiling begin.
const COMMAND: &str = "ceiling";
/// What ceiling B reads from Redis for each request.
const KEY: &str = "ceiling";

/// A ceiling that runs.
#[derive(Debug)]
pub(crate) struct Ceiling {
    process: Child,
    pub(crate) url: String,
}

/// What a ceiling answers: a file with a whole answer, and the Redis it asks before.
#[derive(Debug)]
pub(crate) struct Asked {
    answer: PathBuf,
    redis: Option<String>,
}

impl Ceiling {
    /// Ceiling A: an actix handler that answers a body and headers of a file.
    pub(crate) fn fixed_answer(answer: &Path) -> Self {
        Self::start(answer, None)
    }

    /// Ceiling B: the same, after a GET on one connection to Redis that all requests share.
    pub(crate) fn with_redis(answer: &Path, redis: &str) -> Self {
        Self::start(answer, Some(redis))
    }

    fn start(answer: &Path, redis: Option<&str>) -> Self {
        let mut process = Command::new(std::env::current_exe().expect("the path of this program"))
            .arg(COMMAND)
            .arg(answer)
            .args(redis)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts again");
        let mut url = String::new();
        let output = process.stdout.as_mut().expect("a pipe from the ceiling");
        BufReader::new(output).read_line(&mut url).expect("the ceiling says where it listens");
        Self { process, url: url.trim().to_owned() }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Ceiling {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _status = self.process.wait();
    }
}

/// The ceiling that this process is to be, if it is to be one.
pub(crate) fn asked_for(arguments: &[String]) -> Option<Asked> {
    let (command, arguments) = arguments.split_first()?;
    let (answer, redis) = (command == COMMAND).then(|| arguments.split_first())??;
    Some(Asked { answer: answer.into(), redis: redis.first().cloned() })
}

/// Serves until standard input ends.
pub(crate) fn serve(asked: Asked) {
    std::thread::spawn(|| {
        let _bytes = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    actix_web::rt::System::with_tokio_rt(runtime).block_on(answer(asked));
}

/// The same as the product's: Redis' connection lives here, requests have a thread of their own.
fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().expect("threads")
}

async fn answer(asked: Asked) {
    let answer = FixedAnswer::read(&asked.answer);
    let redis = match asked.redis {
        Some(url) => Some(connect(&url).await),
        None => None,
    };
    let server = HttpServer::new(move || {
        let app = App::new().app_data(Data::new(answer.clone()));
        match redis.clone() {
            Some(redis) => app
                .app_data(Data::new(redis))
                .route("/api/v1/serve/{campaign_id}", web::get().to(after_redis)),
            None => app.route("/api/v1/serve/{campaign_id}", web::get().to(at_once)),
        }
    });
    let server = server.workers(1).bind(("127.0.0.1", 0)).expect("a free port");
    let address = server.addrs()[0];
    writeln!(std::io::stdout(), "http://{address}").expect("somebody who started the ceiling");
    server.run().await.expect("a server");
}

async fn connect(url: &str) -> MultiplexedConnection {
    let client = Client::open(url).expect("the URL of a Redis server");
    let mut connection = client.get_multiplexed_async_connection().await.expect("Redis");
    cmd("SET").arg(KEY).arg("x").exec_async(&mut connection).await.expect("Redis writes");
    connection
}

async fn at_once(answer: Data<FixedAnswer>) -> HttpResponse {
    answer.response()
}

async fn after_redis(
    answer: Data<FixedAnswer>,
    redis: Data<MultiplexedConnection>,
) -> HttpResponse {
    let mut redis = redis.get_ref().clone();
    let value: String = cmd("GET").arg(KEY).query_async(&mut redis).await.expect("Redis answers");
    assert_eq!(value, "x");
    answer.response()
}

/// A decision that the product made once.
#[derive(Clone)]
struct FixedAnswer {
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl FixedAnswer {
    fn read(file: &Path) -> Self {
        let answer = std::fs::read(file).expect("the file with the answer");
        let (head, body) = answer.split_at(body_at(&answer).expect("a head"));
        let head = String::from_utf8_lossy(head);
        let headers = head.lines().filter_map(|it| it.split_once(": "));
        // actix adds these itself.
        let ours = headers.filter(|it| !["content-length", "date"].contains(&it.0));
        let parsed = |(name, value): (&str, &str)| Some((name.parse().ok()?, value.parse().ok()?));
        Self { headers: ours.filter_map(parsed).collect(), body: Bytes::copy_from_slice(body) }
    }

    fn response(&self) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response.body(self.body.clone())
    }
}
