//! The use cases of signing in to the dashboard and out of it.

use std::sync::Arc;
use std::time::Duration;

use bams_storage::{
    ApiKey, Doorkeeper, KeyText, Proof, Role, SessionProof, Sessions, StorageError, TokenText,
};

/// How long a link that signs somebody in works.
pub const LINK_LIFETIME: Duration = Duration::from_mins(15);

/// Signs people in with their keys.
#[derive(Clone)]
pub struct SigningIn {
    sessions: Arc<Sessions>,
    doorkeeper: Arc<Doorkeeper>,
    lifetime: Duration,
}

/// Somebody who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Their key.
    pub key: ApiKey,
    /// True if the database is away, so that this is what it said before.
    pub is_recalled: bool,
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The text is no key, or no link.
    #[error("this is not a key that works here")]
    Wrong,
    /// The key has expired or was revoked.
    #[error("this key has expired or was revoked")]
    Lapsed,
    /// The key's role can do nothing in the dashboard.
    #[error("a key of the role {} opens no dashboard: use one of a viewer, editor or admin", .0.name())]
    Role(Role),
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl SigningIn {
    /// Signs in people whose sessions last for `lifetime`, or until their key ends.
    pub fn new(sessions: Sessions, doorkeeper: Arc<Doorkeeper>, lifetime: Duration) -> Self {
        Self { sessions: Arc::new(sessions), doorkeeper, lifetime }
    }

    /// Returns how long a session lasts.
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Opens a session of a key under a new token, and ends the session that it replaces.
    pub async fn by_key(
        &self,
        text: &KeyText,
        token: &TokenText,
        replaced: Option<&TokenText>,
        now: i64,
    ) -> Result<ApiKey, SignInError> {
        let key = match self.doorkeeper.authenticate(text, now).await? {
            Proof::Valid(key) | Proof::Recalled(key) => key,
            Proof::Lapsed => return Err(SignInError::Lapsed),
            Proof::Wrong => return Err(SignInError::Wrong),
        };
        if !key.role.may(Role::Viewer) {
            return Err(SignInError::Role(key.role));
        }
        let until = self.until(now);
        self.sessions.open(token, &key.id, replaced, now, until).await?;
        Ok(key)
    }

    /// Opens a session by a link, which works once. Its key is the one that the link was made for.
    pub async fn by_link(
        &self,
        link: &TokenText,
        token: &TokenText,
        replaced: Option<&TokenText>,
        now: i64,
    ) -> Result<ApiKey, SignInError> {
        let until = self.until(now);
        let opened = self.sessions.open_by_link(link, token, replaced, now, until).await?;
        opened.ok_or(SignInError::Wrong)
    }

    /// Makes a link for a key, which works once within [`LINK_LIFETIME`].
    pub async fn invite(
        &self,
        key: &KeyText,
        link: &TokenText,
        now: i64,
    ) -> Result<(), StorageError> {
        self.sessions.invite(link, key.id(), now.saturating_add(millis(LINK_LIFETIME))).await
    }

    /// Returns who has the session of a token, or `None` if it has ended.
    pub async fn recognize(
        &self,
        token: &TokenText,
        now: i64,
    ) -> Result<Option<SignedIn>, StorageError> {
        Ok(match self.sessions.recognize(token, now).await? {
            SessionProof::Valid(key) => Some(SignedIn { key, is_recalled: false }),
            SessionProof::Recalled(key) => Some(SignedIn { key, is_recalled: true }),
            SessionProof::Ended => None,
        })
    }

    /// Ends a session.
    pub async fn sign_out(&self, token: &TokenText) -> Result<(), StorageError> {
        self.sessions.close(token).await
    }

    /// Ends every session of a key.
    pub async fn sign_out_everywhere(&self, key: &ApiKey) -> Result<(), StorageError> {
        self.sessions.close_all_of(&key.id).await
    }

    fn until(&self, now: i64) -> i64 {
        now.saturating_add(millis(self.lifetime))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
