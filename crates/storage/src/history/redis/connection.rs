//! A connection to a single server or to a cluster, shared by all requests.

use std::time::Duration;

use deadpool_redis::{
    Connection as Pooled, Manager, Pool,
    cluster::{
        ClusterConnection, Connection as PooledCluster, Manager as ClusterManager,
        Pool as ClusterPool,
    },
    redis::{
        AsyncConnectionConfig, Cmd, ErrorKind, IntoConnectionInfo, RedisError, RedisResult, Value,
        aio::MultiplexedConnection,
    },
};
use rustls::crypto::ring;
use tokio::time::timeout;

use super::{InvalidRedisUrl, RedisSettings};
use crate::server_url::{ServerUrl, UrlFlaw};

/// How long a new connection may take. Only the watch waits for it.
const CONNECT: Duration = Duration::from_secs(1);

/// The source of connections.
#[derive(Clone)]
pub(crate) enum Pools {
    Single(Pool),
    Cluster(ClusterPool),
}

/// A connection that carries the commands of many requests at once. Clones share it.
#[derive(Clone)]
pub(crate) enum Connection {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Pools {
    pub(crate) fn new(settings: &RedisSettings) -> Result<Self, InvalidRedisUrl> {
        // TLS needs one provider by name when the program contains several; the first one set
        // stays.
        let _ = ring::default_provider().install_default();
        if settings.cluster {
            let nodes: Vec<&str> = settings.url.split(',').map(str::trim).collect();
            nodes.iter().try_for_each(|node| check(node))?;
            let manager = ClusterManager::new(nodes, false).map_err(malformed)?;
            let pool = ClusterPool::builder(manager).max_size(1).build();
            Ok(Self::Cluster(pool.map_err(malformed)?))
        } else {
            check(settings.url.trim())?;
            let server = settings.url.trim().into_connection_info().map_err(malformed)?;
            // Each call has a shorter deadline of its own.
            let config = AsyncConnectionConfig::new().set_response_timeout(Some(CONNECT));
            let manager = Manager::new_with_config(server, config).map_err(malformed)?;
            let pool = Pool::builder(manager).max_size(1).build();
            Ok(Self::Single(pool.map_err(malformed)?))
        }
    }

    /// Makes a new connection.
    ///
    /// It leaves the pool for good, because a pool tests a connection for each request, which costs
    /// more than the whole answer of a shared connection.
    pub(crate) async fn connect(&self) -> RedisResult<Connection> {
        let connect = async {
            match self {
                Self::Single(pool) => {
                    let pooled = pool.get().await.map_err(unavailable)?;
                    Ok(Connection::Single(Pooled::take(pooled)))
                }
                Self::Cluster(pool) => {
                    let pooled = pool.get().await.map_err(unavailable)?;
                    Ok(Connection::Cluster(PooledCluster::take(pooled)))
                }
            }
        };
        timeout(CONNECT, connect).await.unwrap_or_else(|_| Err(late()))
    }
}

impl Connection {
    /// Sends one command and waits at most `patience` for its answer. Never repeats it.
    pub(crate) async fn send(&self, command: &Cmd, patience: Duration) -> RedisResult<Value> {
        let answer = async {
            match self {
                Self::Single(it) => command.query_async(&mut it.clone()).await,
                Self::Cluster(it) => command.query_async(&mut it.clone()).await,
            }
        };
        timeout(patience, answer).await.unwrap_or_else(|_| Err(late()))
    }
}

/// Refuses a password that would be taken for a part of the address.
fn check(url: &str) -> Result<(), InvalidRedisUrl> {
    if url.starts_with("unix:") || url.starts_with("redis+unix:") {
        return Ok(());
    }
    match ServerUrl::split(url) {
        Ok(_) => Ok(()),
        Err(UrlFlaw::Unencoded) => Err(InvalidRedisUrl::Unencoded),
        Err(UrlFlaw::Malformed) => Err(InvalidRedisUrl::Malformed),
    }
}

/// Hides an error, which may repeat the URL.
fn malformed<E>(_: E) -> InvalidRedisUrl {
    InvalidRedisUrl::Malformed
}

fn late() -> RedisError {
    RedisError::from((ErrorKind::Io, "no answer in time"))
}

fn unavailable(error: deadpool_redis::PoolError) -> RedisError {
    match error {
        deadpool_redis::PoolError::Backend(error) => error,
        _ => RedisError::from((ErrorKind::Client, "the connection pool is closed")),
    }
}
