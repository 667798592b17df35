//! Creating, changing and archiving banners.

use std::ops::RangeInclusive;

use bams_domain::{BannerId, LandingUrl, Status};
use bams_storage::{Actor, Banner, BannerImage, BannerSettings, Change, LONGEST_ALT, Once, banner};

use super::version::Precondition;
use super::{Made, Managing, ManagingError};
use crate::draft::{Draft, Said};
use crate::images::LARGEST_SIDE;
use crate::rules::{NAME_LENGTH, Rules};

/// The length of a banner's text for screen readers, in characters.
pub const ALT_LENGTH: RangeInclusive<usize> = 0..=LONGEST_ALT;

/// How many pixels wide and high a banner is shown.
pub const SIDE_RANGE: RangeInclusive<u32> = 1..=LARGEST_SIDE;

/// The fields of a banner. A missing field stays as it is; a new banner is active and has no
/// landing URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BannerFields {
    /// The name, one line. Required for a new banner.
    pub name: Said<String>,
    /// The status.
    pub status: Said<Status>,
    /// The address that a click leads to, as [`LandingUrl`] has it.
    pub landing_url: Said<Option<String>>,
    /// The text for screen readers, one line.
    pub alt: Said<String>,
    /// The width on the page in pixels.
    pub width: Said<Option<u32>>,
    /// The height on the page in pixels.
    pub height: Said<Option<u32>>,
    /// The tags, for people and filters.
    pub tags: Said<Vec<String>>,
}

/// A stored image that a banner may show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBannerImage {
    /// Its key and its kind.
    pub image: BannerImage,
    /// Its own width in pixels.
    pub width: u32,
    /// Its own height in pixels.
    pub height: u32,
}

impl Managing {
    /// Creates a banner with the next free number, without an image and in no campaign.
    pub async fn create_banner(
        &self,
        by: Actor,
        draft: impl Into<Draft<BannerFields>>,
        once: Option<Once<Banner>>,
        now: i64,
    ) -> Result<Made<Banner>, ManagingError> {
        let settings = settled(draft.into(), None)?;
        self.run_once(by, once, now, move |change| {
            Box::pin(async move { Ok(change.create_banner(settings).await?) })
        })
        .await
    }

    /// Changes fields of a banner. Fails with [`ManagingError::Outdated`] if the banner is not the
    /// version that the sender has seen.
    pub async fn change_banner(
        &self,
        by: Actor,
        id: BannerId,
        precondition: Precondition,
        draft: impl Into<Draft<BannerFields>>,
        now: i64,
    ) -> Result<Banner, ManagingError> {
        let draft = draft.into();
        self.change_checked(move |managing| {
            let (by, precondition, draft) = (by.clone(), precondition.clone(), draft.clone());
            async move { managing.try_to_change_banner(by, id, &precondition, draft, now).await }
        })
        .await
    }

    /// Changes it, or returns `None` if somebody else changed it between the check and the transaction.
    async fn try_to_change_banner(
        &self,
        by: Actor,
        id: BannerId,
        precondition: &Precondition,
        draft: Draft<BannerFields>,
        now: i64,
    ) -> Result<Option<Banner>, ManagingError> {
        let seen = banner(&self.database, id).await?;
        let seen = seen.ok_or(ManagingError::UnknownBanner(id))?;
        precondition.check(Some(seen.version.into()))?;
        let settings = settled(draft, Some(seen.settings.clone()))?;
        let mut change = Change::begin(&self.database, by, now).await?;
        let before = change.banner(id).await?;
        let before = before.ok_or(ManagingError::UnknownBanner(id))?;
        if before.version != seen.version {
            return Ok(None);
        }
        let image = before.image.clone();
        let changed = change.change_banner(before, settings, image).await?;
        change.commit().await?;
        self.serve_it();
        Ok(Some(changed))
    }

    /// Archives a banner. No campaign shows it any more, and its performance stays.
    pub async fn archive_banner(
        &self,
        by: Actor,
        id: BannerId,
        precondition: Precondition,
        now: i64,
    ) -> Result<Banner, ManagingError> {
        let archived = BannerFields { status: Some(Status::Archived), ..BannerFields::default() };
        self.change_banner(by, id, precondition, archived, now).await
    }

    /// Makes a banner show a stored image in the image's own size. Changes nothing if it shows that
    /// image already, not even its size on the page.
    pub async fn show_image(
        &self,
        by: Actor,
        id: BannerId,
        precondition: Precondition,
        new: NewBannerImage,
        once: Option<Once<Banner>>,
        now: i64,
    ) -> Result<Made<Banner>, ManagingError> {
        self.run_once(by, once, now, move |change| Box::pin(show(change, id, precondition, new)))
            .await
    }
}

async fn show(
    change: &mut Change,
    id: BannerId,
    precondition: Precondition,
    new: NewBannerImage,
) -> Result<Banner, ManagingError> {
    let before = change.banner(id).await?.ok_or(ManagingError::UnknownBanner(id))?;
    precondition.check(Some(before.version.into()))?;
    let (mut settings, shown) = (before.settings.clone(), Some(new.image));
    if before.image != shown {
        settings.width = Some(new.width);
        settings.height = Some(new.height);
    }
    Ok(change.change_banner(before, settings, shown).await?)
}

/// Returns the settings of a banner after a change, or of a new one if there is nothing `before`.
pub(super) fn settled(
    draft: Draft<BannerFields>,
    before: Option<BannerSettings>,
) -> Result<BannerSettings, ManagingError> {
    let mut rules = Rules::after(draft.violations);
    let name = rules.line("name", draft.said.name.clone(), NAME_LENGTH);
    let before = match before {
        Some(before) => Ok(before),
        None => rules.needed("name", name.clone()).map(BannerSettings::named),
    };
    let said = BannerFields { name, ..checked(draft.said, &mut rules) };
    Ok(rules.finish(before.map(|before| over(said, before)))?)
}

/// Checks every field but the name.
fn checked(said: BannerFields, rules: &mut Rules) -> BannerFields {
    BannerFields {
        name: None,
        status: rules.any("status", said.status),
        landing_url: landing_url(said.landing_url, rules),
        alt: rules.line("alt", said.alt, ALT_LENGTH),
        width: rules.number("width", said.width, &SIDE_RANGE),
        height: rules.number("height", said.height, &SIDE_RANGE),
        tags: rules.tags("tags", said.tags),
    }
}

fn landing_url(said: Said<Option<String>>, rules: &mut Rules) -> Said<Option<String>> {
    let url = rules.any("landing_url", said)?;
    if let Some(Err(reason)) = url.as_deref().map(str::parse::<LandingUrl>) {
        rules.refuse("landing_url", "invalid_value", reason.to_string());
        return None;
    }
    Some(url)
}

fn over(said: BannerFields, before: BannerSettings) -> BannerSettings {
    BannerSettings {
        name: said.name.unwrap_or(before.name),
        status: said.status.unwrap_or(before.status),
        landing_url: said.landing_url.unwrap_or(before.landing_url),
        alt: said.alt.unwrap_or(before.alt),
        width: said.width.unwrap_or(before.width),
        height: said.height.unwrap_or(before.height),
        tags: said.tags.unwrap_or(before.tags),
    }
}
