//! `bams key`: API keys from the command line, so that there can be a first one.

use std::error::Error;

use bams_app::managing::{KeyFields, Managing, ManagingError, Precondition};
use bams_storage::{
    Actor, ApiKey, Database, KeyFilter, KeyText, PageRequest, Role, alternatives, keys,
};
use clap::Subcommand;

use super::{DONE, FAILED, Outcome, print, tell};
use crate::assembly::store;
use crate::clock;
use crate::config::Settings;
use crate::random;
use crate::timestamp;

#[derive(Subcommand)]
pub(super) enum KeyCommand {
    /// Make a key and print it, the only time that anybody sees it
    Create {
        /// Who or what it is for
        #[arg(long)]
        name: String,
        #[arg(long, help = alternatives(Role::ALL.map(Role::name)))]
        role: Role,
        /// From when on it is refused, such as 2027-01-01T00:00:00Z; never if missing
        #[arg(long, value_parser = moment)]
        expires_at: Option<i64>,
        /// The only campaign whose conversions it reports, with the role postback; all if missing
        #[arg(long)]
        campaign: Option<u32>,
    },
    /// List the keys, without their secrets
    List,
    /// Revoke a key
    Revoke {
        /// The key, or its id: what stands between the key's first two underscores
        key: String,
    },
}

impl KeyCommand {
    pub(super) async fn run(self, settings: &Settings) -> Outcome {
        let database = store::open(settings).await?;
        match self {
            Self::Create { name, role, expires_at, campaign } => {
                let said = KeyFields {
                    name: Some(name),
                    role: Some(role),
                    expires_at: Some(expires_at),
                    campaign_id: Some(campaign),
                };
                let text = KeyText::random(&mut random::rng());
                let hand_over = |text: &KeyText| print(&text.reveal()).map_err(|it| it.0);
                let (by, now) = (Actor::command_line(), clock::unix_millis());
                Managing::new(database).hand_over_key(by, text, said, hand_over, now).await?;
                tell("Keep it: only its hash is stored.");
            }
            Self::List => list(&database).await?,
            Self::Revoke { key } => {
                let id = KeyText::parse(&key).map_or(key, |it| it.id().to_owned());
                let (by, now) = (Actor::command_line(), clock::unix_millis());
                let managing = Managing::new(database);
                match managing.revoke_key(by, id, Precondition::Anything, now).await {
                    Err(ManagingError::UnknownKey) => {
                        tell("There is no such key: `bams key list` shows the ids of all.");
                        return Ok(FAILED);
                    }
                    revoked => drop(revoked?),
                }
                tell("Revoked.");
            }
        }
        Ok(DONE)
    }
}

/// Makes an admin key in a store that never had a key, or returns `None` if it had one.
pub(super) async fn first_admin(
    database: Database,
    name: &str,
) -> Result<Option<KeyText>, ManagingError> {
    let text = KeyText::random(&mut random::rng());
    let (by, now) = (Actor::command_line(), clock::unix_millis());
    let made = Managing::new(database).create_first_key(by, text.clone(), name, now).await?;
    Ok(made.map(|_| text))
}

async fn list(database: &Database) -> Result<(), Box<dyn Error>> {
    let mut page = PageRequest { sort: (), descending: false, after: None, limit: 200 };
    let mut header = Some("id\trole\tname\tmade\tlast use\tstate");
    loop {
        let found = keys(database, &KeyFilter::default(), &page).await?;
        if found.items.is_empty() {
            tell("There are no keys yet: `bams key create` makes one.");
        } else if let Some(header) = header.take() {
            print(header)?;
        }
        for key in &found.items {
            print(&line(key))?;
        }
        if found.next.is_none() {
            return Ok(());
        }
        page.after = found.next;
    }
}

fn moment(text: &str) -> Result<i64, String> {
    let example = || "is no moment such as 2027-01-01T00:00:00Z".to_owned();
    timestamp::unix_millis(text).ok_or_else(example)
}

fn line(key: &ApiKey) -> String {
    let state = match (key.revoked_at, key.expires_at) {
        (Some(at), _) => format!("revoked {}", timestamp::text(at)),
        (None, Some(at)) => format!("expires {}", timestamp::text(at)),
        (None, None) => "valid".to_owned(),
    };
    let used = key.last_used_at.map_or_else(|| "never".to_owned(), timestamp::text);
    let (id, role, name, made) =
        (&key.id, key.role.name(), &key.name, timestamp::text(key.created_at));
    format!("{id}\t{role}\t{name}\t{made}\t{used}\t{state}")
}
