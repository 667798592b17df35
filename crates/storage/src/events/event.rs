//! The events of a banner that was shown, and their ids.

use bams_domain::{BannerId, CampaignId, Revenue, Slot};
use uuid::Uuid;

/// One banner of one decision, which a tracking link names.
///
/// It counts as seen at most once, and as clicked at most once.
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
    /// Returns the id of the click on it, which conversions name: 32 hex digits, a dash, and the
    /// banner.
    pub fn click_id(&self) -> String {
        format!("{}-{}", self.decision.simple(), self.banner)
    }
}

/// A sale that an advertiser reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// The advertiser's id, which counts once within the campaign of its click, for ever. See
    /// [`event_id`].
    pub id: String,
    /// The id of the click that led to it. See [`event_id`].
    pub click: String,
    /// The revenue.
    pub revenue: Revenue,
    /// The slot of its own time, in which it counts.
    pub slot: Slot,
    /// True if the advertiser told the time. Otherwise it may be repeated in another slot.
    pub told_time: bool,
    /// The only campaign whose clicks its sender may name, or `None` for all.
    pub only: Option<CampaignId>,
}

/// The longest id of an event, in bytes.
pub const LONGEST_EVENT_ID: usize = 64;

/// The largest revenue of one conversion: a million of the currency. Larger ones are mistakes, and
/// nine million of the largest still add up exactly.
pub const MOST_REVENUE: Revenue = Revenue::from_micros(1_000_000_000_000);

/// Returns an event's id as it is stored, or `None` if the text cannot be one: 1 to 64 visible
/// ASCII characters. A whole number loses its leading zeros, as it does in imports.
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

/// Returns true if a text is an event's id as it is stored.
pub fn is_stored_event_id(text: &str) -> bool {
    event_id(text).is_some_and(|id| id == text)
}

/// Returns the sentence about a revenue above [`MOST_REVENUE`].
pub fn too_much_revenue() -> String {
    format!("revenue must not exceed {MOST_REVENUE}")
}

/// The result of storing an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Booked {
    /// It was stored now and counts.
    Counted,
    /// It had been stored and counted before.
    Duplicate,
}

/// Why an event was not stored. It may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// The queue of this node is full.
    #[error("too many events wait for the database")]
    Full,
    /// The database refused or could not be reached. The log has the reason.
    #[error("the database did not store the event")]
    Unavailable,
    /// An import that is being stored has its id. Only its end tells whether that counts.
    #[error("an import that has not ended has the event's id")]
    Staged,
}

/// Why none of the conversions that were sent together was stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConversionsError {
    /// Some are not valid.
    #[error("{} of the conversions cannot be stored", .0.len())]
    Refused(Vec<ConversionFault>),
    /// The events failed, and all may be sent again.
    #[error(transparent)]
    Event(#[from] EventError),
}

/// A fault of one of the conversions that were sent together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConversionFault {
    /// The index of the conversion, from 0.
    pub index: usize,
    /// The flaw.
    pub flaw: ConversionFlaw,
}

/// What is wrong with a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConversionFlaw {
    /// Its click does not exist, or is none that its sender may name.
    UnknownClick,
    /// Its id was stored in this campaign with another click, revenue or time.
    Conflict,
    /// Its click is so old that it is summed up.
    OldClick,
    /// It happened at a time that is summed up.
    OldTime,
    /// Its id is that of a conversion that is summed up.
    UsedId,
}
