//! API keys, and who sends a request.

mod role;
mod text;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bams_domain::CampaignId;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use tokio::time::timeout;

pub use self::role::{Role, UnknownRole};
pub use self::text::KeyText;
use crate::change::revision::{Counter, next};
use crate::change::{Change, Subject};
use crate::database::Database;
use crate::database::list_page::{ListPage, PageRequest, SortValue, part};
use crate::database::values::{campaign_id, corrupt};
use crate::entity::api_key::{ActiveModel, Column, Entity, Model};
use crate::error::{Attempt, StorageError};

/// How exactly the last use of a key is stored, in milliseconds: a minute.
const USE_RESOLUTION: i64 = 60_000;

/// How long a look-up may take before an earlier proof counts instead.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// A key without its secret. Times are unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its public half.
    pub id: String,
    /// Its name: whom or what it is for.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// The only campaign whose conversions it reports, for a key of [`Role::Postback`]. `None` for all.
    pub campaign: Option<CampaignId>,
    /// When it was made.
    pub created_at: i64,
    /// The moment from which on it is refused because it expired.
    pub expires_at: Option<i64>,
    /// The moment from which on it is refused because it was revoked.
    pub revoked_at: Option<i64>,
    /// When it was last accepted, to the minute.
    pub last_used_at: Option<i64>,
}

/// The settings of a new key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// Its name, at most [`LONGEST_NAME`](crate::LONGEST_NAME) characters.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// The only campaign whose conversions it reports. `None` for all.
    pub campaign: Option<CampaignId>,
    /// The moment from which on it is refused, in unix milliseconds. `None` is never.
    pub expires_at: Option<i64>,
}

/// The keys to list. `None` does not filter.
#[derive(Clone, Debug, Default)]
pub struct KeyFilter {
    /// Only keys of this role.
    pub role: Option<Role>,
}

/// Returns a page of the keys, sorted by the time they were made.
pub async fn keys(
    database: &Database,
    filter: &KeyFilter,
    page: &PageRequest<()>,
) -> Result<ListPage<ApiKey>, StorageError> {
    let role = filter.role.map(|it| Column::Role.eq(it.name()));
    let query = role.map_or_else(Entity::find, |role| Entity::find().filter(role));
    let rows = part(query, (Column::CreatedAt, Column::Id), page).all(database.reading()).await;
    let models = rows.attempt("list the keys")?.into_iter();
    let items = models.map(ApiKey::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(ListPage::of(items, page.limit, |it| {
        (SortValue::Number(it.created_at), SortValue::Text(it.id.clone()))
    }))
}

/// Returns a key by its public half, or `None` if there is no such key.
pub async fn key(database: &Database, id: &str) -> Result<Option<ApiKey>, StorageError> {
    let row = Entity::find_by_id(id).one(database.reading()).await.attempt("load a key")?;
    row.map(ApiKey::try_from).transpose()
}

impl Change {
    /// Makes a key. Only the hash of its secret is stored.
    pub async fn create_key(
        &mut self,
        text: &KeyText,
        key: NewKey,
    ) -> Result<ApiKey, StorageError> {
        let new = ActiveModel {
            id: Set(text.id().to_owned()),
            name: Set(key.name),
            role: Set(key.role.name().to_owned()),
            secret_sha256: Set(text.secret_sha256()),
            created_at: Set(self.now),
            expires_at: Set(key.expires_at),
            revoked_at: Set(None),
            last_used_at: Set(None),
            campaign_id: Set(key.campaign.map(|it| it.0.into())),
        };
        let row = new.insert(&self.transaction).await.attempt("create a key")?;
        let key = ApiKey::try_from(row)?;
        self.record("create", Subject::key(&key.id), None, Some(described(&key))).await?;
        Ok(key)
    }

    /// Makes the first key of a store, or returns `None` if any key was ever made. Of several calls
    /// at once, one makes it.
    pub async fn create_first_key(
        &mut self,
        text: &KeyText,
        key: NewKey,
    ) -> Result<Option<ApiKey>, StorageError> {
        if self.has_keys().await? {
            return Ok(None);
        }
        // The counter's lock keeps others from making a key between the look and the commit.
        next(&self.transaction, Counter::Keys).await.attempt("make a first key")?;
        if self.has_keys().await? {
            return Ok(None);
        }
        self.create_key(text, key).await.map(Some)
    }

    async fn has_keys(&self) -> Result<bool, StorageError> {
        let row = Entity::find().limit(1).one(&self.transaction).await;
        Ok(row.attempt("look for keys")?.is_some())
    }

    /// Returns a key, or `None` if there is no such key, and locks it until this change ends.
    pub async fn key(&self, id: &str) -> Result<Option<ApiKey>, StorageError> {
        let row = Entity::find_by_id(id).lock(LockType::Update).one(&self.transaction).await;
        row.attempt("load a key")?.map(ApiKey::try_from).transpose()
    }

    /// Revokes a key and returns it. Revoking again changes nothing.
    pub async fn revoke_key(&mut self, before: ApiKey) -> Result<ApiKey, StorageError> {
        if before.revoked_at.is_some() {
            return Ok(before);
        }
        let action = "revoke a key";
        let row = ActiveModel {
            id: Unchanged(before.id.clone()),
            revoked_at: Set(Some(self.now)),
            ..Default::default()
        };
        let after = ApiKey::try_from(row.update(&self.transaction).await.attempt(action)?)?;
        let (was, is) = (Some(described(&before)), Some(described(&after)));
        self.record("revoke", Subject::key(&after.id), was, is).await?;
        Ok(after)
    }
}

/// Returns the key as the audit log shows it.
fn described(key: &ApiKey) -> Value {
    json!({
        "name": key.name,
        "role": key.role.name(),
        "campaign_id": key.campaign.map(|it| it.0),
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    })
}

/// What the text of a client proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The key, whose secret the client knows.
    Valid(ApiKey),
    /// The key as it was when the database last answered. It does not answer now.
    Recalled(ApiKey),
    /// A key that has expired or was revoked.
    Lapsed,
    /// Nothing: there is no such key, or its secret is another.
    Wrong,
}

