//! One banner: how it is seen, what is known of it, what it achieves.

mod actions;
mod figures;

use actix_web::web::Path;
use askama::Template;
use bams_app::managing::readable_changes;
use bams_app::reporting::{LocalPeriod, Whose, quarters};
use bams_domain::{BannerId, CampaignId, Performance, Quarter, Revenue};
use bams_storage::{
    AuditEntry, AuditFilter, Banner, Campaign, CampaignFilter, CatalogSort, PageRequest, Subject,
    audit_log, banner, campaigns,
};

pub(super) use self::actions::{replace_image, set_status};
use self::figures::PeriodFigures;
use super::audit_words::{fields, verb};
use super::charts::{Whiskers, bar, interval_text};
use super::desk::{Answer, Desk};
use super::fields::Asked;
use super::figures_file;
use super::frame::{Frame, Section};
use super::html::{Html, dial, icon};
use super::numbers::{NONE, bytes, count, counted, minutes, money, money_or_none, rate, share};
use super::sentences::begun;
use super::statuses;
use crate::problem::ApiError;

/// How many campaigns and changes are told.
const MOST: u64 = 50;
const MOST_CHANGES: u64 = 8;

#[derive(Template)]
#[template(path = "dashboard/banner.html")]
struct BannerDetails {
    frame: Frame,
    id: BannerId,
    name: String,
    alt: String,
    status: Html,
    is_active: bool,
    tags: Vec<String>,
    campaigns: Vec<(u32, String)>,
    in_campaigns: String,
    image: Option<ShownImage>,
    size: String,
    landing_url: String,
    test_url: Option<String>,
    changed: String,
    largest: String,
    told: PeriodFigures,
    performance: Option<Achieved>,
    changes: Option<Vec<ToldChange>>,
}

/// A change of the banner, with who made it and when.
struct ToldChange {
    icon: Html,
    text: String,
    when: String,
}

/// The image of a banner.
struct ShownImage {
    url: String,
    about: String,
    key: String,
    width: Option<u32>,
    height: Option<u32>,
}

/// What a banner achieved in a campaign.
struct Achieved {
    campaign: (u32, String),
    others: Vec<(u32, String)>,
    scale: String,
    rows: Vec<QuarterRow>,
    file: String,
}

/// A quarter of the hour.
struct QuarterRow {
    dial: Html,
    quarter: Quarter,
    minutes: String,
    rank: String,
    revenue: String,
    bar: Html,
    rpm: String,
    conversions: String,
    clicks: String,
    impressions: String,
    ctr: String,
    whisker: Html,
    interval: String,
}

/// Shows a banner.
pub(super) async fn show(desk: Desk, id: Path<u32>, Asked(asked): Asked) -> Answer {
    let id = BannerId(*id);
    let database = &desk.parts.database;
    let found = banner(database, id).await?.ok_or(ApiError::UnknownBanner(id))?;
    let page = PageRequest { sort: CatalogSort::Id, descending: false, after: None, limit: MOST };
    let filter = CampaignFilter { banner: Some(id), ..CampaignFilter::default() };
    let attached = campaigns(database, &filter, &page).await?.items;
    let wanted = asked.read("campaign").map(CampaignId);
    let campaign = attached.iter().find(|it| Some(it.id) == wanted).or_else(|| attached.first());
    let performance = match campaign {
        Some(campaign) => Some(achieved(&desk, id, campaign, &attached).await?),
        None => None,
    };
    let told = figures::of(&desk, id, &asked).await?;
    let changes = changes(&desk, id, &attached).await?;
    let mut frame = desk.frame(Section::Banners, found.settings.name.clone());
    frame.done = desk.done(&asked).await?;
    desk.answer(&page_of(&desk, frame, found, &attached, told, performance, changes))
}

fn page_of(
    desk: &Desk,
    frame: Frame,
    banner: Banner,
    attached: &[Campaign],
    told: PeriodFigures,
    performance: Option<Achieved>,
    changes: Option<Vec<ToldChange>>,
) -> BannerDetails {
    let zone = &desk.browser.zone;
    let image = shown_image(desk, &banner);
    let settings = banner.settings;
    let size = settings.width.zip(settings.height);
    BannerDetails {
        frame,
        id: banner.id,
        alt: if settings.alt.is_empty() { settings.name.clone() } else { settings.alt },
        name: settings.name,
        status: statuses::status(settings.status),
        is_active: settings.status == bams_domain::Status::Active,
        tags: settings.tags,
        campaigns: attached.iter().map(named).collect(),
        in_campaigns: match attached.len() {
            0 => "in no campaign".to_owned(),
            many => format!("in {}", counted(many as u64, "campaign", "campaigns")),
        },
        image,
        size: size
            .map_or_else(|| NONE.to_owned(), |(width, height)| format!("{width} × {height} px")),
        test_url: settings.landing_url.as_ref().map(|url| url.replace("{click_id}", "test")),
        landing_url: settings.landing_url.unwrap_or_default(),
        changed: format!(
            "{} {}",
            zone.day(banner.updated_at, desk.now),
            zone.time(banner.updated_at)
        ),
        largest: bytes(desk.parts.dashboard.node.max_image_bytes as u64),
        told,
        performance,
        changes,
    }
}

