//! Where uploads go.

use std::sync::Arc;

use actix_multipart::form::tempfile::TempFile;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use bams_storage::{
    Actor, ImportFile, ImportOptions, ImportQueue, ImportReport, Imports, Once, Progress,
    QueueError, Snapshots, State, Submitted,
};

use super::claim::claimed;
use super::resource::Import;
use crate::changing::{Answer, IdempotencyKey, replay, respond};
use crate::clock;
use crate::principal::Principal;
use crate::problem::{ApiError, LineError};

/// Takes uploads.
#[derive(Clone)]
pub(crate) struct ImportDesk {
    pub(crate) imports: Imports,
    pub(crate) queue: ImportQueue,
    pub(crate) snapshots: Arc<Snapshots>,
}

impl ImportDesk {
    /// Queues a file and answers at once.
    pub(super) async fn queue(
        &self,
        file: TempFile,
        principal: &Principal,
        options: ImportOptions,
        key: IdempotencyKey,
    ) -> Result<HttpResponse, ApiError> {
        let (file, claim) = claimed(file, principal, options, key).await?;
        let once = claim.map(|claim| {
            let answer = |report: &ImportReport| answer(report).stored();
            Once { claim, answer: Box::new(answer) }
        });
        let file = upload(file, principal.actor());
        match self.queue.submit(file, options, clock::unix_millis(), once).await? {
            Submitted::Queued(report) => Ok(respond(answer(&report))),
            Submitted::Answered(answer) => Ok(replay(answer)),
            Submitted::Reused => Err(ApiError::IdempotencyKeyReused),
        }
    }

    /// Imports a file and answers what became of it.
    pub(super) async fn import(
        &self,
        file: TempFile,
        sender: Actor,
        options: ImportOptions,
    ) -> Result<HttpResponse, ApiError> {
        let (progress, now) = (Arc::new(Progress::default()), clock::unix_millis());
        let report = self.imports.import(upload(file, sender), options, now, progress).await?;
        self.snapshots.hurry();
        if report.state == State::Failed {
            let errors = report.errors.into_iter().map(LineError::from).collect();
            return Err(ApiError::ImportRefused { total: report.rejected, errors });
        }
        let changed = report.duplicate_of.is_none();
        let status = if changed { StatusCode::CREATED } else { StatusCode::OK };
        let mut response = HttpResponse::build(status);
        if let Some(id) = report.id {
            response.insert_header((LOCATION, address(id)));
        }
        Ok(response.json(Import::of(report, None)))
    }
}

/// What an import that was queued is answered.
fn answer(report: &ImportReport) -> Answer {
    let location = address(report.id.unwrap_or_default());
    Answer::accepted(location, &Import::of(report.clone(), None))
}

fn upload(file: TempFile, sender: Actor) -> ImportFile {
    let name = file.file_name.unwrap_or_default();
    ImportFile::new(file.file.into_file(), &name).sent_by(sender)
}

fn address(import: i64) -> String {
    format!("/api/v1/imports/{import}")
}

impl From<QueueError> for ApiError {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::Import(error) => error.into(),
            busy @ (QueueError::Full | QueueError::Closed) => Self::ImportsBusy(busy.to_string()),
        }
    }
}

/// Proof that an upload is worth reading: the queue has room.
pub(crate) struct Room;

impl FromRequest for Room {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let desk = request.app_data::<web::Data<ImportDesk>>();
        let room = desk.map_or(Err(QueueError::Closed), |it| it.queue.has_room());
        std::future::ready(room.map(|()| Self).map_err(ApiError::from))
    }
}
