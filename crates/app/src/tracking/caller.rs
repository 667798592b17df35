//! The sender of an event.

use std::net::IpAddr;

use bams_domain::VisitorId;

/// The sender of an event, by which people are told from machines. The default is an unknown
/// person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// True for a HEAD request, which is no event.
    pub wants_head_only: bool,
    /// True if a browser asks ahead of its user: to prefetch, to prerender or for a preview.
    pub is_ahead: bool,
    /// The name that the program sends.
    pub agent: Option<String>,
    /// The number that the browser sends.
    pub visitor: Option<VisitorId>,
    /// The address in the internet. `None` for one that is unknown, or that is private and perhaps
    /// shared by everybody behind a proxy.
    pub address: Option<IpAddr>,
}
