//! How a browser wants pages to look.

use actix_web::HttpRequest;

use super::cookies;
use super::shared::Dashboard;
use super::zone::Zone;

/// The look that a browser asks for.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    /// The theme, or `None` for the system's.
    pub(crate) theme: Option<&'static str>,
    /// The time zone of moments: the configured one, else the browser's, else UTC.
    pub(crate) zone: Zone,
}

impl Browser {
    /// Returns the look that a request asks for.
    pub(crate) fn of(request: &HttpRequest, dashboard: Option<&Dashboard>) -> Self {
        let configured = dashboard.and_then(|it| it.zone.clone());
        let own = || cookies::zone_of(request).and_then(|name| Zone::named(&name));
        Self {
            theme: cookies::theme_of(request),
            zone: configured.or_else(own).unwrap_or_else(Zone::utc),
        }
    }
}
