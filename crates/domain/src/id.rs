//! The ids of campaigns, banners and visitors.

use std::{fmt, str::FromStr};

use thiserror::Error;
use uuid::{Builder, Uuid};

/// The number of a campaign: banners that are sold together, and what a page asks for.
///
/// ```
/// use bams_domain::CampaignId;
///
/// assert_eq!(CampaignId::from(12), CampaignId(12));
/// assert_eq!(CampaignId(12).to_string(), "12");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct CampaignId(pub u32);

/// The number of a banner: one creative image with a landing URL.
///
/// ```
/// use bams_domain::BannerId;
///
/// assert_eq!(BannerId::from(141), BannerId(141));
/// assert!(BannerId(9) < BannerId(10));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct BannerId(pub u32);

impl From<u32> for CampaignId {
    fn from(number: u32) -> Self {
        Self(number)
    }
}

impl From<u32> for BannerId {
    fn from(number: u32) -> Self {
        Self(number)
    }
}

impl fmt::Display for CampaignId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for BannerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The id of a browser: a random UUID that says nothing about a person.
///
/// Parsing accepts every spelling of a UUID that the `uuid` crate knows, in either case: hyphenated,
/// plain, in braces and as a URN. Display always writes the hyphenated one in lower case, so that two
/// spellings of one visitor become the same text.
///
/// ```
/// use bams_domain::VisitorId;
///
/// let visitor: VisitorId = "936DA01F9ABD4D9D80C702AF85C822A8".parse()?;
/// assert_eq!(visitor.to_string(), "936da01f-9abd-4d9d-80c7-02af85c822a8");
/// assert!("not a visitor".parse::<VisitorId>().is_err());
/// # Ok::<(), bams_domain::InvalidVisitorId>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct VisitorId(Uuid);

impl VisitorId {
    /// Makes a visitor from 16 random bytes, as a version 4 UUID (RFC 9562).
    ///
    /// Six of the 128 bits are overwritten with the version and the variant. The bytes must be
    /// unpredictable, because whoever can guess them can act as the visitor.
    ///
    /// ```
    /// use bams_domain::VisitorId;
    ///
    /// let visitor = VisitorId::from_random_bytes([0; 16]);
    /// assert_eq!(visitor.to_string(), "00000000-0000-4000-8000-000000000000");
    /// ```
    pub const fn from_random_bytes(bytes: [u8; 16]) -> Self {
        Self(Builder::from_random_bytes(bytes).into_uuid())
    }

    /// Returns the visitor with a number from [`VisitorId::as_u128`].
    ///
    /// ```
    /// use bams_domain::VisitorId;
    ///
    /// let visitor = VisitorId::from_random_bytes([7; 16]);
    /// assert_eq!(VisitorId::from_u128(visitor.as_u128()), visitor);
    /// ```
    pub const fn from_u128(number: u128) -> Self {
        Self(Uuid::from_u128(number))
    }

    /// Returns the visitor as one number, for stores that keep no text.
    ///
    /// ```
    /// use bams_domain::VisitorId;
    ///
    /// let visitor: VisitorId = "00000000-0000-0000-0000-0000000000ff".parse()?;
    /// assert_eq!(visitor.as_u128(), 255);
    /// # Ok::<(), bams_domain::InvalidVisitorId>(())
    /// ```
    pub const fn as_u128(self) -> u128 {
        self.0.as_u128()
    }
}

impl fmt::Display for VisitorId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for VisitorId {
    type Err = InvalidVisitorId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self).map_err(|_| InvalidVisitorId)
    }
}

/// The error of a text that is not a UUID where a visitor is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a visitor is named by a UUID")]
pub struct InvalidVisitorId;
