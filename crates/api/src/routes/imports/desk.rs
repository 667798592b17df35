//! Where uploads go.

use std::sync::Arc;

use actix_multipart::form::tempfile::TempFile;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use bams_storage::{
    Actor, ImportFile, ImportOptions, ImportProgress, ImportQueue, ImportReport, ImportState,
    Imports, Once, Snapshots, Submitted,
};

use super::accepted::{accepted, address};
use super::fingerprint::claimed;
use super::resource::Import;
use crate::answer::changed::{replay, respond};
use crate::clock;
use crate::extract::idempotency::IdempotencyKey;
use crate::extract::principal::Principal;
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
            let answer = |report: &ImportReport| accepted(report).stored();
            Once { claim, answer: Box::new(answer) }
        });
        let file = upload(file, principal.actor());
        match self.queue.submit(file, options, clock::unix_millis(), once).await? {
            Submitted::Queued(report) => Ok(respond(accepted(&report))),
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
        let (progress, now) = (Arc::new(ImportProgress::default()), clock::unix_millis());
        let report = self.imports.import(upload(file, sender), options, now, progress).await?;
        self.snapshots.hurry();
        if report.state == ImportState::Failed {
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

fn upload(file: TempFile, sender: Actor) -> ImportFile {
    let name = file.file_name.unwrap_or_default();
    ImportFile::new(file.file.into_file(), &name).sent_by(sender)
}
