//! Visitor history on a real Redis and a real Redis Cluster.

mod agreement;
mod cluster;
mod failure;
mod forgetting;
mod sharing;
mod world;
