//! Imports: files dropped at once, their progress, what became of each, and the history.

mod form;
mod result;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Path;
use askama::Template;
use bams_app::importing::CurrentImport;
use bams_domain::Quarter;
use bams_storage::{
    After, ImportFilter, ImportPhase, ImportState, OnError, PageRequest, Role, SortValue,
};

pub(super) use self::form::upload;
use self::result::{ImportResult, result};
pub(super) use self::result::{revert, why_refused};
use super::desk::{Answer, Desk};
use super::fields::{Asked, Fields};
use super::frame::{Frame, Section};
use super::html::{Html, Shape};
use super::numbers::{bytes, count, counted, minutes};
use crate::problem::ApiError;
use crate::routes::imports::rejected;

/// How many imports a page lists.
const ON_A_PAGE: u64 = 25;

/// How many imports under way are told.
const MOST_UNDER_WAY: u64 = 50;

#[derive(Template)]
#[template(path = "dashboard/imports.html")]
struct ImportsPage {
    frame: Frame,
    largest: String,
    /// The same, in bytes.
    most: usize,
    quarters: Vec<(u8, &'static str)>,
    refused: Vec<String>,
    /// True if bad rows are left out unless the form is changed.
    leaves_out: bool,
    /// True if the page is asked for again until nothing is under way.
    is_live: bool,
    under_way: Vec<UnderWay>,
    result: Option<ImportResult>,
    states: Vec<StateLink>,
    rows: Vec<ImportRow>,
    zone: String,
    first: Option<String>,
    next: Option<String>,
}

/// An import that waits or runs.
struct UnderWay {
    name: String,
    about: String,
    percent: String,
    done: u64,
    of: u64,
    text: String,
}

/// A state to filter by.
struct StateLink {
    word: &'static str,
    address: String,
    is_current: bool,
}

/// An import of the history.
struct ImportRow {
    id: i64,
    name: String,
    about: String,
    state: Html,
    detail: String,
    rows: String,
    accepted: String,
    duplicates: String,
    rejected: String,
    has_rejected: bool,
    when: String,
    took: String,
}

/// Shows the imports.
pub(super) async fn show(desk: Desk, Asked(asked): Asked) -> Answer {
    desk.imports(&asked, None, StatusCode::OK, Vec::new()).await
}

/// Shows what became of an import, above the others.
pub(super) async fn show_one(desk: Desk, id: Path<i64>, Asked(asked): Asked) -> Answer {
    let import = desk.parts.importing.read(*id).await?;
    desk.imports(&asked, Some(import), StatusCode::OK, Vec::new()).await
}

/// Hands over the rejected rows of an import as a file.
pub(super) async fn rejected_rows(desk: Desk, id: Path<i64>) -> Answer {
    desk.needs(Role::Editor)?;
    let (name, text) = rejected::file(&desk.parts.importing, *id).await?;
    let name = format!("attachment; filename=\"{name}\"");
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, name))
        .body(text))
}

impl Desk {
    async fn imports(
        &self,
        asked: &Fields,
        import: Option<CurrentImport>,
        status: StatusCode,
        refused: Vec<String>,
    ) -> Answer {
        let state = ImportState::ALL.into_iter().find(|it| it.name() == asked.text("state"));
        let after = asked.read::<i64>("after");
        let number = |id: i64| After { value: SortValue::Number(id), id: SortValue::Number(id) };
        let filter = ImportFilter { state, ..ImportFilter::default() };
        let page =
            PageRequest { sort: (), descending: true, after: after.map(number), limit: ON_A_PAGE };
        let found = self.parts.importing.list(&filter, &page).await?;
        let last = found.items.last().and_then(|it| it.report.id).unwrap_or_default();
        let under_way = self.under_way().await?;
        // An import that ends between the two questions is under way here and not there.
        let is_running = import.as_ref().is_some_and(CurrentImport::is_under_way);
        let page = ImportsPage {
            frame: self.frame(Section::Imports, "Imports"),
            largest: bytes(self.parts.dashboard.node.max_import_bytes as u64),
            most: self.parts.dashboard.node.max_import_bytes,
            quarters: Quarter::ALL.map(|it| (it.number(), minutes(it))).into(),
            refused,
            leaves_out: asked.text("on_error") == OnError::Skip.name(),
            is_live: is_running || !under_way.is_empty(),
            under_way,
            result: import.map(|it| result(&it)),
            states: states(asked, state),
            rows: found.items.iter().map(|it| row(self, it)).collect(),
            zone: self.browser.zone.name().to_owned(),
            first: after.map(|_| asked.with(&[("after", "")])),
            next: found.next.map(|_| asked.with(&[("after", &last.to_string())])),
        };
        self.answer_with(status, &page)
    }

