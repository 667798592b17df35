//! The banners of a campaign: which are attached, and which could be.

use std::collections::{BTreeSet, HashMap};

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use bams_app::managing::AttachmentFields;
use bams_domain::{BannerId, CampaignId, Status};
use bams_storage::{
    After, AttachmentSort, Banner, BannerFilter, CatalogSort, Database, ListPage, PageRequest,
    Role, SortValue, StorageError, attachments, banners, campaign,
};

use super::problems::RefusedImages;
use crate::dashboard::desk::{Answer, Desk};
use crate::dashboard::fields::{Asked, Fields, Sent};
use crate::dashboard::frame::{Frame, Section};
use crate::dashboard::html::Html;
use crate::dashboard::numbers::{bytes, counted};
use crate::dashboard::statuses;
use crate::problem::ApiError;

/// How many attached banners a page lists, and how many others.
const ON_A_PAGE: u64 = 30;
const MOST_OTHERS: u64 = 20;

/// The most banners of a campaign that are known to be attached already.
const MOST_ATTACHED: u64 = 10_000;

#[derive(Template)]
#[template(path = "dashboard/attach.html")]
struct AttachPage {
    frame: Frame,
    id: CampaignId,
    name: String,
    attached: Vec<AttachableRow>,
    about: String,
    first: Option<String>,
    next: Option<String>,
    others: Vec<AttachableRow>,
    text: String,
    largest: String,
    refused: RefusedImages,
    values: ImageValues,
}

/// What stands in the fields of a form with images.
#[derive(Clone, Default)]
pub(super) struct ImageValues {
    pub(super) name: String,
    pub(super) landing_url: String,
    pub(super) alt: String,
    pub(super) tags: String,
}

/// A banner to choose.
struct AttachableRow {
    id: u32,
    name: String,
    size: String,
    image: Option<String>,
    status: Html,
}

/// Shows the banners of a campaign.
pub(in crate::dashboard) async fn show(desk: Desk, id: Path<u32>, Asked(asked): Asked) -> Answer {
    let page = page(&desk, CampaignId(*id), &asked).await?;
    desk.answer(&page)
}

/// Shows the banners of a campaign again, because images were refused.
pub(super) async fn show_refused(
    desk: &Desk,
    id: CampaignId,
    values: ImageValues,
    refused: RefusedImages,
) -> Answer {
    let page = page(desk, id, &Fields::default()).await?;
    desk.answer_with(StatusCode::UNPROCESSABLE_ENTITY, &AttachPage { refused, values, ..page })
}

async fn page(desk: &Desk, id: CampaignId, asked: &Fields) -> Result<AttachPage, ApiError> {
    let database = &desk.parts.database;
    let found = campaign(database, id).await?.ok_or(ApiError::UnknownCampaign(id))?;
    let attached = all_attached(database, id).await?;
    let own = own_banners(database, id, asked).await?;
    let last = own.items.last().map(|it| it.id.to_string()).unwrap_or_default();
    let others = others(database, &attached, asked.text("name")).await?;
    let row = |banner: &Banner| row(desk, banner, attached.get(&banner.id).copied());
    Ok(AttachPage {
        frame: desk.frame(Section::Campaigns, format!("Banners of {}", found.settings.name)),
        id,
        name: found.settings.name,
        about: counted(attached.len() as u64, "banner", "banners"),
        attached: own.items.iter().map(row).collect(),
        first: asked.read::<i64>("after").map(|_| asked.with(&[("after", "")])),
        next: own.next.map(|_| asked.with(&[("after", &last)])),
        others: others.iter().map(row).collect(),
        text: asked.text("name").to_owned(),
        largest: bytes(desk.parts.dashboard.node.max_image_bytes as u64),
        refused: RefusedImages::default(),
        values: ImageValues::default(),
    })
}