/// Authenticates clients, and notes when each key was last used.
#[derive(Debug)]
pub struct Doorkeeper {
    database: Database,
    /// When the last use of each key was written.
    noted: Mutex<HashMap<String, i64>>,
    /// Every valid key that was proven here by its id, with the hash of its secret.
    proven: Mutex<HashMap<String, (String, ApiKey)>>,
}

impl Doorkeeper {
    /// Makes the doorkeeper of a store.
    pub fn new(database: Database) -> Self {
        Self { database, noted: Mutex::default(), proven: Mutex::default() }
    }

    /// Returns what the text of a client proves at a moment in unix milliseconds.
    pub async fn authenticate(&self, text: &KeyText, now: i64) -> Result<Proof, StorageError> {
        let found = Entity::find_by_id(text.id()).one(self.database.reading()).await;
        let Some(row) = found.attempt("look a key up")? else { return Ok(Proof::Wrong) };
        let secret = row.secret_sha256.clone();
        let genuine = text.secret_sha256().as_bytes().ct_eq(secret.as_bytes());
        let key = ApiKey::try_from(row)?;
        if !bool::from(genuine) {
            return Ok(Proof::Wrong);
        }
        let mut proven = self.proven.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_valid(&key, now) {
            proven.remove(&key.id);
            return Ok(Proof::Lapsed);
        }
        proven.insert(key.id.clone(), (secret, key.clone()));
        drop(proven);
        self.note_use(&key, now);
        Ok(Proof::Valid(key))
    }

    /// Returns the same as [`authenticate`](Self::authenticate). While the database does not
    /// answer, a key that was valid here before and has not expired since is [`Proof::Recalled`].
    ///
    /// Suits only requests that need no database, because the key may have been revoked since it
    /// was used here.
    pub async fn recognize(&self, text: &KeyText, now: i64) -> Result<Proof, StorageError> {
        let error = match timeout(PATIENCE, self.authenticate(text, now)).await {
            Ok(Ok(proof)) => return Ok(proof),
            Ok(Err(error)) => error,
            Err(_) => StorageError::TimedOut { action: "look a key up" },
        };
        self.recall(text, now).map(Proof::Recalled).ok_or(error)
    }

    fn recall(&self, text: &KeyText, now: i64) -> Option<ApiKey> {
        let proven = self.proven.lock().unwrap_or_else(PoisonError::into_inner);
        let (secret, key) = proven.get(text.id())?;
        let genuine = text.secret_sha256().as_bytes().ct_eq(secret.as_bytes());
        (bool::from(genuine) && is_valid(key, now)).then(|| key.clone())
    }

    /// Writes that a key was used, at most once a minute. Nobody waits for it: a database that
    /// cannot be written must not keep people from reading.
    pub(crate) fn note_use(&self, key: &ApiKey, now: i64) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let last = noted.get(&key.id).copied().or(key.last_used_at);
        if last.is_some_and(|noted| now - noted < USE_RESOLUTION) {
            return;
        }
        noted.insert(key.id.clone(), now);
        drop(noted);
        let (database, id) = (self.database.clone(), key.id.clone());
        tokio::spawn(async move {
            let update = Entity::update_many()
                .col_expr(Column::LastUsedAt, now.into())
                .filter(Column::Id.eq(id));
            if let Err(error) = update.exec(database.reading()).await {
                tracing::debug!(error = %error, "could not keep when a key was last used");
            }
        });
    }
}

/// Returns true unless a key was revoked or has expired by a moment in unix milliseconds.
pub(crate) fn is_valid(key: &ApiKey, now: i64) -> bool {
    key.revoked_at.is_none() && key.expires_at.is_none_or(|end| now < end)
}

impl TryFrom<Model> for ApiKey {
    type Error = StorageError;

    fn try_from(row: Model) -> Result<Self, StorageError> {
        Ok(Self {
            role: row.role.parse().map_err(|_| corrupt("api_keys", "role", &row.role))?,
            campaign: row.campaign_id.map(|it| campaign_id("api_keys", it)).transpose()?,
            id: row.id,
            name: row.name,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
        })
    }
}
