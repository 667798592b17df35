//! Who sends an event.

use std::net::IpAddr;

use bams_domain::VisitorId;

/// Who sends an event, and how: what tells people from machines. The default is an unknown person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// Whether only the head of an answer was asked for, which means no event.
    pub wants_head_only: bool,
    /// Whether a browser asks ahead of its user: to prefetch, to prerender or for a preview.
    pub is_ahead: bool,
    /// What the program calls itself.
    pub agent: Option<String>,
    /// The number that the browser carries.
    pub visitor: Option<VisitorId>,
    /// The address in the internet; `None` for one that is unknown, or private and so perhaps shared
    /// by everybody behind a proxy.
    pub address: Option<IpAddr>,
}
