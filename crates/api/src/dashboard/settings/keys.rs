//! The keys: shown once, and revoked.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use bams_app::managing::{KeyFields, Made, ManagingError, Precondition};
use bams_app::{Draft, Violation};
use bams_storage::{After, ApiKey, KeyFilter, KeyText, PageRequest, Role, SortValue, key, keys};

use super::draw;
use crate::dashboard::desk::{Answer, Desk};
use crate::dashboard::fields::{Fields, Sent};
use crate::dashboard::frame::{Frame, Section};
use crate::dashboard::html::{Html, Shape};
use crate::dashboard::numbers::NONE;
use crate::problem::ApiError;
use crate::random;

/// How many keys a page lists.
const ON_A_PAGE: u64 = 50;

/// The keys, with one that was just made.
pub(super) struct KeysPart {
    pub(super) made: Option<(String, String)>,
    pub(super) errors: Vec<String>,
    pub(super) name: String,
    pub(super) roles: Vec<&'static str>,
    pub(super) rows: Vec<KeyRow>,
    pub(super) next: Option<String>,
}

/// A key.
pub(super) struct KeyRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) role: &'static str,
    pub(super) is_admin: bool,
    pub(super) last_used: String,
    pub(super) expires: String,
    pub(super) state: Html,
    pub(super) since: String,
    pub(super) is_valid: bool,
}

#[derive(Template)]
#[template(path = "dashboard/revoke.html")]
struct RevokePage {
    frame: Frame,
    id: String,
    name: String,
    is_own: bool,
}

pub(super) async fn of(desk: &Desk, asked: &Fields) -> Result<KeysPart, ApiError> {
    let after = asked.text("keys").split_once('.').and_then(|(at, id)| {
        let value = SortValue::Number(at.parse().ok()?);
        Some(After { value, id: SortValue::Text(id.to_owned()) })
    });
    let page = PageRequest { sort: (), descending: true, after, limit: ON_A_PAGE };
    let found = keys(&desk.parts.database, &KeyFilter::default(), &page).await?;
    let next = found.next.as_ref().map(|it| match (&it.value, &it.id) {
        (SortValue::Number(at), SortValue::Text(id)) => {
            asked.with(&[("keys", &format!("{at}.{id}"))])
        }
        _ => asked.with(&[]),
    });
    Ok(KeysPart {
        made: None,
        errors: Vec::new(),
        name: String::new(),
        roles: Role::ALL.map(Role::name).into(),
        rows: found.items.iter().map(|it| row(desk, it)).collect(),
        next,
    })
}

fn row(desk: &Desk, key: &ApiKey) -> KeyRow {
    let stamp = |at: i64| desk.browser.zone.stamp(at, desk.now);
    let (state, since, is_valid) = match (key.revoked_at, key.expires_at) {
        (Some(at), _) => (Shape::Archived.status("Revoked"), stamp(at), false),
        (None, Some(at)) if at <= desk.now => (Shape::Ended.status("Expired"), stamp(at), false),
        _ => (Shape::Good.status("In use"), String::new(), true),
    };
    KeyRow {
        id: key.id.clone(),
        name: key.name.clone(),
        role: key.role.name(),
        is_admin: key.role == Role::Admin,
        last_used: key.last_used_at.map_or_else(|| NONE.to_owned(), stamp),
        expires: key
            .expires_at
            .map_or_else(|| "never".to_owned(), |at| desk.browser.zone.day(at, desk.now)),
        state,
        since,
        is_valid,
    }
}

/// Makes a key, and shows it this once.
pub(in crate::dashboard) async fn create(desk: Desk, Sent(sent): Sent) -> Answer {
    desk.needs(Role::Admin)?;
    let text = KeyText::random(&mut random::rng());
    let secret = text.reveal();
    let made = desk
        .parts
        .managing
        .create_key(desk.actor(), text, draft(&desk, &sent), None, desk.now)
        .await;
    let mut part = of(&desk, &Fields::default()).await?;
    let status = match made {
        Ok(Made::Now(key)) => {
            part = of(&desk, &Fields::default()).await?;
            part.made = Some((key.name, secret));
            StatusCode::OK
        }
        Ok(Made::Before(_)) => return Err(ApiError::IdempotencyKeyReused),
        Err(ManagingError::Invalid(violations)) => {
            part.errors = violations.into_iter().map(|it| it.detail.replace('`', "")).collect();
            sent.text("name").clone_into(&mut part.name);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(error) => return Err(error.into()),
    };
    draw(&desk, &Fields::default(), Some(part), status).await
}

fn draft(desk: &Desk, sent: &Fields) -> Draft<KeyFields> {
    let mut violations = Vec::new();
    let name = sent.text("name");
    let expires_at = match sent.text("expires_at") {
        "" => Some(None),
        text => {
            let read = desk.browser.zone.read(text);
            if read.is_none() {
                violations.push(Violation::of("expires_at", "invalid_value", "this is no day"));
            }
            read.map(Some)
        }
    };
    let said = KeyFields {
        name: (!name.is_empty()).then(|| name.to_owned()),
        role: sent.read("role"),
        expires_at,
        campaign_id: Some(sent.read("campaign_id")),
    };
    Draft { said, violations }
}

/// Asks whether a key should be revoked.
pub(in crate::dashboard) async fn ask_to_revoke(desk: Desk, id: Path<String>) -> Answer {
    desk.needs(Role::Admin)?;
    let found = key(&desk.parts.database, &id).await?.ok_or(ApiError::UnknownKey)?;
    desk.answer(&RevokePage {
        frame: desk.frame(Section::Settings, format!("Revoke {}", found.name)),
        is_own: found.id == desk.key.id,
        id: found.id,
        name: found.name,
    })
}

/// Revokes a key.
pub(in crate::dashboard) async fn revoke(desk: Desk, id: Path<String>, _: Sent) -> Answer {
    desk.needs(Role::Admin)?;
    let managing = &desk.parts.managing;
    managing.revoke_key(desk.actor(), id.into_inner(), Precondition::Anything, desk.now).await?;
    Ok(desk.lead_to("/dashboard/settings"))
}
