//! Visitor history on a real Redis and a real Redis Cluster.

mod agreement;
mod cluster;
mod failure;
mod sharing;
mod world;
