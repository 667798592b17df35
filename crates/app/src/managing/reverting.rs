//! Reverting changes by their entries in the audit log.

use bams_domain::{BannerId, CampaignId, Status};
use bams_storage::{
    Actor, AuditEntry, BannerState, CampaignSettings, Change, Once, Recorded, States, audit_entry,
};

use super::{Made, Managing, ManagingError, banners, campaigns};
use crate::draft::Said;
use crate::violation::Violation;

impl Managing {
    /// Puts back what a change of a campaign, a banner, its image or an attachment changed, and
    /// archives what it created. Later changes of other fields stay. Returns the entry of the revert,
    /// which may itself be reverted.
    ///
    /// Fails with [`ManagingError::ChangedSince`] if what it changed has changed since, with
    /// [`ManagingError::NotRevertible`] for other changes, and like a change by hand if what was
    /// there before breaks a rule of today.
    pub async fn revert(
        &self,
        by: Actor,
        id: i64,
        once: Option<Once<AuditEntry>>,
        now: i64,
    ) -> Result<Made<AuditEntry>, ManagingError> {
        let entry = audit_entry(&self.database, id).await?;
        let entry = entry.ok_or(ManagingError::UnknownEntry(id))?;
        let recorded = entry.recorded()?.ok_or_else(|| not_revertible(&entry))?;
        self.run_once(by, once, now, move |change| {
            Box::pin(async move {
                change.revert(id);
                match recorded {
                    Recorded::Campaign(campaign, states) => {
                        put_campaign_back(change, campaign, states).await?;
                    }
                    Recorded::Banner(banner, states) => {
                        put_banner_back(change, banner, states).await?;
                    }
                    Recorded::Attachment(campaign, banner, states) => {
                        put_attachment_back(change, campaign, banner, states).await?;
                    }
                }
                change.reverting_entry().await?.ok_or(ManagingError::UnknownEntry(id))
            })
        })
        .await
    }
}

fn not_revertible(entry: &AuditEntry) -> ManagingError {
    let AuditEntry { id, subject_kind: kind, .. } = entry;
    ManagingError::NotRevertible(format!(
        "entry {id} is about a thing of the kind {kind}: only changes of campaigns, of banners and \
         their images, and of attachments are reverted here"
    ))
}

async fn put_campaign_back(
    change: &mut Change,
    id: CampaignId,
    states: States<CampaignSettings>,
) -> Result<(), ManagingError> {
    let now = change.campaign(id).await?.ok_or(ManagingError::UnknownCampaign(id))?;
    let archived = |created: &CampaignSettings| CampaignSettings {
        status: Status::Archived,
        ..created.clone()
    };
    let (mut reversal, was, became) = Reversal::of(states, archived)?;
    let is = &now.settings;
    let fields = campaigns::CampaignFields {
        name: reversal.field("name", was.name, &became.name, &is.name),
        status: reversal.field("status", was.status, &became.status, &is.status),
        starts_at: reversal.field("starts_at", was.starts_at, &became.starts_at, &is.starts_at),
        ends_at: reversal.field("ends_at", was.ends_at, &became.ends_at, &is.ends_at),
        policy: reversal.field("policy", was.policy, &became.policy, &is.policy),
        page_size: reversal.field("page_size", was.page_size, &became.page_size, &is.page_size),
        tags: reversal.field("tags", was.tags, &became.tags, &is.tags),
        notes: reversal.field("notes", was.notes, &became.notes, &is.notes),
    };
    reversal.finish(&format!("campaign {id}"))?;
    let settings = campaigns::settled(fields.into(), Some(is.clone()))?;
    change.change_campaign(now, settings).await?;
    Ok(())
}

async fn put_banner_back(
    change: &mut Change,
    id: BannerId,
    states: States<BannerState>,
) -> Result<(), ManagingError> {
    let now = change.banner(id).await?.ok_or(ManagingError::UnknownBanner(id))?;
    let archived = |created: &BannerState| {
        let mut archived = created.clone();
        archived.settings.status = Status::Archived;
        archived
    };
    let (mut reversal, before, after) = Reversal::of(states, archived)?;
    let (was, became, is) = (before.settings, after.settings, &now.settings);
    let fields = banners::BannerFields {
        name: reversal.field("name", was.name, &became.name, &is.name),
        status: reversal.field("status", was.status, &became.status, &is.status),
        landing_url: reversal.field(
            "landing_url",
            was.landing_url,
            &became.landing_url,
            &is.landing_url,
        ),
        alt: reversal.field("alt", was.alt, &became.alt, &is.alt),
        width: reversal.field("width", was.width, &became.width, &is.width),
        height: reversal.field("height", was.height, &became.height, &is.height),
        tags: reversal.field("tags", was.tags, &became.tags, &is.tags),
    };
    let image = reversal.field("image", before.image, &after.image, &now.image);
    reversal.finish(&format!("banner {id}"))?;
    let settings = banners::settled(fields.into(), Some(is.clone()))?;
    let image = image.unwrap_or_else(|| now.image.clone());
    change.change_banner(now, settings, image).await?;
    Ok(())
}

async fn put_attachment_back(
    change: &mut Change,
    campaign: CampaignId,
    banner: BannerId,
    States { before, after }: States<Status>,
) -> Result<(), ManagingError> {
    let is = change.attachment(campaign, banner).await?.map(|it| it.status);
    let mut reversal = Reversal::default();
    reversal.field("status", before, &after, &is);
    reversal.finish(&format!("banner {banner} in campaign {campaign}"))?;
    let banners = [banner].into();
    match before {
        Some(status) => change.attach(campaign, &banners, status).await?,
        None => change.detach(campaign, &banners).await?,
    };
    Ok(())
}

/// Goes through the fields of a thing, and finds those that a change is to give back.
#[derive(Default)]
struct Reversal {
    /// True if the thing was created, so that each of its fields belongs to the change.
    is_creation: bool,
    gives_back: bool,
    changed_since: Vec<Violation>,
}

impl Reversal {
    /// Begins with the states before and after a change. What was created is `archived` before.
    fn of<T>(
        States { before, after }: States<T>,
        archived: impl FnOnce(&T) -> T,
    ) -> Result<(Self, T, T), ManagingError> {
        let Some(after) = after else {
            let detail = "the entry does not say what became of it".to_owned();
            return Err(ManagingError::NotRevertible(detail));
        };
        let reversal = Self { is_creation: before.is_none(), ..Self::default() };
        Ok((reversal, before.unwrap_or_else(|| archived(&after)), after))
    }

    /// Returns what a field was before the change, if the change is about it.
    fn field<T: PartialEq>(&mut self, name: &str, was: T, became: &T, is: &T) -> Said<T> {
        let is_about_it = was != *became;
        if (is_about_it || self.is_creation) && is != became {
            let detail = format!("`{name}` has changed since");
            self.changed_since.push(Violation::of(name, "changed_since", detail));
        }
        self.gives_back |= is_about_it;
        is_about_it.then_some(was)
    }

    /// Fails if something has changed since, or nothing is given back.
    fn finish(self, thing: &str) -> Result<(), ManagingError> {
        if !self.changed_since.is_empty() {
            let names = self.changed_since.iter().map(|it| it.pointer.trim_start_matches('/'));
            let names = names.collect::<Vec<_>>().join(", ");
            let detail = format!("{thing} has changed since: {names}");
            return Err(ManagingError::ChangedSince { detail, fields: self.changed_since });
        }
        if !self.gives_back {
            let detail = format!("{thing} was created as archived: there is nothing to put back");
            return Err(ManagingError::NotRevertible(detail));
        }
        Ok(())
    }
}