/// Returns the status of each banner that is attached to a campaign.
async fn all_attached(
    database: &Database,
    campaign: CampaignId,
) -> Result<HashMap<BannerId, Status>, StorageError> {
    let page = PageRequest {
        sort: AttachmentSort::BannerId,
        descending: false,
        after: None,
        limit: MOST_ATTACHED,
    };
    let attached = attachments(database, campaign, None, &page).await?.items;
    Ok(attached.into_iter().map(|it| (it.banner, it.status)).collect())
}

/// Returns a page of the banners of a campaign.
async fn own_banners(
    database: &Database,
    campaign: CampaignId,
    asked: &Fields,
) -> Result<ListPage<Banner>, StorageError> {
    let of_campaign = BannerFilter { campaign: Some(campaign), ..BannerFilter::default() };
    let number = |id: i64| After { value: SortValue::Number(id), id: SortValue::Number(id) };
    let after = asked.read::<i64>("after").map(number);
    banners(database, &of_campaign, &PageRequest { after, ..newest(ON_A_PAGE) }).await
}

/// Returns the newest banners that could be attached, of those with a text in their names.
async fn others(
    database: &Database,
    attached: &HashMap<BannerId, Status>,
    name: &str,
) -> Result<Vec<Banner>, StorageError> {
    let filter = BannerFilter {
        name: (!name.is_empty()).then(|| name.to_owned()),
        statuses: vec![Status::Active, Status::Draft, Status::Paused],
        ..BannerFilter::default()
    };
    let page = newest(MOST_OTHERS + attached.len() as u64);
    let found = banners(database, &filter, &page).await?.items;
    let others = found.into_iter().filter(|banner| !attached.contains_key(&banner.id));
    Ok(others.take(usize::try_from(MOST_OTHERS).unwrap_or(usize::MAX)).collect())
}

fn newest(limit: u64) -> PageRequest<CatalogSort> {
    PageRequest { sort: CatalogSort::Id, descending: true, after: None, limit }
}

fn row(desk: &Desk, banner: &Banner, in_campaign: Option<Status>) -> AttachableRow {
    let settings = &banner.settings;
    let size = settings.width.zip(settings.height);
    AttachableRow {
        id: banner.id.0,
        name: settings.name.clone(),
        size: size.map_or_else(
            || "unknown size".to_owned(),
            |(width, height)| format!("{width} × {height}"),
        ),
        image: banner.image.as_ref().and_then(|it| desk.image_url(&it.key)),
        status: match in_campaign {
            Some(Status::Paused) => statuses::left_out(bams_domain::LeftOut::PausedInCampaign),
            _ if banner.image.is_none() => statuses::left_out(bams_domain::LeftOut::NoImage),
            _ => statuses::status(settings.status),
        },
    }
}

/// Attaches the chosen banners, or gives them another status in the campaign.
pub(in crate::dashboard) async fn attach(desk: Desk, id: Path<u32>, Sent(sent): Sent) -> Answer {
    desk.needs(Role::Editor)?;
    let id = CampaignId(*id);
    let chosen: Vec<u32> = sent.all("banner");
    if !chosen.is_empty() {
        let fields = AttachmentFields { banner_ids: Some(chosen), status: sent.read("status") };
        desk.parts.managing.attach_banners(desk.actor(), id, fields, None, desk.now).await?;
    }
    Ok(desk.lead_to(&format!("/dashboard/campaigns/{id}/banners")))
}

/// Detaches the chosen banners.
pub(in crate::dashboard) async fn detach(desk: Desk, id: Path<u32>, Sent(sent): Sent) -> Answer {
    desk.needs(Role::Editor)?;
    let id = CampaignId(*id);
    let chosen: BTreeSet<BannerId> = sent.all::<u32>("banner").into_iter().map(BannerId).collect();
    if !chosen.is_empty() {
        desk.parts.managing.detach_banners(desk.actor(), id, chosen, desk.now).await?;
    }
    Ok(desk.lead_to(&format!("/dashboard/campaigns/{id}/banners")))
}
