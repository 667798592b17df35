//! Reading and forgetting the histories of one visitor in Redis.

use std::time::{Duration, Instant};

use bams_domain::{CampaignId, History, VisitorId};
use deadpool_redis::redis::{RedisError, RedisResult, Value, cmd, from_redis_value};

use super::super::{FORGETTING, HistoryUnavailable, RecalledHistory};
use super::SharedHistory;
use super::state::{pack, unpack};

/// How many keys one command asks for.
const KEYS: usize = 500;

/// How long a call may take, which is long because these are no decisions.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many pages that history is ahead of any that a node may remember.
const AHEAD: u32 = 1_000_000;

impl SharedHistory {
    pub(crate) async fn recall(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
    ) -> Result<Vec<RecalledHistory>, HistoryUnavailable> {
        let recalled = async {
            let connection = self.link.connection()?;
            let mut recalled = Vec::new();
            for (campaign, history) in self.stored(visitor, campaigns).await? {
                if history.seen().is_empty() {
                    continue;
                }
                let mut ask = cmd("PTTL");
                ask.arg(self.script.key(visitor, campaign));
                let left: i64 = from_redis_value(connection.send(&ask, PATIENCE).await?)?;
                let expires_in = Duration::from_millis(u64::try_from(left).unwrap_or(0));
                recalled.push(RecalledHistory { campaign, history, expires_in });
            }
            Ok(recalled)
        };
        recalled.await.map_err(|error| unavailable(&error))
    }

    pub(crate) async fn forget(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
    ) -> Result<(), HistoryUnavailable> {
        let mirrored = self.mirror.recall(visitor, Instant::now());
        let forgotten = async {
            let connection = self.link.connection()?;
            let mut known = self.stored(visitor, campaigns).await?;
            // Redis may have lost a history that this node, and perhaps another one, still
            // remembers.
            known
                .extend(mirrored.into_iter().map(|recalled| (recalled.campaign, recalled.history)));
            known
                .sort_by_key(|(campaign, history)| (*campaign, std::cmp::Reverse(history.pages())));
            known.dedup_by_key(|it| it.0);
            for (campaign, history) in known {
                let nothing =
                    History::from_parts(Vec::new(), 0, history.pages().saturating_add(AHEAD));
                let mut write = cmd("SET");
                write.arg(self.script.key(visitor, campaign)).arg(pack(&nothing));
                write.arg("PX").arg(FORGETTING);
                connection.send(&write, PATIENCE).await?;
            }
            Ok(())
        };
        forgotten.await.map_err(|error| unavailable(&error))?;
        self.mirror.forget(visitor);
        Ok(())
    }

    /// Returns the histories that Redis has.
    async fn stored(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
    ) -> RedisResult<Vec<(CampaignId, History)>> {
        let connection = self.link.connection()?;
        let mut stored = Vec::new();
        for chunk in campaigns.chunks(KEYS) {
            let mut ask = cmd("MGET");
            for &campaign in chunk {
                ask.arg(self.script.key(visitor, campaign));
            }
            let answer: Vec<Value> = from_redis_value(connection.send(&ask, PATIENCE).await?)?;
            stored.extend(chunk.iter().zip(answer).filter_map(|(&campaign, value)| match value {
                Value::BulkString(bytes) => Some((campaign, unpack(&bytes)?)),
                _ => None,
            }));
        }
        Ok(stored)
    }
}

fn unavailable(error: &RedisError) -> HistoryUnavailable {
    tracing::warn!(%error, "a visitor's history could not be reached");
    HistoryUnavailable
}
