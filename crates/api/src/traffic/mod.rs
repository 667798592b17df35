//! Which requests come from people, as far as one can tell.

mod bots;

use std::time::Duration;

use actix_web::http::header::{HeaderName, USER_AGENT};
use actix_web::{HttpMessage, HttpRequest};
use bams_storage::FilterReason;

use crate::config::{Proxies, TrackingSection};
use crate::extract::address;
use crate::extract::asked_with_head::AskedWithHead;
use crate::extract::visitor;
use crate::rate::Rate;
use bots::Bots;

/// Tells people from machines.
pub(crate) struct Traffic {
    bots: Bots,
    visitors: Rate,
    addresses: Rate,
    proxies: Proxies,
}

/// By what browsers say that they ask ahead of their user.
const PURPOSES: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-purpose"),
    HeaderName::from_static("x-moz"),
];

impl Traffic {
    pub(crate) fn new(settings: &TrackingSection, proxies: Proxies) -> Self {
        let per_minute = |events| Rate::new(events, Duration::from_mins(1));
        Self {
            bots: Bots::new(&settings.bots, &settings.not_bots),
            visitors: per_minute(settings.visitor_limit),
            addresses: per_minute(settings.address_limit),
            proxies,
        }
    }

    /// Why the event that a request means does not count, or `None` if it may. A moment is in unix
    /// milliseconds.
    pub(crate) fn filter(&self, request: &HttpRequest, now: i64) -> Option<FilterReason> {
        if request.extensions().get::<AskedWithHead>().is_some() {
            return Some(FilterReason::Head);
        }
        if PURPOSES.iter().any(|it| is_ahead(request, it)) {
            return Some(FilterReason::Prefetch);
        }
        let agent = request.headers().get(USER_AGENT).and_then(|it| it.to_str().ok());
        if agent.is_some_and(|it| self.bots.is_bot(it)) {
            return Some(FilterReason::Bot);
        }
        let visitor = visitor::cookie_of(request);
        let address = address::of(request, &self.proxies).filter(|it| address::is_public(*it));
        // Both count, so that no short circuit.
        let visitor = visitor.is_none_or(|it| self.visitors.admit(&it.as_u128(), now).is_ok());
        let address = address.is_none_or(|it| self.addresses.admit(&it, now).is_ok());
        (!visitor || !address).then_some(FilterReason::Burst)
    }
}

fn is_ahead(request: &HttpRequest, header: &HeaderName) -> bool {
    let value = request.headers().get(header).and_then(|it| it.to_str().ok());
    value.is_some_and(|it| {
        let value = it.to_ascii_lowercase();
        ["prefetch", "prerender", "preview"].iter().any(|word| value.contains(word))
    })
}
