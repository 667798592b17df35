//! Finding the import whose rejected rows a file has in mended form.
//!
//! An import with rejected rows keeps the hash of the others and the lines of these. A file that says
//! the same in all other lines is its mended form, also one without these lines. So an impressions
//! file, whose rows have no ids, can be mended and sent again as a whole.
//!
//! Rows with ids need not be left out by their lines, because an id counts once anyway. They must not
//! be if an import left some out as duplicates: those of another import, which may be reverted since.

use std::fs::File;
use std::io;
use std::sync::Arc;

use bams_domain::Quarter;
use csv::ByteRecord;
use data_encoding::HEXLOWER;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use super::column::Column;
use super::content::Content;
use super::error::ImportError;
use super::examined::{Examined, Mends};
use super::header::Header;
use super::job::ImportJob;
use super::kind::ImportKind;
use super::lines::Lines;
use super::notice::ImportNotice;
use super::progress::ImportProgress;
use super::reader::Records;
use super::report::ImportState;
use crate::database::values::corrupt;
use crate::entity::import;
use crate::error::{Attempt, StorageError};

const ACTION: &str = "look for an import to mend";

/// The most imports of a kind and quarter that a file is compared with, the newest ones.
const COMPARED: u64 = 10;

/// The hash of rows: of the fields that are read, whatever parts them.
#[derive(Default)]
pub(super) struct RowDigest(Sha256);

impl RowDigest {
    pub(super) fn add(&mut self, kind: ImportKind, header: &Header, record: &ByteRecord) {
        for column in Column::ALL.into_iter().filter(|column| kind.may_have(*column)) {
            if let Some(position) = header.position(column) {
                let field = record.get(position).unwrap_or_default().trim_ascii();
                self.0.update([column as u8]);
                self.0.update(field.len().to_le_bytes());
                self.0.update(field);
            }
        }
        self.0.update([u8::MAX]);
    }

    pub(super) fn finish(self) -> String {
        HEXLOWER.encode(&self.0.finalize())
    }
}

/// An import with rejected rows.
struct MendableImport {
    import: i64,
    accepted_sha256: String,
    lines: Lines,
    /// True if all that it did not reject counts as its own rows.
    has_all: bool,
}

impl ImportJob {
    /// Finds the import that a file mends, if there is one.
    pub(super) async fn find_mended(&self, file: &mut Examined) -> Result<(), ImportError> {
        file.mends = None;
        file.notices.retain(|it| it.code != super::notice::NoticeCode::Mends);
        if !file.problems.is_empty() {
            return Ok(());
        }
        let database = self.database.reading();
        let candidates = candidates(database, file).await?;
        if candidates.is_empty() {
            return Ok(());
        }
        let (content, limit, kind) = (Arc::clone(&self.file), self.limit, file.kind);
        let progress = self.progress.unseen();
        let comparing = move || compare(&content, limit, &progress, kind, candidates);
        let compared = spawn_blocking(comparing).await.map_err(|_| self.interrupted())?;
        let unreadable = |source| ImportError::of_reading(&self.file_name, limit, source);
        if let Some(mends) = compared.map_err(unreadable)? {
            let mends = latest(database, mends).await?;
            let rows = mends.lines.as_ref().map(Lines::count);
            file.notices.push(ImportNotice::mends(mends.import, rows));
            file.mends = Some(mends);
        }
        Ok(())
    }
}

/// Returns the newest imports with rejected rows that are of the kind and quarter of a file.
async fn candidates<C: ConnectionTrait>(
    database: &C,
    file: &Examined,
) -> Result<Vec<MendableImport>, StorageError> {
    use import::Column;
    let of_quarter = match file.quarter.map(Quarter::number) {
        Some(number) => Column::Quarter.eq(number),
        None => Column::Quarter.is_null(),
    };
    let rows = import::Entity::find()
        .filter(Column::AcceptedSha256.is_not_null())
        .filter(Column::Kind.eq(file.kind.name()))
        .filter(of_quarter)
        .filter(Column::State.eq(ImportState::Completed.name()))
        .filter(Column::RevertedAt.is_null())
        .order_by_desc(Column::Id)
        .limit(COMPARED)
        .all(database)
        .await
        .attempt(ACTION)?;
    rows.into_iter().filter_map(candidate).collect()
}

fn candidate(row: import::Model) -> Option<Result<MendableImport, StorageError>> {
    let has_all = has_all(&row);
    let accepted_sha256 = row.accepted_sha256?;
    let lines = lines(row.rejected_lines.as_deref());
    Some(lines.map(|lines| MendableImport { import: row.id, accepted_sha256, lines, has_all }))
}

/// Returns true if an import has all rows that it did not reject, or if they have no ids, so that they
/// cannot be those of another.
fn has_all(row: &import::Model) -> bool {
    let has_ids = row.kind.parse().is_ok_and(ImportKind::has_ids);
    !has_ids || row.duplicates == 0
}

fn lines(text: Option<&str>) -> Result<Lines, StorageError> {
    let text = text.unwrap_or_default();
    text.parse().map_err(|_| corrupt("imports", "rejected_lines", text))
}

/// Returns what a file mends among some imports.
fn compare(
    file: &File,
    limit: u64,
    progress: &ImportProgress,
    kind: ImportKind,
    candidates: Vec<MendableImport>,
) -> io::Result<Option<Mends>> {
    let mut records = Records::open(Content::of(file, limit, progress)?)?;
    let Some(header) = records.header()? else { return Ok(None) };
    let mut all = RowDigest::default();
    let mut others: Vec<RowDigest> = candidates.iter().map(|_| RowDigest::default()).collect();
    while let Some((line, record)) = records.next_row()? {
        all.add(kind, &header, record);
        for (candidate, digest) in candidates.iter().zip(&mut others) {
            if !candidate.lines.has(line) {
                digest.add(kind, &header, record);
            }
        }
    }
    let whole_sha256 = all.finish();
    let digests = others.into_iter().map(RowDigest::finish);
    let mut compared = candidates.into_iter().zip(digests);
    Ok(compared.find_map(|(candidate, others_sha256)| {
        let MendableImport { import, accepted_sha256, lines, has_all } = candidate;
        let left = if accepted_sha256 == others_sha256 {
            lines
        } else if accepted_sha256 == whole_sha256 {
            // The lines were removed instead of mended.
            Lines::default()
        } else {
            return None;
        };
        Some(Mends { import, lines: has_all.then_some(left) })
    }))
}

/// Follows imports that mend each other to the last one, whose rejected rows are those that are left.
async fn latest<C: ConnectionTrait>(database: &C, mut mends: Mends) -> Result<Mends, StorageError> {
    use import::Column;
    loop {
        let mender = import::Entity::find()
            .filter(Column::Mends.eq(mends.import))
            .filter(Column::State.eq(ImportState::Completed.name()))
            .filter(Column::DryRun.eq(false))
            .filter(Column::DuplicateOf.is_null())
            .filter(Column::RevertedAt.is_null())
            .order_by_desc(Column::Id)
            .one(database)
            .await
            .attempt(ACTION)?;
        let Some(mender) = mender else { return Ok(mends) };
        let rejected = lines(mender.rejected_lines.as_deref())?;
        let left = |before| if before == Lines::default() { before } else { rejected };
        let lines = mends.lines.filter(|_| has_all(&mender)).map(left);
        mends = Mends { import: mender.id, lines };
    }
}
