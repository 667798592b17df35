//! Starts every kind of server and aborts, so that a test sees what becomes of them.
//!
//! Writes a path per line into the file that it is given, each of which is gone when a server has
//! ended and left nothing behind.

use std::env::args;

use bams_tests::{MariaDb, Redis, S3};

fn main() {
    let report = args().nth(1).expect("the file for the report");
    let (mariadb, redis, s3) = (MariaDb::start(), Redis::start(), S3::start());
    let (first, second) = (mariadb.pid(), redis.pid());
    let folder = mariadb.folder().display();
    std::fs::write(report, format!("/proc/{first}\n/proc/{second}\n{folder}\n")).unwrap();
    drop(s3);
    std::process::abort();
}
