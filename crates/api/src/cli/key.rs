//! `bams key`: API keys from the command line, so that there can be a first one.

use bams_storage::{ApiKey, KeyText, Role, create_key, list_keys, revoke_key};
use clap::Subcommand;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{DONE, FAILED, Outcome, print, store, tell};
use crate::chance;
use crate::clock;
use crate::config::Settings;

#[derive(Subcommand)]
pub(super) enum Key {
    /// Make a key and print it, the only time that anybody sees it
    Create {
        /// Who or what it is for
        #[arg(long)]
        name: String,
        /// viewer, editor, admin or ingest
        #[arg(long)]
        role: Role,
    },
    /// List the keys, without their secrets
    List,
    /// Revoke a key
    Revoke {
        /// The id: what stands between the first two underscores of the key
        id: String,
    },
}

impl Key {
    pub(super) async fn run(self, settings: &Settings) -> Outcome {
        let database = store::open(settings).await?;
        let now = clock::unix_millis();
        match self {
            Self::Create { name, role } => {
                if !(1..=200).contains(&name.trim().chars().count()) {
                    return Err("a key's name has 1 to 200 characters".into());
                }
                let key = KeyText::random(&mut chance::rng());
                create_key(&database, &key, name.trim(), role, now).await?;
                tell("Keep it: only its hash is stored.");
                print(&key.reveal());
            }
            Self::List => {
                for key in list_keys(&database).await? {
                    print(&line(&key));
                }
            }
            Self::Revoke { id } => {
                if !revoke_key(&database, &id, now).await? {
                    tell(&format!("There is no key with the id `{id}`."));
                    return Ok(FAILED);
                }
                tell("Revoked.");
            }
        }
        Ok(DONE)
    }
}

fn line(key: &ApiKey) -> String {
    let state = match (key.revoked_at, key.expires_at) {
        (Some(at), _) => format!("revoked {}", moment(at)),
        (None, Some(at)) => format!("expires {}", moment(at)),
        (None, None) => "valid".to_owned(),
    };
    format!(
        "{}\t{}\t{}\tmade {}\t{state}",
        key.id,
        key.role.name(),
        key.name,
        moment(key.created_at)
    )
}

fn moment(unix_millis: i64) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(unix_millis.div_euclid(1000));
    moment.ok().and_then(|it| it.format(&Rfc3339).ok()).unwrap_or_default()
}
