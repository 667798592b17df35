//! Making and revoking keys.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bams_domain::CampaignId;
use bams_storage::{Actor, ApiKey, KeyText, NewKey, Once, Role};

use super::version::{Precondition, Version};
use super::{Made, Managing, ManagingError};
use crate::draft::{Draft, Said};
use crate::rules::{NAME_LENGTH, Rules};
use crate::violation::Violation;

/// The fields of a new key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFields {
    /// The name: whom or what it is for, one line. Required.
    pub name: Said<String>,
    /// The role. Required.
    pub role: Said<Role>,
    /// The moment from which on it is refused, in unix milliseconds. Null is never.
    pub expires_at: Said<Option<i64>>,
    /// The only campaign whose conversions it reports, for the role `postback`. Null is all.
    pub campaign_id: Said<Option<u32>>,
}

/// Returns the version of a key, which changes only when it is revoked.
pub fn key_version(key: &ApiKey) -> Version {
    Version::from(if key.revoked_at.is_some() { 2 } else { 1 })
}

impl Managing {
    /// Makes a key. Only the hash of its secret is stored.
    pub async fn create_key(
        &self,
        by: Actor,
        text: KeyText,
        draft: impl Into<Draft<KeyFields>>,
        once: Option<Once<ApiKey>>,
        now: i64,
    ) -> Result<Made<ApiKey>, ManagingError> {
        let key = decided(draft.into(), now)?;
        self.expect_campaign_of(&key).await?;
        self.run_once(by, once, now, move |change| {
            Box::pin(async move { Ok(change.create_key(&text, key).await?) })
        })
        .await
    }

    /// Makes a key after `hand_over` has given its text away, because a key that nobody could read
    /// is useless.
    pub async fn hand_over_key(
        &self,
        by: Actor,
        text: KeyText,
        draft: impl Into<Draft<KeyFields>>,
        hand_over: impl FnOnce(&KeyText) -> io::Result<()> + Send + 'static,
        now: i64,
    ) -> Result<ApiKey, ManagingError> {
        let key = decided(draft.into(), now)?;
        self.expect_campaign_of(&key).await?;
        // The key is handed over once, even if the change has to be made again.
        let hand_over = Arc::new(Mutex::new(Some(hand_over)));
        self.run(by, now, move |change| {
            Box::pin(async move {
                let created = change.create_key(&text, key).await?;
                let hand_over = hand_over.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(hand_over) = hand_over {
                    hand_over(&text).map_err(ManagingError::NotHandedOver)?;
                }
                Ok(created)
            })
        })
        .await
    }

    /// Makes an admin key in a store that never had a key, or returns `None` if it had one. Of
    /// several calls at once, one makes it.
    pub async fn create_first_key(
        &self,
        by: Actor,
        text: KeyText,
        name: &str,
        now: i64,
    ) -> Result<Option<ApiKey>, ManagingError> {
        let said = KeyFields {
            name: Some(name.to_owned()),
            role: Some(Role::Admin),
            ..KeyFields::default()
        };
        let key = decided(said.into(), now)?;
        self.run(by, now, move |change| {
            Box::pin(async move { Ok(change.create_first_key(&text, key).await?) })
        })
        .await
    }

    /// Revokes a key. Revoking again changes nothing.
    pub async fn revoke_key(
        &self,
        by: Actor,
        id: String,
        precondition: Precondition,
        now: i64,
    ) -> Result<ApiKey, ManagingError> {
        self.run(by, now, move |change| {
            Box::pin(async move {
                let before = change.key(&id).await?.ok_or(ManagingError::UnknownKey)?;
                precondition.check(Some(key_version(&before)))?;
                Ok(change.revoke_key(before).await?)
            })
        })
        .await
    }

    /// Fails if the campaign to which a key is bound does not exist.
    async fn expect_campaign_of(&self, key: &NewKey) -> Result<(), ManagingError> {
        let Some(campaign) = key.campaign else { return Ok(()) };
        self.expect_campaign(campaign).await.map_err(|error| match error {
            ManagingError::UnknownCampaign(_) => {
                vec![Violation::of("campaign_id", "unknown_campaign", error.to_string())].into()
            }
            error => error,
        })
    }
}

fn decided(draft: Draft<KeyFields>, now: i64) -> Result<NewKey, ManagingError> {
    let (mut rules, said) = (Rules::after(draft.violations), draft.said);
    let line = rules.line("name", said.name, NAME_LENGTH);
    let name = rules.needed("name", line);
    let any = rules.any("role", said.role);
    let role = rules.needed("role", any);
    let expires_at = rules.any("expires_at", said.expires_at).flatten();
    if expires_at.is_some_and(|moment| moment <= now) {
        rules.refuse("expires_at", "in_the_past", "`expires_at` is over");
    }
    let campaign = rules.any("campaign_id", said.campaign_id).flatten().map(CampaignId);
    if campaign.is_some() && role.is_ok_and(|role| role != Role::Postback) {
        let detail = "only a key with the role postback belongs to a campaign";
        rules.refuse("campaign_id", "not_of_this_role", detail);
    }
    let key = name.and_then(|name| Ok(NewKey { name, role: role?, campaign, expires_at }));
    Ok(rules.finish(key)?)
}
