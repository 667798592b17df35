//! The message about a change that was just made, which can undo it.

use actix_web::web::Path;
use bams_app::managing::readable_changes;
use bams_domain::Status;
use bams_storage::{
    AuditEntry, AuditFilter, PageRequest, Recorded, Role, States, audit_entry, audit_log,
};

use super::desk::{Answer, Desk};
use super::fields::{Fields, Sent};
use super::frame::Done;
use super::numbers::counted;
use super::sign_in::own_page;
use super::statuses;
use crate::problem::ApiError;

/// For how long a change offers to be undone, in milliseconds.
const FRESH: i64 = 10 * 60_000;

/// What stands in an address before the number of banners that were resumed together. They are several
/// changes, of which each is undone in the audit log.
pub(super) const RESUMED: &str = "resumed.";

impl Desk {
    /// Leads to a page that tells of the newest change of a subject, and offers to undo it.
    pub(super) async fn undoable(&self, back: &str, kind: &str, id: &str) -> Answer {
        let filter = AuditFilter {
            subject_kind: Some(kind.to_owned()),
            subject_id: Some(id.to_owned()),
            actor_id: Some(self.key.id.clone()),
            ..AuditFilter::default()
        };
        let page = PageRequest { sort: (), descending: true, after: None, limit: 1 };
        let newest = audit_log(&self.parts.database, &filter, &page).await?.items.pop();
        let joint = if back.contains('?') { '&' } else { '?' };
        Ok(match newest {
            Some(entry) => self.lead_to(&format!("{back}{joint}undo={}", entry.id)),
            None => self.lead_to(back),
        })
    }

    /// Returns the message about the change that an address names, while it is fresh.
    pub(super) async fn done(&self, asked: &Fields) -> Result<Option<Done>, ApiError> {
        if let Some(resumed) = asked.text("undo").strip_prefix(RESUMED) {
            let banners = resumed.parse().ok().map(|it| counted(it, "banner is", "banners are"));
            let text = banners.map(|it| format!("{it} shown again"));
            return Ok(text.map(|text| Done { text, undo: None }));
        }
        let Some(id) = asked.read::<i64>("undo") else { return Ok(None) };
        let entry = audit_entry(&self.parts.database, id).await?;
        let is_own = |it: &AuditEntry| it.actor_id == self.key.id && self.now - it.at < FRESH;
        let Some(entry) = entry.filter(is_own) else { return Ok(None) };
        let may_read = readable_changes(self.key.role, AuditFilter::default()).is_some();
        if !may_read {
            return Ok(None);
        }
        let text = told(&entry)?;
        Ok(text.map(|text| Done { text, undo: entry.reverts.is_none().then_some(entry.id) }))
    }
}

/// Undoes a change, and leads back.
pub(super) async fn revert(desk: Desk, entry: Path<i64>, Sent(sent): Sent) -> Answer {
    desk.needs(Role::Editor)?;
    desk.parts.managing.revert(desk.actor(), *entry, None, desk.now).await?;
    Ok(desk.lead_to(own_page(sent.text("back"))))
}

/// Returns a change in a sentence, or `None` if it is none that people are told of.
fn told(entry: &AuditEntry) -> Result<Option<String>, ApiError> {
    let Some(recorded) = entry.recorded()? else { return Ok(None) };
    Ok(match recorded {
        Recorded::Campaign(_, States { before, after }) => {
            after.map(|it| sentence(&it.name, before.map(|was| was.status), it.status))
        }
        Recorded::Banner(_, States { before, after }) => after.map(|it| {
            let replaced = before.as_ref().is_some_and(|was| was.image != it.image);
            if replaced {
                return format!("The image of {} was replaced", it.settings.name);
            }
            sentence(&it.settings.name, before.map(|was| was.settings.status), it.settings.status)
        }),
        Recorded::Attachment(campaign, banner, States { before, after }) => {
            let what = format!("Banner {banner}");
            Some(match (before, after) {
                (None, Some(_)) => format!("{what} was attached to campaign {campaign}"),
                (_, None) => format!("{what} was detached from campaign {campaign}"),
                (Some(_), Some(Status::Active)) => {
                    format!("{what} is shown in campaign {campaign}")
                }
                (Some(_), Some(_)) => format!("{what} is paused in campaign {campaign}"),
            })
        }
    })
}

fn sentence(name: &str, before: Option<Status>, after: Status) -> String {
    match before {
        None => format!("{name} was created"),
        Some(before) if before != after => {
            format!("{name} is {}", statuses::word(after).to_lowercase())
        }
        Some(_) => format!("{name} was changed"),
    }
}
