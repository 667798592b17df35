//! Creating, changing and archiving banners.

use std::ops::RangeInclusive;

use bams_domain::{BannerId, LandingUrl, Status};
use bams_storage::{Actor, Banner, BannerImage, BannerSettings, Change, Once, Repetition, banner};

use super::version::Basis;
use super::{Made, Managing, ManagingError, whole};
use crate::draft::{Draft, Said};
use crate::images::LARGEST_SIDE;
use crate::rules::{NAME_LENGTH, Rules};

/// How many characters the text has that a screen reader says for a banner.
pub const ALT_LENGTH: RangeInclusive<usize> = 0..=500;

/// How many pixels wide and high a banner is shown.
pub const SIDE_RANGE: RangeInclusive<u32> = 1..=LARGEST_SIDE;

/// What is said about a banner. What is not said stays as it is; a new banner is active and leads nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BannerFields {
    /// Its name, one line; a new banner needs one.
    pub name: Said<String>,
    /// Whether it may be shown.
    pub status: Said<Status>,
    /// Where a click leads, as [`LandingUrl`] has it; none is nowhere.
    pub landing_url: Said<Option<String>>,
    /// What a screen reader says, one line.
    pub alt: Said<String>,
    /// In pixels, as shown on the page; none if nobody knows.
    pub width: Said<Option<u32>>,
    /// In pixels, as shown on the page; none if nobody knows.
    pub height: Said<Option<u32>>,
    /// For people and filters.
    pub tags: Said<Vec<String>>,
}

/// An image that is kept and may become a banner's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBannerImage {
    /// Where it lies, and what it is.
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

    /// Changes what is said about a banner. Fails with [`ManagingError::Outdated`] if it is not as whoever
    /// asks for it has seen it.
    pub async fn change_banner(
        &self,
        by: Actor,
        id: BannerId,
        basis: Basis,
        draft: impl Into<Draft<BannerFields>>,
        now: i64,
    ) -> Result<Banner, ManagingError> {
        let (managing, draft) = (self.clone(), draft.into());
        whole(async move {
            let mut repetition = Repetition::new();
            loop {
                let (by, basis, draft) = (by.clone(), &basis, draft.clone());
                match managing.try_to_change_banner(by, id, basis, draft, now).await {
                    Ok(Some(changed)) => return Ok(changed),
                    // Somebody was quicker: what they left is checked without a transaction, too.
                    Ok(None) => {}
                    Err(ManagingError::Storage(error)) => {
                        repetition.after(&managing.database, error).await?;
                    }
                    Err(error) => return Err(error),
                }
            }
        })
        .await
    }

    /// `None` if somebody else changed it between the check and the transaction.
    async fn try_to_change_banner(
        &self,
        by: Actor,
        id: BannerId,
        basis: &Basis,
        draft: Draft<BannerFields>,
        now: i64,
    ) -> Result<Option<Banner>, ManagingError> {
        let seen = banner(&self.database, id).await?;
        let seen = seen.ok_or(ManagingError::UnknownBanner(id))?;
        basis.check(Some(seen.version.into()))?;
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

    /// Archives a banner: no campaign shows it any more, and it keeps what it achieved.
    pub async fn archive_banner(
        &self,
        by: Actor,
        id: BannerId,
        basis: Basis,
        now: i64,
    ) -> Result<Banner, ManagingError> {
        let archived = BannerFields { status: Some(Status::Archived), ..BannerFields::default() };
        self.change_banner(by, id, basis, archived, now).await
    }

    /// Lets a banner show an image that is kept, in the image's own size. The image that it shows already
    /// changes nothing, its size on the page neither.
    pub async fn show_image(
        &self,
        by: Actor,
        id: BannerId,
        basis: Basis,
        new: NewBannerImage,
        once: Option<Once<Banner>>,
        now: i64,
    ) -> Result<Made<Banner>, ManagingError> {
        self.run_once(by, once, now, move |change| Box::pin(show(change, id, basis, new))).await
    }
}

async fn show(
    change: &mut Change,
    id: BannerId,
    basis: Basis,
    new: NewBannerImage,
) -> Result<Banner, ManagingError> {
    let before = change.banner(id).await?.ok_or(ManagingError::UnknownBanner(id))?;
    basis.check(Some(before.version.into()))?;
    let (mut settings, shown) = (before.settings.clone(), Some(new.image));
    if before.image != shown {
        settings.width = Some(new.width);
        settings.height = Some(new.height);
    }
    Ok(change.change_banner(before, settings, shown).await?)
}

/// What a banner will be, after what it was; `None` for one that is new.
fn settled(
    draft: Draft<BannerFields>,
    before: Option<BannerSettings>,
) -> Result<BannerSettings, ManagingError> {
    let mut rules = Rules::after(draft.violations);
    let said = checked(draft.said, before.is_none(), &mut rules);
    let before = before.or_else(|| said.name.clone().map(BannerSettings::named));
    Ok(rules.finish(before.map(|before| over(said, before)))?)
}

fn checked(said: BannerFields, is_new: bool, rules: &mut Rules) -> BannerFields {
    let name = rules.line("name", said.name, NAME_LENGTH);
    BannerFields {
        name: if is_new { rules.needed("name", name) } else { name },
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