    /// Returns the imports that wait or run, in their order.
    async fn under_way(&self) -> Result<Vec<UnderWay>, ApiError> {
        let mut all: Vec<CurrentImport> = Vec::new();
        // Those that wait first: one that begins between the two questions is
        // found twice, in the other order it would not be found at all.
        for state in [ImportState::Queued, ImportState::Running] {
            let filter = ImportFilter { state: Some(state), ..ImportFilter::default() };
            let page =
                PageRequest { sort: (), descending: false, after: None, limit: MOST_UNDER_WAY };
            let found = self.parts.importing.list(&filter, &page).await?.items;
            all.retain(|it| found.iter().all(|other| other.report.id != it.report.id));
            all.extend(found);
        }
        all.sort_by_key(|it| (it.phase.is_none(), it.report.id));
        Ok(all.iter().enumerate().map(|(index, it)| under_way(it, index)).collect())
    }
}

fn about(import: &CurrentImport) -> String {
    let report = &import.report;
    let quarter = report.quarter.map_or_else(String::new, |it| format!(", quarter {it}"));
    let trial = if report.dry_run { ", only tried" } else { "" };
    format!("{}{quarter}{trial}", report.kind.name())
}

fn under_way(import: &CurrentImport, before: usize) -> UnderWay {
    let report = &import.report;
    let of = report.bytes.max(1);
    let done = import.bytes.min(of);
    let text = match import.phase {
        None if before == 0 => "Uploaded, begins now".to_owned(),
        None => format!("Uploaded, waits for {}", counted(before as u64, "file", "files")),
        Some(ImportPhase::Booking) => {
            format!("Uploaded, checked, booking row {}", count(import.rows))
        }
        Some(_) => format!("Uploaded, checking {} of {}", bytes(done), bytes(of)),
    };
    UnderWay {
        name: report.file_name.clone(),
        about: about(import),
        percent: if import.phase.is_some() {
            format!("{} %", done * 100 / of)
        } else {
            String::new()
        },
        done,
        of,
        text,
    }
}

fn states(asked: &Fields, current: Option<ImportState>) -> Vec<StateLink> {
    let all = [
        ("All", None),
        ("Completed", Some(ImportState::Completed)),
        ("Refused", Some(ImportState::Failed)),
    ];
    let link = |(word, state): (&'static str, Option<ImportState>)| StateLink {
        word,
        address: asked.with(&[("state", state.map_or("", ImportState::name)), ("after", "")]),
        is_current: state == current,
    };
    all.map(link).into()
}

fn row(desk: &Desk, import: &CurrentImport) -> ImportRow {
    let report = &import.report;
    let (shape, word) = match import.state {
        ImportState::Queued => (Shape::NotStarted, "Waits"),
        ImportState::Running => (Shape::Draft, "Under way"),
        ImportState::Completed => (Shape::Good, "Completed"),
        ImportState::Failed => (Shape::Bad, "Refused"),
    };
    #[expect(clippy::cast_precision_loss, reason = "one decimal is told")]
    let seconds = |end: i64| (end - report.created_at_ms).max(0) as f64 / 1000.0;
    ImportRow {
        id: report.id.unwrap_or_default(),
        name: report.file_name.clone(),
        about: format!("{} · {}", report.id.unwrap_or_default(), about(import)),
        state: shape.status(word),
        detail: match (report.reverted_at_ms, report.duplicate_of) {
            (Some(_), _) => "reverted, counts no more".to_owned(),
            (None, Some(first)) => format!("same bytes as {first}, nothing changed"),
            (None, None) => String::new(),
        },
        rows: count(import.rows),
        accepted: count(report.accepted),
        duplicates: count(report.duplicates),
        rejected: count(report.rejected),
        has_rejected: report.rejected > 0,
        when: desk.browser.zone.stamp(report.created_at_ms, desk.now),
        took: report
            .finished_at_ms
            .map_or_else(String::new, |end| format!("{:.1} s", seconds(end))),
    }
}
