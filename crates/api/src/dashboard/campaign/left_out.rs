//! The banners that are left out of a campaign, each with what mends it.

use std::collections::HashMap;

use bams_domain::{BannerId, CampaignId, LeftOut};
use bams_storage::{Banner, BannerFilter, CatalogSort, PageRequest, Role, banners};

use crate::dashboard::desk::Desk;
use crate::dashboard::html::Html;
use crate::dashboard::statuses;
use crate::problem::ApiError;

/// How many are shown.
const MOST: usize = 15;

/// The banners that are left out.
pub(super) struct LeftOutBanners {
    pub(super) rows: Vec<LeftOutRow>,
    pub(super) about: String,
    /// How many of them only have to be resumed.
    pub(super) can_resume: usize,
}

/// A banner that is left out.
pub(super) struct LeftOutRow {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) image: Option<String>,
    pub(super) why: Html,
    pub(super) code: &'static str,
    pub(super) mend: Option<Mend>,
}

/// What mends it.
pub(super) enum Mend {
    /// A page where it is mended.
    Link { address: String, word: &'static str },
    /// A status to give, by a form.
    Status { action: String, status: &'static str, word: &'static str },
}

/// Returns true if a banner that is left out for this reason only has to be resumed.
pub(super) const fn is_resumed(reason: LeftOut) -> bool {
    matches!(reason, LeftOut::BannerPaused | LeftOut::PausedInCampaign)
}

pub(super) async fn of(
    desk: &Desk,
    campaign: CampaignId,
    left_out: &[(BannerId, LeftOut)],
) -> Result<LeftOutBanners, ApiError> {
    let shown = &left_out[..left_out.len().min(MOST)];
    let known = names(desk, shown.iter().map(|it| it.0).collect()).await?;
    let rows = shown.iter().map(|(banner, reason)| {
        let found = known.get(banner);
        LeftOutRow {
            id: banner.0,
            name: found.map_or_else(|| format!("Banner {banner}"), |it| it.settings.name.clone()),
            image: found.and_then(|it| it.image.as_ref()).and_then(|it| desk.image_url(&it.key)),
            why: statuses::left_out(*reason),
            code: reason.name(),
            mend: if desk.may(Role::Editor) { mend(campaign, *banner, *reason) } else { None },
        }
    });
    let about = match left_out.len() {
        1 => "1 attached banner may not be shown".to_owned(),
        many if many > MOST => {
            format!("the first {MOST} of {many} attached banners that may not be shown")
        }
        many => format!("{many} attached banners may not be shown"),
    };
    let can_resume = left_out.iter().filter(|it| is_resumed(it.1)).count();
    Ok(LeftOutBanners { rows: rows.collect(), about, can_resume })
}

async fn names(desk: &Desk, ids: Vec<BannerId>) -> Result<HashMap<BannerId, Banner>, ApiError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let limit = ids.len() as u64;
    let page = PageRequest { sort: CatalogSort::Id, descending: false, after: None, limit };
    let filter = BannerFilter { ids, ..BannerFilter::default() };
    let found = banners(&desk.parts.database, &filter, &page).await?.items;
    Ok(found.into_iter().map(|banner| (banner.id, banner)).collect())
}

fn mend(campaign: CampaignId, banner: BannerId, reason: LeftOut) -> Option<Mend> {
    let everywhere = format!("/dashboard/banners/{banner}/status");
    let here = format!("/dashboard/campaigns/{campaign}/banners/{banner}/status");
    let status = |action, word| Some(Mend::Status { action, status: "active", word });
    match reason {
        LeftOut::NoImage | LeftOut::ImageMissing => Some(Mend::Link {
            address: format!("/dashboard/banners/{banner}#img"),
            word: "Upload one",
        }),
        LeftOut::BannerDraft => status(everywhere, "Activate"),
        LeftOut::BannerPaused => status(everywhere, "Resume"),
        LeftOut::PausedInCampaign => status(here, "Resume here"),
        LeftOut::BannerArchived => None,
    }
}
