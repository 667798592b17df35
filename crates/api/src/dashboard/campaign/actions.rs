//! What one press changes about a campaign: its status, a copy, its banners' statuses in it.

use actix_web::web::Path;
use bams_app::managing::{
    AttachmentFields, BannerFields, CampaignFields, CopyFields, Made, Precondition,
};
use bams_domain::{BannerId, CampaignId, LeftOut, Status};
use bams_storage::{Role, Subject, left_out_banners};

use super::left_out::is_resumed;
use crate::dashboard::desk::{Answer, Desk};
use crate::dashboard::fields::Sent;
use crate::dashboard::statuses::status_of;
use crate::dashboard::undo::RESUMED;
use crate::problem::ApiError;

/// Gives a campaign another status.
pub(in crate::dashboard) async fn set_status(
    desk: Desk,
    campaign: Path<u32>,
    Sent(sent): Sent,
) -> Answer {
    desk.needs(Role::Editor)?;
    let (id, status) = (CampaignId(*campaign), status_of(&sent)?);
    let fields = CampaignFields { status: Some(status), ..CampaignFields::default() };
    let managing = &desk.parts.managing;
    managing.change_campaign(desk.actor(), id, Precondition::Anything, fields, desk.now).await?;
    desk.undoable(&format!("/dashboard/campaigns/{id}"), Subject::CAMPAIGN, &id.to_string()).await
}

/// Copies a campaign into a draft, and leads to it.
pub(in crate::dashboard) async fn copy(desk: Desk, campaign: Path<u32>, _: Sent) -> Answer {
    desk.needs(Role::Editor)?;
    let (id, fields) = (CampaignId(*campaign), CopyFields::default());
    let made = desk.parts.managing.copy_campaign(desk.actor(), id, fields, None, desk.now).await?;
    let Made::Now(copy) = made else { return Err(ApiError::IdempotencyKeyReused) };
    Ok(desk.lead_to(&format!("/dashboard/campaigns/{}/edit", copy.id)))
}

/// Gives a banner another status in a campaign.
pub(in crate::dashboard) async fn attach_status(
    desk: Desk,
    ids: Path<(u32, u32)>,
    Sent(sent): Sent,
) -> Answer {
    desk.needs(Role::Editor)?;
    let (campaign, banner) = (CampaignId(ids.0), BannerId(ids.1));
    let fields = AttachmentFields { banner_ids: None, status: Some(status_of(&sent)?) };
    let (by, now) = (desk.actor(), desk.now);
    let managing = &desk.parts.managing;
    managing.attach_banner(by, campaign, banner, Precondition::Something, fields, now).await?;
    let back = format!("/dashboard/campaigns/{campaign}");
    desk.undoable(&back, Subject::ATTACHMENT, &format!("{campaign}/{banner}")).await
}

/// Resumes every banner of a campaign that is only paused.
pub(in crate::dashboard) async fn resume(desk: Desk, campaign: Path<u32>, _: Sent) -> Answer {
    desk.needs(Role::Editor)?;
    let id = CampaignId(*campaign);
    let left_out = left_out_banners(&desk.parts.database, id).await?;
    let resumed = left_out.iter().filter(|it| is_resumed(it.1)).count();
    let paused = left_out.into_iter().filter(|it| is_resumed(it.1));
    let (here, everywhere): (Vec<_>, Vec<_>) =
        paused.partition(|it| it.1 == LeftOut::PausedInCampaign);
    let managing = &desk.parts.managing;
    if !here.is_empty() {
        let banner_ids = Some(here.iter().map(|it| it.0.0).collect());
        let fields = AttachmentFields { banner_ids, status: Some(Status::Active) };
        managing.attach_banners(desk.actor(), id, fields, None, desk.now).await?;
    }
    for (banner, _) in everywhere {
        let fields = BannerFields { status: Some(Status::Active), ..BannerFields::default() };
        managing
            .change_banner(desk.actor(), banner, Precondition::Anything, fields, desk.now)
            .await?;
    }
    Ok(desk.lead_to(&format!("/dashboard/campaigns/{id}?undo={RESUMED}{resumed}")))
}
