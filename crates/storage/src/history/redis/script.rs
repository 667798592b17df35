//! The script that runs in Redis for one request, and its answers.

use std::time::Duration;

use bams_domain::{CampaignId, History, Page, Placement, VisitorId};
use deadpool_redis::redis::{
    Cmd, ErrorKind, RedisError, RedisResult, Script, ServerErrorKind, Value, cmd,
};

use super::{
    super::memory::Guess,
    connection::Connection,
    state::{pack, put, unpack},
};

const TEXT: &str = include_str!("script.lua");

/// How many milliseconds the key of a trial lives.
const TRIAL_LIFETIME: u32 = 1000;

/// The script that chooses beside the history, and its name in Redis.
pub(crate) struct Choose {
    hash: String,
    key_prefix: String,
    /// Milliseconds.
    lifetime: String,
}

/// A use of the script for nobody, which tells whether Redis can be used.
pub(crate) struct Trial {
    hash: String,
    key: String,
}

/// An answer of Redis.
pub(crate) enum ScriptAnswer {
    /// The guess was right and was written.
    AsGuessed,
    /// Another node had shown more. These are the pages and the history in each campaign.
    Chosen(Vec<Page>, Vec<History>),
}

/// The choice of one request.
pub(crate) struct Question<'a> {
    pub(crate) visitor: VisitorId,
    pub(crate) campaigns: &'a [CampaignId],
    pub(crate) placements: &'a mut [Placement],
    pub(crate) guess: &'a Guess,
}

impl Choose {
    pub(crate) fn new(key_prefix: &str, lifetime: Duration) -> Self {
        Self {
            hash: Script::new(TEXT).get_hash().to_owned(),
            key_prefix: key_prefix.to_owned(),
            lifetime: lifetime.as_millis().max(1).to_string(),
        }
    }

    /// Asks in one round trip, or in two if the server does not know the script yet.
    pub(crate) async fn ask(
        &self,
        connection: &Connection,
        question: &mut Question<'_>,
        patience: Duration,
    ) -> RedisResult<ScriptAnswer> {
        let command = |name: &str, script: &str| self.command(name, script, question);
        let answer = run(connection, &self.hash, command, patience).await?;
        read(answer, question).ok_or_else(|| {
            RedisError::from((ErrorKind::UnexpectedReturnType, "not what the script answers"))
        })
    }

    /// Returns the command that writes the history of a new visitor.
    pub(crate) fn first_page(
        &self,
        visitor: VisitorId,
        campaign: CampaignId,
        history: &History,
    ) -> Cmd {
        let mut command = cmd("SET");
        command.arg(self.key(visitor, campaign)).arg(pack(history));
        command.arg("PX").arg(&self.lifetime);
        command
    }

    /// Returns the key of a history. Its braces keep all keys of a visitor in one slot of a
    /// cluster.
    pub(crate) fn key(&self, visitor: VisitorId, campaign: CampaignId) -> String {
        format!("{}history:{{{visitor}}}:{campaign}", self.key_prefix)
    }

    fn command(&self, name: &str, script: &str, question: &mut Question<'_>) -> Cmd {
        let Question { visitor, campaigns, placements, guess } = question;
        let mut command = cmd(name);
        command.arg(script).arg(campaigns.len());
        for &campaign in *campaigns {
            command.arg(self.key(*visitor, campaign));
        }
        command.arg(&self.lifetime);
        for (before, after) in guess.before.iter().zip(&guess.after) {
            command.arg(pack(before)).arg(pack(after));
        }
        for Placement { history, order, size, is_part } in placements.iter_mut() {
            let banners = order.banners();
            let mut bytes = Vec::with_capacity(12 + 4 * banners.len());
            for number in [*history, (*size).min(banners.len()), usize::from(*is_part)] {
                bytes.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
            }
            put(&mut bytes, banners);
            command.arg(bytes);
        }
        command
    }
}

impl Trial {
    pub(crate) fn new(key: String) -> Self {
        Self { hash: Script::new(TEXT).get_hash().to_owned(), key }
    }

    /// Writes the history of nobody. Fails wherever a decision would.
    pub(crate) async fn run(&self, connection: &Connection, patience: Duration) -> RedisResult<()> {
        let state = pack(&History::from_parts(Vec::new(), 0, 1));
        let command = |name: &str, script: &str| {
            let mut command = cmd(name);
            command.arg(script).arg(1).arg(&self.key);
            command.arg(TRIAL_LIFETIME).arg(&state).arg(&state);
            command
        };
        run(connection, &self.hash, command, patience).await.map(drop)
    }
}

/// Runs the script by its hash, or by its text if the server does not know it yet. `command` makes
/// the command from the name and the script.
async fn run(
    connection: &Connection,
    hash: &str,
    mut command: impl FnMut(&str, &str) -> Cmd,
    patience: Duration,
) -> RedisResult<Value> {
    match connection.send(&command("EVALSHA", hash), patience).await {
        Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
            connection.send(&command("EVAL", TEXT), patience).await
        }
        answer => answer,
    }
}

fn read(answer: Value, question: &Question<'_>) -> Option<ScriptAnswer> {
    if answer == Value::Int(1) {
        return Some(ScriptAnswer::AsGuessed);
    }
    let mut parts = answer.into_sequence().ok()?.into_iter().map(|part| match part {
        Value::BulkString(bytes) => Some(bytes),
        _ => None,
    });
    let orders = question.placements.iter().map(|it| it.order.len());
    let pages = orders.map(|banners| page(&parts.next()??, banners)).collect::<Option<Vec<_>>>()?;
    let histories = question.campaigns.iter().map(|_| unpack(&parts.next()??));
    Some(ScriptAnswer::Chosen(pages, histories.collect::<Option<Vec<_>>>()?))
}

/// Reads a page from bytes: the index at which a new cycle begins, then the picks.
fn page(bytes: &[u8], banners: usize) -> Option<Page> {
    let mut numbers = bytes
        .chunks_exact(4)
        .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]) as usize);
    let new_cycle_from = numbers.next()?;
    let picks: Vec<usize> = numbers.collect();
    let is_sound = new_cycle_from <= picks.len() && picks.iter().all(|pick| *pick < banners);
    is_sound.then_some(Page { picks, new_cycle_from })
}
