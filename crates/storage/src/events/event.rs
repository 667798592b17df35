//! What happens to a banner that was shown, and what it is told by.

use bams_domain::{BannerId, CampaignId, Revenue, Slot};
use uuid::Uuid;

/// One banner of one decision: what a tracking link names.
///
/// It is seen at most once and clicked at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Showing {
    /// The decision that chose the banner.
    pub decision: Uuid,
    /// The banner.
    pub banner: BannerId,
    /// The campaign it was chosen for.
    pub campaign: CampaignId,
}

impl Showing {
    /// The id of the click on it, which conversions name: 32 hex digits, a dash, and the banner.
    pub fn click_id(&self) -> String {
        format!("{}-{}", self.decision.simple(), self.banner)
    }
}

/// A sale that an advertiser reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// The advertiser's own id; it counts once, for ever. See [`event_id`].
    pub id: String,
    /// The click that led to it. See [`event_id`].
    pub click: String,
    /// What it earned.
    pub revenue: Revenue,
    /// The slot it counts in: that of its own time.
    pub slot: Slot,
    /// Whether the advertiser told the time. Otherwise it may come again in another slot.
    pub told_time: bool,
}

/// The longest id of an event, in bytes.
pub const LONGEST_EVENT_ID: usize = 64;

/// The most that one conversion can earn: a million of the currency. Anything above is a slip, and
/// nine million of the largest still add up exactly.
pub const MOST_REVENUE: Revenue = Revenue::from_micros(1_000_000_000_000);

/// An event's id as it is kept, or `None` if the text cannot be one: 1 to 64 visible ASCII
/// characters. A whole number loses its leading zeros, as it does in imports.
///
/// ```
/// use bams_storage::event_id;
///
/// assert_eq!(event_id("order-7/1").as_deref(), Some("order-7/1"));
/// assert_eq!(event_id("0012").as_deref(), Some("12"));
/// assert_eq!(event_id("two words"), None);
/// ```
pub fn event_id(text: &str) -> Option<String> {
    let visible = (1..=LONGEST_EVENT_ID).contains(&text.len())
        && text.bytes().all(|it| it.is_ascii_graphic());
    if !visible {
        return None;
    }
    let digits = text.bytes().all(|it| it.is_ascii_digit());
    let number = text.parse::<i64>().ok().filter(|_| digits);
    Some(number.map_or_else(|| text.to_owned(), |it| it.to_string()))
}

/// What became of an event that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Booked {
    /// It is stored and counts from now on.
    Counted,
    /// It was stored and counted before.
    Duplicate,
}

/// Why an event was not stored. It may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// More events wait for the database than this node holds.
    #[error("too many events wait for the database")]
    Full,
    /// The database refused or could not be reached; the log says why.
    #[error("the database did not store the event")]
    Unavailable,
}

/// Why conversions that were sent together were not stored. None of them is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConversionsError {
    /// Some cannot be stored as they are.
    #[error("{} of the conversions cannot be stored", .0.len())]
    Refused(Vec<ConversionFault>),
    /// All may be sent again.
    #[error(transparent)]
    Event(#[from] EventError),
}

/// What is wrong with one of the conversions that were sent together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConversionFault {
    /// Its place among them, from 0.
    pub index: usize,
    /// What is wrong.
    pub flaw: ConversionFlaw,
}

/// What can be wrong with a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConversionFlaw {
    /// There is no such click.
    UnknownClick,
    /// Its id was stored with another click, revenue or time.
    Conflict,
}
