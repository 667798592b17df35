//! What needs attention, in words.

use bams_app::reporting::Attention;
use bams_domain::CampaignId;

use super::desk::Desk;
use super::html::{Html, icon, icon_of};
use super::imports::why_refused;
use super::numbers::counted;
use super::statuses::{reasons, state};

/// How many things that need attention are told.
const MOST: usize = 8;

/// A campaign in the sentence that shows nothing.
pub(super) struct Broken {
    pub(super) id: CampaignId,
    pub(super) name: String,
    pub(super) since: String,
}

/// Something that needs attention.
pub(super) struct Item {
    pub(super) icon: Html,
    pub(super) address: String,
    pub(super) title: String,
    pub(super) detail: String,
    pub(super) when: String,
}

/// Returns the campaigns that show nothing, as the sentence tells them.
pub(super) fn broken(desk: &Desk, found: &[Attention]) -> Vec<Broken> {
    let closed = found.iter().filter_map(|it| match it {
        Attention::ShowsNothing { campaign, since, .. } => Some(Broken {
            id: campaign.id,
            name: campaign.settings.name.clone(),
            since: since.map_or_else(String::new, |at| {
                format!(" {}", desk.browser.zone.since(at, desk.now))
            }),
        }),
        _ => None,
    });
    closed.take(2).collect()
}

/// Returns what needs attention, as the list tells it.
pub(super) fn items(desk: &Desk, found: Vec<Attention>) -> Vec<Item> {
    found.into_iter().take(MOST).map(|it| item(desk, it)).collect()
}

/// Returns what is said if nothing needs attention.
pub(super) const fn calm(was_shown: bool) -> &'static str {
    if was_shown {
        "Nothing. Every campaign that runs shows banners, and no file was refused."
    } else {
        "Nothing that this server knows of. No page has asked for a banner in this period: is the snippet on one?"
    }
}

fn item(desk: &Desk, attention: Attention) -> Item {
    let zone = &desk.browser.zone;
    let campaign = |id: CampaignId| format!("/dashboard/campaigns/{id}");
    match attention {
        Attention::ShowsNothing { campaign: it, left_out, since } => {
            let banners: usize = left_out.iter().map(|it| it.1).sum();
            Item {
                icon: icon_of("stop", "bad"),
                address: campaign(it.id),
                title: format!("{} shows nothing", it.settings.name),
                detail: match (banners, &left_out[..]) {
                    (1, [(reason, _)]) => format!("Its only banner {}.", state(*reason, 1)),
                    (_, [(reason, _)]) => {
                        format!("All {banners} banners {}.", state(*reason, banners))
                    }
                    _ => format!("All {banners} banners are left out: {}.", reasons(&left_out)),
                },
                when: since.map_or_else(String::new, |at| zone.since(at, desk.now)),
            }
        }
        Attention::WithoutBanners { campaign: it } => Item {
            icon: icon_of("warn", "warn"),
            address: format!("/dashboard/campaigns/{}/banners", it.id),
            title: format!("{} is empty", it.settings.name),
            detail: "Active, but no banner is attached.".to_owned(),
            when: it.status_since.map_or_else(String::new, |at| zone.since(at, desk.now)),
        },
        Attention::RefusedImport(report) => Item {
            icon: icon_of("stop", "bad"),
            address: format!("/dashboard/imports/{}", report.id.unwrap_or_default()),
            title: format!("{} was refused", report.file_name),
            detail: why_refused(&report),
            when: report.finished_at_ms.map_or_else(String::new, |at| zone.stamp(at, desk.now)),
        },
        Attention::LeadNowhere { banners, first } => Item {
            icon: icon("info"),
            address: if banners == 1 {
                format!("/dashboard/banners/{}", first.id)
            } else {
                "/dashboard/banners?lacks=landing_url".to_owned()
            },
            title: format!("{} nowhere", counted(banners, "banner leads", "banners lead")),
            detail: "Shown, but without a landing URL nobody can click them.".to_owned(),
            when: String::new(),
        },
    }
}
