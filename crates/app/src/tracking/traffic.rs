//! Telling events of people from those of machines.

use std::time::Duration;

use bams_storage::FilterReason;

use super::bots::Bots;
use super::caller::Caller;
use crate::rate::Rate;

/// The settings of [`Traffic`].
#[derive(Clone, Debug, Default)]
pub struct TrafficSettings {
    /// Words in the names of bots, in lower case, in addition to a built-in list.
    pub bots: Vec<String>,
    /// Words in the names of programs that are no bots in spite of other words, in lower case.
    pub not_bots: Vec<String>,
    /// The most events of one visitor in a minute. 0 is no limit.
    pub visitor_limit: u32,
    /// The most events of one address in a minute. 0 is no limit.
    pub address_limit: u32,
}

/// Tells people from machines.
pub struct Traffic {
    bots: Bots,
    visitors: Rate,
    addresses: Rate,
}

impl Traffic {
    /// Makes the filter that the settings describe.
    pub fn new(settings: &TrafficSettings) -> Self {
        let per_minute = |events| Rate::new(events, Duration::from_mins(1));
        Self {
            bots: Bots::new(&settings.bots, &settings.not_bots),
            visitors: per_minute(settings.visitor_limit),
            addresses: per_minute(settings.address_limit),
        }
    }

    /// Returns why an event of a caller does not count, or `None` if it does. Then it uses up one
    /// event of the caller's minute. `now` is in unix milliseconds.
    pub fn filter(&self, caller: &Caller, now: i64) -> Option<FilterReason> {
        if caller.wants_head_only {
            return Some(FilterReason::Head);
        }
        if caller.is_ahead {
            return Some(FilterReason::Prefetch);
        }
        if caller.agent.as_ref().is_some_and(|agent| self.bots.is_bot(agent)) {
            return Some(FilterReason::Bot);
        }
        // Both limits are asked, because the event counts towards both.
        let visitor = caller
            .visitor
            .is_none_or(|visitor| self.visitors.admit(&visitor.as_u128(), now).is_ok());
        let address =
            caller.address.is_none_or(|address| self.addresses.admit(&address, now).is_ok());
        (!visitor || !address).then_some(FilterReason::Burst)
    }
}