fn named(campaign: &Campaign) -> (u32, String) {
    (campaign.id.0, campaign.settings.name.clone())
}

fn shown_image(desk: &Desk, banner: &Banner) -> Option<ShownImage> {
    let image = banner.image.as_ref()?;
    let kind = image.media_type.as_deref().map(|it| it.trim_start_matches("image/").to_uppercase());
    let about = match (kind, image.bytes) {
        (Some(kind), Some(size)) => format!("{kind}, {}", bytes(size)),
        _ => "kind and size not known: not uploaded here".to_owned(),
    };
    Some(ShownImage {
        url: desk.image_url(&image.key)?,
        about,
        key: image.key.clone(),
        width: banner.settings.width,
        height: banner.settings.height,
    })
}

async fn achieved(
    desk: &Desk,
    banner: BannerId,
    campaign: &Campaign,
    attached: &[Campaign],
) -> Result<Achieved, ApiError> {
    let database = &desk.parts.database;
    let of = |banner| Whose { campaign: Some(campaign.id), banner };
    let own = quarters(database, of(Some(banner)), LocalPeriod::default()).await?;
    let all = quarters(database, of(None), LocalPeriod::default()).await?;
    let mut everything = Performance::default();
    for sum in all {
        everything += sum;
    }
    let whiskers = Whiskers::of(own.iter()).with_all(&everything);
    let most = own.iter().map(|it| it.revenue).max().unwrap_or(Revenue::ZERO);
    let running = Quarter::at(desk.now.div_euclid(1000));
    let snapshot = desk.parts.serving.snapshots.current();
    let served = snapshot.campaign(campaign.id);
    let row = |quarter: Quarter| {
        let it = &own[quarter.index()];
        // Who has neither conversions nor clicks has no place of its own.
        let is_ranked = it.conversions > 0 || it.clicks > 0;
        let place = served.filter(|_| is_ranked).and_then(|served| {
            served.prepared(quarter).banners().iter().position(|other| *other == banner)
        });
        QuarterRow {
            dial: dial(quarter),
            quarter,
            minutes: if quarter == running {
                format!("{} · running", minutes(quarter))
            } else {
                minutes(quarter).to_owned()
            },
            rank: place.map_or_else(|| NONE.to_owned(), |it| (it + 1).to_string()),
            revenue: money(it.revenue),
            bar: bar(share(it.revenue.micros(), most.micros()), quarter == running, ""),
            rpm: money_or_none(it.revenue_per_mille()),
            conversions: count(it.conversions),
            clicks: count(it.clicks),
            impressions: count(it.impressions),
            ctr: rate(it.click_through_rate()),
            whisker: whiskers.draw(it),
            interval: interval_text(it),
        }
    };
    Ok(Achieved {
        campaign: named(campaign),
        others: attached.iter().filter(|it| it.id != campaign.id).map(named).collect(),
        scale: format!("95 % interval, 0 to {} %", whiskers.end),
        rows: Quarter::ALL.map(row).into(),
        file: figures_file::address("campaign,quarter", &[("banner_id", &banner.to_string())]),
    })
}

/// Returns the newest changes with who made them and when. `None` for those who may not read them.
async fn changes(
    desk: &Desk,
    id: BannerId,
    attached: &[Campaign],
) -> Result<Option<Vec<ToldChange>>, ApiError> {
    let in_campaigns = attached.iter().map(|it| format!("{}/{id}", it.id));
    let filter = AuditFilter {
        subject_ids: std::iter::once(id.to_string()).chain(in_campaigns).collect(),
        kinds: Some(&[Subject::BANNER, Subject::ATTACHMENT]),
        ..AuditFilter::default()
    };
    if readable_changes(desk.key.role, AuditFilter::default()).is_none()
        || !desk.may(bams_storage::Role::Editor)
    {
        return Ok(None);
    }
    let page = PageRequest { sort: (), descending: true, after: None, limit: MOST_CHANGES };
    let entries = audit_log(&desk.parts.database, &filter, &page).await?.items;
    Ok(Some(entries.iter().map(|it| told(desk, it, attached)).collect()))
}

fn told(desk: &Desk, entry: &AuditEntry, attached: &[Campaign]) -> ToldChange {
    let zone = &desk.browser.zone;
    let campaign = entry.subject_id.split_once('/').map(|(id, _)| {
        let found = attached.iter().find(|it| it.id.to_string() == id);
        found.map_or_else(|| format!("campaign {id}"), |it| it.settings.name.clone())
    });
    let (icon_name, done) = match (campaign, entry.action.as_str()) {
        (Some(campaign), "attach") => ("plus", format!("Attached to {campaign}")),
        (Some(campaign), "detach") => ("stop", format!("Detached from {campaign}")),
        (Some(campaign), _) => ("edit", format!("{} in {campaign}", begun(verb(entry)))),
        (None, "create") => ("plus", begun(verb(entry))),
        (None, _) => ("edit", begun(verb(entry))),
    };
    let fields = fields(entry, zone, desk.now);
    ToldChange {
        icon: icon(icon_name),
        text: if fields.is_empty() { done } else { format!("{done}: {}", fields.join(", ")) },
        when: format!("{}, {}", entry.actor_name, zone.stamp(entry.at, desk.now)),
    }
}
