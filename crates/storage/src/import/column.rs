//! The columns of files.

/// A column that is read. Others are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    BannerId,
    CampaignId,
    ClickId,
    ConversionId,
    Revenue,
    Quarter,
    OccurredAt,
    /// How many impressions a row stands for.
    Impressions,
    Url,
    Id,
    Name,
    LandingUrl,
    Alt,
    Tags,
}

/// The columns that files of rejected rows have after their own. They are passed over.
pub(super) const OF_REJECTED_ROWS: [&str; 4] = ["line", "column", "code", "message"];

impl Column {
    pub(super) const ALL: [Self; 14] = [
        Self::BannerId,
        Self::CampaignId,
        Self::ClickId,
        Self::ConversionId,
        Self::Revenue,
        Self::Quarter,
        Self::OccurredAt,
        Self::Impressions,
        Self::Url,
        Self::Id,
        Self::Name,
        Self::LandingUrl,
        Self::Alt,
        Self::Tags,
    ];

    /// Returns its names in headers, the proper one first.
    pub(super) const fn names(self) -> &'static [&'static str] {
        match self {
            Self::BannerId => &["banner_id"],
            Self::CampaignId => &["campaign_id"],
            Self::ClickId => &["click_id"],
            Self::ConversionId => &["conversion_id", "conversation_id"],
            Self::Revenue => &["revenue"],
            Self::Quarter => &["quarter_hour", "quarter"],
            Self::Url => &["url"],
            Self::Id => &["id"],
            Self::Name => &["name"],
            Self::OccurredAt => &["occurred_at"],
            Self::Impressions => &["impressions"],
            Self::LandingUrl => &["landing_url"],
            Self::Alt => &["alt"],
            Self::Tags => &["tags"],
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        let is = |known: &&str| known.eq_ignore_ascii_case(name);
        Self::ALL.into_iter().find(|column| column.names().iter().any(is))
    }
}
