//! Banners in campaigns, as JSON.

use bams_app::managing::{ATTACHMENT_COUNT, ATTACHMENT_STATUSES, AttachmentFields};
use bams_domain::{BannerId, CampaignId, Status};
use bams_storage::{Attachment as Kept, AttachmentSort};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::list::{List, Listed, Pages};
use crate::extract::body::{BodyFields, body};
use crate::extract::filters::{Filters, filter};
use crate::timestamp;
use crate::words::{orders, words};

/// A banner in a campaign.
#[derive(Serialize, ToSchema)]
pub(crate) struct Attachment {
    /// The campaign.
    #[schema(minimum = 1, example = 12)]
    campaign_id: u32,
    /// The banner.
    #[schema(minimum = 1, example = 141)]
    banner_id: u32,
    /// Active, or paused in this campaign only.
    #[schema(value_type = AttachmentStatus, example = "active")]
    status: Status,
    /// When it was attached.
    #[schema(format = DateTime, example = "2026-02-20T09:15:00Z")]
    created_at: String,
}

words! {
    /// Whether a banner runs in a campaign.
    AttachmentStatus: Status = ATTACHMENT_STATUSES.map(|it| (it.name(), it))
}

impl Attachment {
    /// Makes the resource of a stored attachment.
    pub(super) fn of(campaign: CampaignId, attachment: &Kept) -> Self {
        Self {
            campaign_id: campaign.0,
            banner_id: attachment.banner.0,
            status: attachment.status,
            created_at: timestamp::text(attachment.created_at),
        }
    }
}

filter! {
    /// Which of a campaign's banners.
    AttachmentsQuery: Option<Status> = Filters::<Option<Status>>::default().word::<AttachmentStatus>(
        "status",
        "Only banners with this status in the campaign.",
        "active",
        |it, status| *it = Some(status),
    )
}

/// A page, by its component's name.
pub(super) type AttachmentList = List<Attachment>;

impl Listed for Attachment {
    type Order = AttachmentSortName;

    const PAGES: Pages = Pages {
        name: "AttachmentList",
        about: "A page of a campaign's banners.",
        items: "The attachments, in the order asked for.",
        sort: "What to sort by; with `-` the largest first.",
        sort_example: "banner_id",
        cursor_example: "WyJiYW5uZXJfaWQiLDE0MSwxNDFd",
    };
}

words! {
    /// What a campaign's banners are sorted by.
    AttachmentSortName: (AttachmentSort, bool) = orders([
        ("banner_id", AttachmentSort::BannerId),
        ("created_at", AttachmentSort::CreatedAt),
    ])
}

body! {
    /// Banners to attach.
    NewAttachments: AttachmentFields = BodyFields::<AttachmentFields>::default()
        .numbers("banner_ids", ATTACHMENT_COUNT, 1, "The banners.", |it| &mut it.banner_ids)
        .needed(true)
        .word::<AttachmentStatus>(
            "status",
            "Their status in the campaign; active if missing.",
            |it| &mut it.status,
        ),
    example: { "banner_ids": [141, 142, 143] }
}

body! {
    /// What becomes of a banner in a campaign.
    AttachmentChange: AttachmentFields = BodyFields::<AttachmentFields>::default().word::<AttachmentStatus>(
        "status",
        "Its status in the campaign; active if missing.",
        |it| &mut it.status,
    ),
    example: { "status": "paused" }
}

/// Which banners of a campaign are different now.
#[derive(Serialize, ToSchema)]
pub(crate) struct AttachmentChanges {
    /// Their numbers, ascending. Banners that were as asked for already are not among them.
    #[schema(value_type = Vec<u32>, example = json!([141, 142, 143]))]
    pub(super) changed: Vec<BannerId>,
}
