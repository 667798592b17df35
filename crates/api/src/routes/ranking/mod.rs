//! The whole ladder of a campaign.

mod evidence;

use actix_web::get;
use actix_web::web::{Data, Json, Path};
use bams_app::reporting::{JudgedRanking, judged_ranking};
use bams_app::serving::Serving;
use bams_domain::{CampaignId, LeftOut, Performance, Policy, Quarter, Rule};
use bams_storage::{Database, RankedBanner, Ranking};
use serde::Serialize;
use utoipa::ToSchema;

use self::evidence::RankingEvidence;
use super::campaigns::ClosedCampaign;
use super::serve::decision::{BasisName, PolicyName, RuleName};
use crate::clock;
use crate::extract::filters::{Filters, filter};
use crate::extract::principal::Principal;
use crate::extract::query::Params;
use crate::problem::ApiError;
use crate::problem::responses::KeyRefusals;
use crate::words::words;

filter! {
    /// Which quarter.
    RankingQuery: Option<Quarter> = Filters::<Option<Quarter>>::default().number(
        "quarter",
        1..=4,
        "The quarter of the UTC hour; the running one if missing.",
        2,
        |it, number| *it = u8::try_from(number).ok().and_then(|it| Quarter::try_from(it).ok()),
    )
}

/// A campaign's banners as ranked in one quarter.
#[derive(Serialize, ToSchema)]
pub(crate) struct CampaignRanking {
    /// The campaign.
    #[schema(minimum = 1, example = 12)]
    campaign_id: u32,
    /// The quarter of the UTC hour.
    #[schema(minimum = 1, maximum = 4, example = 2)]
    quarter: u8,
    /// Who ranks.
    #[schema(value_type = PolicyName)]
    policy: Policy,
    /// What the ranking means for a page.
    #[schema(value_type = RuleName)]
    rule: Rule,
    /// Eligible banners with a conversion in this quarter.
    #[schema(example = 47)]
    converting_banners: usize,
    /// Why the campaign shows nothing now; null while it shows something.
    closed: Option<ClosedCampaign>,
    /// Whether the first banner is better than the others, or only luckier.
    evidence: RankingEvidence,
    /// Every eligible banner, best first. Banners with the basis `random` stand by id here and in
    /// random order in each decision.
    ladder: Vec<LadderBanner>,
    /// Attached banners that may not be shown, by id.
    left_out: Vec<LeftOutBanner>,
}

/// One rung.
#[derive(Serialize, ToSchema)]
pub(crate) struct LadderBanner {
    /// Its number.
    #[schema(minimum = 1, example = 141)]
    banner_id: u32,
    /// Its name.
    #[schema(example = "Spring shoes, blue")]
    name: String,
    /// Its place, from 1.
    #[schema(minimum = 1, example = 3)]
    rank: usize,
    /// Why it stands there.
    #[schema(value_type = BasisName)]
    basis: bams_domain::Basis,
    /// What it achieved in this quarter of all hours.
    performance: Counts,
    /// Clicks ÷ impressions; null without impressions. More than 1 when there are more clicks
    /// than impressions.
    #[schema(example = 0.0312)]
    ctr: Option<f64>,
    /// Where the true CTR lies with a confidence of 95 %, at least (Wilson's score interval); null
    /// without impressions or with more clicks than impressions.
    #[schema(example = 0.0271)]
    ctr_low: Option<f64>,
    /// The same, at most.
    #[schema(example = 0.0359)]
    ctr_high: Option<f64>,
    /// Revenue per 1000 impressions, in micros; null without impressions.
    #[schema(example = 2_230_769)]
    rpm_micros: Option<i64>,
}

/// What a banner achieved.
#[derive(Serialize, ToSchema)]
pub(crate) struct Counts {
    #[schema(example = 5_200)]
    impressions: u64,
    #[schema(example = 162)]
    clicks: u64,
    #[schema(example = 4)]
    conversions: u64,
    /// In 10⁻⁶ of the currency.
    #[schema(example = 11_600_000)]
    revenue_micros: i64,
}

impl From<Performance> for Counts {
    fn from(performance: Performance) -> Self {
        Self {
            impressions: performance.impressions,
            clicks: performance.clicks,
            conversions: performance.conversions,
            revenue_micros: performance.revenue.micros(),
        }
    }
}

/// A banner that may not be shown.
#[derive(Serialize, ToSchema)]
pub(crate) struct LeftOutBanner {
    /// Its number.
    #[schema(minimum = 1, example = 141)]
    banner_id: u32,
    /// Why not.
    #[schema(value_type = LeftOutName)]
    reason: LeftOut,
}

words! {
    /// Why a banner may not be shown. More reasons may be added.
    LeftOutName: LeftOut = LeftOut::ALL.map(|it| (it.name(), it))
}

/// Read a campaign's ranking
///
/// The whole ladder of one quarter with what each banner achieved, the rule that follows from
/// it, whether the first banner stands out from chance, and why other banners are left out. Has no side effects.
#[utoipa::path(
    tag = "campaigns",
    operation_id = "read_ranking",
    params(
        ("campaign_id" = u32, Path, description = "The campaign's number", minimum = 1, example = 12),
        RankingQuery,
    ),
    responses(
        (status = OK, description = "The ladder, best first", body = CampaignRanking),
        KeyRefusals,
    ),
    security(("key" = ["viewer"])),
)]
#[get("/campaigns/{campaign_id}/ranking")]
pub(crate) async fn read_ranking(
    _principal: Principal,
    campaign: Path<CampaignId>,
    mut params: Params,
    database: Data<Database>,
    serving: Data<Serving>,
) -> Result<Json<CampaignRanking>, ApiError> {
    let quarter = params.filter::<RankingQuery>();
    params.finish()?;
    let now = clock::unix_millis();
    let judged = judged_ranking(&database, &serving.missing, *campaign, quarter, now).await?;
    let judged = judged.ok_or(ApiError::UnknownCampaign(*campaign))?;
    Ok(Json(CampaignRanking::of(judged, now)))
}

impl CampaignRanking {
    /// Returns a ranking as people see it at a moment in unix milliseconds.
    fn of(judged: JudgedRanking, now: i64) -> Self {
        let JudgedRanking { quarter, ranking, evidence } = judged;
        let Ranking { campaign, rule, converting_banners, banners, left_out } = ranking;
        let rungs = banners.into_iter().enumerate();
        let left_out = left_out.into_iter();
        Self {
            campaign_id: campaign.id.0,
            quarter: quarter.number(),
            policy: campaign.settings.policy,
            rule,
            converting_banners,
            closed: ClosedCampaign::at(&campaign, now),
            evidence: evidence.into(),
            ladder: rungs.map(|(index, it)| rung(index, it)).collect(),
            left_out: left_out
                .map(|(banner, reason)| LeftOutBanner { banner_id: banner.0, reason })
                .collect(),
        }
    }
}

fn rung(index: usize, ranked: RankedBanner) -> LadderBanner {
    let interval = ranked.performance.click_through_interval();
    LadderBanner {
        banner_id: ranked.banner.0,
        name: ranked.name,
        rank: index + 1,
        basis: ranked.basis,
        ctr: ranked.performance.click_through_rate(),
        ctr_low: interval.map(|it| it.low),
        ctr_high: interval.map(|it| it.high),
        rpm_micros: ranked.performance.revenue_per_mille().map(bams_domain::Revenue::micros),
        performance: ranked.performance.into(),
    }
}
