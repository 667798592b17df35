//! Settings: keys, the audit log, health, and how this browser shows pages.

mod audit;
mod health;
mod keys;
mod shared;

use actix_web::http::StatusCode;
use askama::Template;
use bams_storage::Role;

use self::audit::AuditPart;
use self::health::HealthPart;
use self::keys::KeysPart;
pub(super) use self::keys::{ask_to_revoke, create, revoke};
use super::desk::{Answer, Desk};
use super::fields::{Asked, Fields};
use super::frame::{Frame, Section};

/// The themes to choose from.
const THEMES: [(&str, &str); 3] = [("", "As the system"), ("light", "Light"), ("dark", "Dark")];

#[derive(Template)]
#[template(path = "dashboard/settings.html")]
struct SettingsPage {
    frame: Frame,
    keys: Option<KeysPart>,
    audit: Option<AuditPart>,
    shared: Vec<shared::SharedReportRow>,
    health: HealthPart,
    key_name: String,
    role: &'static str,
    /// The themes, with their words and whether each is chosen.
    themes: Vec<(&'static str, &'static str, bool)>,
    zone: String,
    zone_is_fixed: bool,
}

/// Shows the settings.
pub(super) async fn show(desk: Desk, Asked(asked): Asked) -> Answer {
    let keys = if desk.may(Role::Admin) { Some(keys::of(&desk, &asked).await?) } else { None };
    draw(&desk, &asked, keys, StatusCode::OK).await
}

async fn draw(desk: &Desk, asked: &Fields, keys: Option<KeysPart>, status: StatusCode) -> Answer {
    let theme = desk.browser.theme.unwrap_or("");
    let audit = audit::of(desk, asked).await?;
    let mut frame = desk.frame(Section::Settings, "Settings");
    frame.done = desk.done(asked).await?;
    desk.answer_with(
        status,
        &SettingsPage {
            frame,
            keys,
            audit,
            shared: shared::of(desk).await?,
            health: health::of(desk),
            key_name: desk.key.name.clone(),
            role: desk.key.role.name(),
            themes: THEMES.map(|it| (it.0, it.1, it.0 == theme)).into(),
            zone: desk.browser.zone.name().to_owned(),
            zone_is_fixed: desk.parts.dashboard.zone.is_some(),
        },
    )
}
