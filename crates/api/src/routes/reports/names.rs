//! The words that ask for a report, for the document.

use utoipa::ToSchema;

/// What rows are grouped by.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the parameters for the document")]
pub(crate) enum DimensionName {
    #[schema(rename = "campaign")]
    Campaign,
    #[schema(rename = "banner")]
    Banner,
    #[schema(rename = "quarter")]
    Quarter,
    #[schema(rename = "hour")]
    Hour,
    #[schema(rename = "day")]
    Day,
}

/// What rows are sorted by.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the parameters for the document")]
pub(crate) enum ReportSortName {
    #[schema(rename = "impressions")]
    Impressions,
    #[schema(rename = "-impressions")]
    ImpressionsDown,
    #[schema(rename = "clicks")]
    Clicks,
    #[schema(rename = "-clicks")]
    ClicksDown,
    #[schema(rename = "conversions")]
    Conversions,
    #[schema(rename = "-conversions")]
    ConversionsDown,
    #[schema(rename = "revenue")]
    Revenue,
    #[schema(rename = "-revenue")]
    RevenueDown,
    #[schema(rename = "ctr")]
    Ctr,
    #[schema(rename = "-ctr")]
    CtrDown,
    #[schema(rename = "cvr")]
    Cvr,
    #[schema(rename = "-cvr")]
    CvrDown,
    #[schema(rename = "rpm")]
    Rpm,
    #[schema(rename = "-rpm")]
    RpmDown,
    #[schema(rename = "epc")]
    Epc,
    #[schema(rename = "-epc")]
    EpcDown,
    #[schema(rename = "campaign")]
    Campaign,
    #[schema(rename = "-campaign")]
    CampaignDown,
    #[schema(rename = "banner")]
    Banner,
    #[schema(rename = "-banner")]
    BannerDown,
    #[schema(rename = "quarter")]
    Quarter,
    #[schema(rename = "-quarter")]
    QuarterDown,
    #[schema(rename = "hour")]
    Hour,
    #[schema(rename = "-hour")]
    HourDown,
    #[schema(rename = "day")]
    Day,
    #[schema(rename = "-day")]
    DayDown,
}

/// What a period is compared with.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the parameters for the document")]
pub(crate) enum ComparedName {
    #[schema(rename = "previous")]
    Previous,
}

/// How a report is written.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the parameters for the document")]
pub(crate) enum FormatName {
    #[schema(rename = "json")]
    Json,
    #[schema(rename = "csv")]
    Csv,
}
