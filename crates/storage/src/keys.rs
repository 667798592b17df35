//! API keys: who may call what.

use std::fmt;
use std::str::FromStr;

use rand::Rng;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QueryOrder};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::connect::Database;
use crate::entity::api_key;
use crate::error::{Attempt, StorageError};
use crate::row::corrupt;

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Sends events, and nothing else.
    Ingest,
    /// Reads everything.
    Viewer,
    /// Reads everything and changes campaigns, banners and imports.
    Editor,
    /// Does everything, also keys and the audit log.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Ingest, Self::Viewer, Self::Editor, Self::Admin];

    /// The name in JSON, on the command line and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }

    /// Whether a key of this role may do what needs `required`.
    ///
    /// Viewer, editor and admin include each other in this order. Events are for ingest, and for
    /// editor and admin, who can import them in files.
    pub fn may(self, required: Self) -> bool {
        match required {
            Self::Ingest => matches!(self, Self::Ingest | Self::Editor | Self::Admin),
            Self::Viewer => matches!(self, Self::Viewer | Self::Editor | Self::Admin),
            Self::Editor => matches!(self, Self::Editor | Self::Admin),
            Self::Admin => self == Self::Admin,
        }
    }
}

/// A text that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a role: use viewer, editor, admin or ingest")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|it| it.name() == name);
        known.ok_or_else(|| UnknownRole(name.to_owned()))
    }
}

/// The text a client sends: `bams_<id>_<secret>`. It is shown once and never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText {
    id: String,
    secret: String,
}

impl KeyText {
    /// Reads what a client sent, or answers `None` if that cannot be a key.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix("bams_")?.split_once('_')?;
        let hexadecimal = |it: &str| it.bytes().all(|byte| byte.is_ascii_hexdigit());
        let whole = id.len() == 16 && secret.len() == 64 && hexadecimal(id) && hexadecimal(secret);
        whole.then(|| Self { id: id.to_owned(), secret: secret.to_owned() })
    }

    /// A key that nobody can guess, given a source of randomness that nobody can guess.
    pub fn random(rng: &mut impl Rng) -> Self {
        let mut hexadecimal = |bytes: &mut [u8]| {
            rng.fill_bytes(bytes);
            hex(bytes)
        };
        Self { id: hexadecimal(&mut [0; 8]), secret: hexadecimal(&mut [0; 32]) }
    }

    /// The public half, which names the key in lists and logs.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The whole text, to be shown once.
    pub fn reveal(&self) -> String {
        format!("bams_{}_{}", self.id, self.secret)
    }

    fn secret_sha256(&self) -> String {
        hex(&Sha256::digest(self.secret.as_bytes()))
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bams_{}_[hidden]", self.id)
    }
}

/// A key as it is listed: everything but its secret. Times are unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its public half.
    pub id: String,
    /// Who or what it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: i64,
    /// From when on it is refused.
    pub expires_at: Option<i64>,
    /// Since when it is refused.
    pub revoked_at: Option<i64>,
    /// When it was last accepted; not kept yet.
    pub last_used_at: Option<i64>,
}

/// Accepts a new key from now on. Only the hash of its secret is kept.
pub async fn create_key(
    database: &Database,
    text: &KeyText,
    name: &str,
    role: Role,
    now: i64,
) -> Result<(), StorageError> {
    let row = api_key::ActiveModel {
        id: Set(text.id.clone()),
        name: Set(name.to_owned()),
        role: Set(role.name().to_owned()),
        secret_sha256: Set(text.secret_sha256()),
        created_at: Set(now),
        expires_at: Set(None),
        revoked_at: Set(None),
        last_used_at: Set(None),
    };
    row.insert(database.reading()).await.attempt("create a key")?;
    Ok(())
}

/// Every key, oldest first.
pub async fn list_keys(database: &Database) -> Result<Vec<ApiKey>, StorageError> {
    let query = api_key::Entity::find()
        .order_by_asc(api_key::Column::CreatedAt)
        .order_by_asc(api_key::Column::Id);
    let rows = query.all(database.reading()).await.attempt("list the keys")?;
    rows.into_iter().map(api_key).collect()
}

/// Revokes a key and answers whether there is one with this id. Revoking again changes nothing.
pub async fn revoke_key(database: &Database, id: &str, now: i64) -> Result<bool, StorageError> {
    let action = "revoke a key";
    let row = api_key::Entity::find_by_id(id).one(database.reading()).await.attempt(action)?;
    let Some(row) = row else { return Ok(false) };
    if row.revoked_at.is_none() {
        let mut row = row.into_active_model();
        row.revoked_at = Set(Some(now));
        row.update(database.reading()).await.attempt(action)?;
    }
    Ok(true)
}

/// The key that a client's text proves, or `None` if it is unknown, forged, expired or revoked.
pub async fn authenticate(
    database: &Database,
    text: &KeyText,
    now: i64,
) -> Result<Option<ApiKey>, StorageError> {
    let row = api_key::Entity::find_by_id(&text.id).one(database.reading()).await;
    let Some(row) = row.attempt("look a key up")? else { return Ok(None) };
    let genuine = text.secret_sha256().as_bytes().ct_eq(row.secret_sha256.as_bytes());
    let key = api_key(row)?;
    let valid = key.revoked_at.is_none() && key.expires_at.is_none_or(|end| now < end);
    Ok((bool::from(genuine) && valid).then_some(key))
}

fn api_key(row: api_key::Model) -> Result<ApiKey, StorageError> {
    Ok(ApiKey {
        role: row.role.parse().map_err(|_| corrupt("api_keys", "role", &row.role))?,
        id: row.id,
        name: row.name,
        created_at: row.created_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
        last_used_at: row.last_used_at,
    })
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
