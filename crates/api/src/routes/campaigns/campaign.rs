//! A campaign in JSON, and what people may decide about it.

use bams_app::managing::{CampaignFields, Closed, CopyFields, NOTES_LENGTH};
use bams_app::{NAME_LENGTH, PAGE_SIZES};
use bams_domain::{EmptyReason, Policy, Status};
use bams_storage::{Campaign as Kept, CampaignSettings};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::body::{BodyFields, body};
use crate::extract::conditions::etag;
use crate::extract::shape;
use crate::routes::serve::decision::{EmptyReasonName, PolicyName};
use crate::timestamp;
use crate::words::words;

words! {
    /// Whether something may be shown.
    StatusName: Status = Status::ALL.map(|it| (it.name(), it))
}

/// Banners sold together; what a page asks for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Campaign {
    /// Its number.
    #[schema(minimum = 1, example = 12)]
    id: u32,
    /// Its name.
    #[schema(example = "Spring shoes")]
    name: String,
    /// Whether it runs, within its schedule.
    #[schema(value_type = StatusName, example = "active")]
    status: Status,
    /// When it begins; null is always.
    #[schema(format = DateTime, example = "2026-03-01T00:00:00Z")]
    starts_at: Option<String>,
    /// When it is over; null is never.
    #[schema(format = DateTime, example = "2026-06-01T00:00:00Z")]
    ends_at: Option<String>,
    /// Who ranks its banners.
    #[schema(value_type = PolicyName, example = "revenue_ladder")]
    policy: Policy,
    /// How many banners a page shows; null leaves that to the rule.
    #[schema(minimum = 1, maximum = 50, example = 5)]
    page_size: Option<u32>,
    /// For people and filters.
    #[schema(example = json!(["shoes", "spring"]))]
    tags: Vec<String>,
    /// For people.
    #[schema(example = "Agreed with the shop until May.")]
    notes: String,
    /// Why it shows nothing now, whatever its visitors saw before; null while it shows something.
    closed: Option<ClosedCampaign>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-02-20T09:15:00Z")]
    created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime, example = "2026-02-21T16:40:00Z")]
    updated_at: String,
}

/// Why a campaign shows nothing, as its settings and its banners are now; nodes serve a change up to
/// two seconds later.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClosedCampaign {
    /// What its decisions say. A draft is `not_started`, an archived campaign has `ended`.
    #[schema(value_type = EmptyReasonName, example = "campaign_paused")]
    reason: EmptyReason,
    /// Since when: the change of its status, or `ends_at`; null where nobody wrote that down, before
    /// `starts_at`, and for `no_eligible_banner`.
    #[schema(format = DateTime, example = "2026-02-21T16:40:00Z")]
    since: Option<String>,
    /// Until when: `starts_at` of an active campaign; null where only a change opens it.
    #[schema(format = DateTime, example = json!(null))]
    until: Option<String>,
}

impl ClosedCampaign {
    /// Returns why a campaign shows nothing at a moment in unix milliseconds, or `None` if it shows
    /// something.
    pub(crate) fn at(campaign: &Kept, now: i64) -> Option<Self> {
        let Closed { reason, since, until } = Closed::at(campaign, now)?;
        let (since, until) = (since.map(timestamp::text), until.map(timestamp::text));
        Some(Self { reason, since, until })
    }
}

impl Campaign {
    /// Returns a campaign as people see it at a moment in unix milliseconds.
    pub(super) fn of(campaign: Kept, now: i64) -> Self {
        let closed = ClosedCampaign::at(&campaign, now);
        let CampaignSettings { name, status, starts_at, ends_at, policy, page_size, tags, notes } =
            campaign.settings;
        Self {
            id: campaign.id.0,
            name,
            status,
            starts_at: starts_at.map(timestamp::text),
            ends_at: ends_at.map(timestamp::text),
            policy,
            page_size,
            tags,
            notes,
            closed,
            created_at: timestamp::text(campaign.created_at),
            updated_at: timestamp::text(campaign.updated_at),
        }
    }
}

/// Returns the tag of a campaign's version with the reason for which it shows nothing at a moment in unix
/// milliseconds.
pub(super) fn tag(campaign: &Kept, now: i64) -> String {
    let reason = Closed::at(campaign, now).map(|closed| closed.reason as i64);
    etag(&campaign.version.into(), reason)
}

/// Returns the fields that a new campaign, or the change of one, may have.
fn fields(new: bool) -> BodyFields<CampaignFields> {
    let either = |of_new, of_change| if new { of_new } else { of_change };
    let status = either("; active if missing", "");
    let policy = either("; `revenue_ladder` if missing", "");
    BodyFields::<CampaignFields>::default()
        .line("name", &NAME_LENGTH, "Its name.", |it| &mut it.name)
        .needed(new)
        .word::<StatusName>(
            "status",
            &format!("Whether it runs, within its schedule{status}."),
            |it| &mut it.status,
        )
        .moment_or_null(
            "starts_at",
            either("When it begins; always if missing.", "When it begins; null is always."),
            |it| &mut it.starts_at,
        )
        .moment_or_null(
            "ends_at",
            either(
                "When it is over, after `starts_at`; never if missing.",
                "When it is over, after `starts_at`; null is never.",
            ),
            |it| &mut it.ends_at,
        )
        .word::<PolicyName>("policy", &format!("Who ranks its banners{policy}."), |it| {
            &mut it.policy
        })
        .number_or_null(
            "page_size",
            PAGE_SIZES,
            either(
                "How many banners a page shows; left to the rule if missing.",
                "How many banners a page shows; null leaves that to the rule.",
            ),
            |it| &mut it.page_size,
        )
        .tags("tags", "For people and filters, at most 20.", |it| &mut it.tags)
        .text("notes", shape::lines(NOTES_LENGTH), "For people.", |it| &mut it.notes)
}

body! {
    /// A campaign to create.
    NewCampaign: CampaignFields = fields(true),
    example: {
        "name": "Spring shoes",
        "tags": ["shoes", "spring"]
    }
}

body! {
    /// What is different about a copy.
    CampaignCopy: CopyFields = BodyFields::<CopyFields>::default().line(
        "name",
        &NAME_LENGTH,
        "Its name; `Copy of` and the name of the original, as far as there is room, if missing.",
        |it| &mut it.name,
    ),
    example: { "name": "Autumn shoes" }
}

body! {
    /// What changes about a campaign; what is missing stays as it is.
    CampaignChange: CampaignFields = fields(false),
    example: { "status": "paused" }
}
