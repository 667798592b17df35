//! What the tests of BAMS stand on: private servers, the real binary, generated data.
//!
//! Knows the product only through its public face. Every server is started on first
//! use, belongs to the test program alone and is gone, with its data, when that ends.
//!
//! The servers' programs come with the Debian packages `mariadb-server` and `redis-server`, the browser
//! with `chromium` and `chromium-driver`; `tests/run.sh` installs them, and `tests/faults.sh` what
//! faults need. Tools of other languages come from their own registries; `tests/tools.sh` installs them.

mod answer;
mod balancer;
mod bams;
mod binary;
mod browser;
mod builder;
pub mod crowd;
mod galera;
mod generated;
mod guard;
pub mod ledger;
mod mariadb;
mod place;
pub mod process;
mod redis;
mod redis_cluster;
mod s3;
mod site;
mod switch;
mod tools;
mod wait;

pub use answer::{Answer, Ask};
pub use balancer::Balancer;
pub use bams::{Bams, Outcome, Running};
pub use browser::Browser;
pub use builder::BamsBuilder;
pub use galera::Galera;
pub use generated::Generated;
pub use mariadb::MariaDb;
pub use place::free_port;
pub use redis::Redis;
pub use redis_cluster::RedisCluster;
pub use reqwest;
pub use s3::S3;
pub use site::Site;
pub use switch::Switch;
pub use tools::{Tools, passes};
pub use wait::{eventually, patiently};
