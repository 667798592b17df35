//! What became of one import, and taking it out again.

use actix_web::web::Path;
use bams_app::importing::CurrentImport;
use bams_storage::{
    ErrorCode, ImportKind, ImportNotice, ImportReport, ImportState, Role, RowError,
};

use crate::dashboard::desk::{Answer, Desk};
use crate::dashboard::fields::Sent;
use crate::dashboard::numbers::{count, counted};
use crate::dashboard::sentences::begun;

/// How many errors of a file are told.
const MOST_ERRORS: usize = 20;

/// What to do about rows that are wrong.
const MENDING: &str =
    "Mend the rows and upload the file again, or import it once more and leave them out.";

/// What became of a file.
pub(super) struct ImportResult {
    pub(super) id: i64,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) rejected: String,
    pub(super) errors: Vec<RowError>,
    pub(super) errors_about: String,
    /// What its sender should know besides.
    pub(super) notices: Vec<ImportNotice>,
    /// True if it counts and can be taken out again.
    pub(super) can_revert: bool,
}

/// Takes out what an import added, and leads back to it.
pub(in crate::dashboard) async fn revert(desk: Desk, id: Path<i64>, _: Sent) -> Answer {
    desk.needs(Role::Editor)?;
    desk.parts.importing.revert(*id, desk.actor(), None, desk.now).await?;
    Ok(desk.lead_to(&format!("/dashboard/imports/{id}#result")))
}

/// Returns where most of some errors may come from, if one cause would explain them.
fn hint(errors: &[RowError]) -> &'static str {
    let unknown = errors.iter().filter(|it| it.code == ErrorCode::UnknownClick).count();
    if unknown * 2 > errors.len() {
        " Most of them name clicks that nobody knows: were the clicks of that time imported, and whole?"
    } else {
        ""
    }
}

/// Returns why a file was refused, as sentences.
pub(in crate::dashboard) fn why_refused(report: &ImportReport) -> String {
    let wrong = match (report.rejected, report.failure.as_ref()) {
        (0, Some(failure)) => return begun(&format!("{}.", failure.message)),
        (0, None) => return String::new(),
        (1, _) => "One row is wrong".to_owned(),
        (many, _) => format!("{} rows are wrong", count(many)),
    };
    format!("{wrong}. Nothing was stored.")
}

/// Tells what became of a file.
pub(super) fn result(import: &CurrentImport) -> ImportResult {
    let report = &import.report;
    let name = &report.file_name;
    let (title, text) = match (import.state, report.duplicate_of) {
        (ImportState::Queued | ImportState::Running, _) => {
            (format!("{name} is under way"), "It counts as a whole, or not at all.".to_owned())
        }
        (ImportState::Failed, _) => (
            format!("{name} was refused"),
            if report.rejected > 0 {
                format!("{} {MENDING}{}", why_refused(report), hint(&report.errors))
            } else {
                why_refused(report)
            },
        ),
        (ImportState::Completed, Some(first)) => (
            format!("{name} changed nothing"),
            format!("The same bytes were stored by import {first} before."),
        ),
        (ImportState::Completed, None) if report.reverted_at_ms.is_some() => (
            format!("{name} was reverted"),
            format!(
                "Nothing of it counts any more. {} took it out; the same file may come in again.",
                report.reverted_by.as_deref().unwrap_or("Somebody")
            ),
        ),
        (ImportState::Completed, None) if report.dry_run => (
            format!("{name} was tried"),
            "Everything was checked, and nothing was stored.".to_owned(),
        ),
        (ImportState::Completed, None) => (
            format!("{name} counts"),
            format!("{} accepted.", counted(report.accepted, "row was", "rows were")),
        ),
    };
    let shown = report.errors.len().min(MOST_ERRORS);
    ImportResult {
        id: report.id.unwrap_or_default(),
        title,
        text,
        facts: vec![
            ("Rows", count(import.rows)),
            ("Accepted", count(report.accepted)),
            ("Duplicate", count(report.duplicates)),
            ("Rejected", count(report.rejected)),
        ],
        rejected: if report.rejected > 0 {
            counted(report.rejected, "rejected row", "rejected rows")
        } else {
            String::new()
        },
        errors: report.errors.iter().take(shown).cloned().collect(),
        errors_about: format!(
            "The first {shown} of {}. The header is line 1.",
            count(report.rejected)
        ),
        notices: report.notices.clone(),
        can_revert: import.state == ImportState::Completed
            && report.kind != ImportKind::Images
            && report.duplicate_of.is_none()
            && report.reverted_at_ms.is_none()
            && !report.dry_run,
    }
}
