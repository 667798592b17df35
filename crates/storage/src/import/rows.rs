//! The rows of a file as typed values.

use bams_domain::{BannerId, CampaignId, Quarter, Revenue, Slot};
use csv::ByteRecord;

use super::column::Column;
use super::field::{self, FieldFlaw};
use super::header::Header;
use super::kind::ImportKind;
use super::row_error::{ErrorCode, RowError};

/// The key of a row of performance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Account {
    pub(super) campaign: CampaignId,
    pub(super) banner: BannerId,
    pub(super) slot: Slot,
}

#[derive(Debug)]
pub(super) struct FileClick {
    pub(super) line: u64,
    pub(super) id: i64,
    pub(super) account: Account,
}

#[derive(Debug)]
pub(super) struct FileConversion {
    pub(super) line: u64,
    pub(super) id: String,
    pub(super) click: String,
    pub(super) revenue: Revenue,
    pub(super) slot: Slot,
}

#[derive(Debug)]
pub(super) struct FileImage {
    pub(super) banner: Option<BannerId>,
    pub(super) key: String,
    pub(super) name: Option<String>,
}

/// Some rows of one kind, in the order of the file.
#[derive(Debug)]
pub(super) enum Rows {
    Images(Vec<FileImage>),
    Impressions(Vec<Account>),
    Clicks(Vec<FileClick>),
    Conversions(Vec<FileConversion>),
}

impl Rows {
    pub(super) fn none(kind: ImportKind) -> Self {
        match kind {
            ImportKind::Images => Self::Images(Vec::new()),
            ImportKind::Impressions => Self::Impressions(Vec::new()),
            ImportKind::Clicks => Self::Clicks(Vec::new()),
            ImportKind::Conversions => Self::Conversions(Vec::new()),
        }
    }

    /// Reads one more row.
    pub(super) fn add(&mut self, record: &Record<'_>) -> Result<(), RowError> {
        record.check_width()?;
        match self {
            Self::Images(rows) => rows.push(record.image()?),
            Self::Impressions(rows) => rows.push(record.account()?),
            Self::Clicks(rows) => {
                let id = record.read(Column::ClickId, field::event_id)?;
                rows.push(FileClick { line: record.line, id, account: record.account()? });
            }
            Self::Conversions(rows) => rows.push(record.conversion()?),
        }
        Ok(())
    }
}

/// When the rows of a file happened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hour {
    /// A moment in the hour of the rows, in seconds since 1970: that of the import.
    pub(super) unix_seconds: i64,
    /// The quarter of all rows, unless the file has a column for it.
    pub(super) quarter: Quarter,
}

/// A record of a file with its header.
pub(super) struct Record<'a> {
    pub(super) line: u64,
    pub(super) header: &'a Header,
    pub(super) hour: Hour,
    pub(super) fields: &'a ByteRecord,
}

impl Record<'_> {
    fn error(&self, position: usize, FieldFlaw { code, message }: FieldFlaw) -> RowError {
        RowError { line: self.line, column: self.header.name(position), code, message }
    }

    fn check_width(&self) -> Result<(), RowError> {
        let (found, wanted) = (self.fields.len(), self.header.width());
        let code = match found.cmp(&wanted) {
            std::cmp::Ordering::Equal => return Ok(()),
            std::cmp::Ordering::Less => ErrorCode::MissingField,
            std::cmp::Ordering::Greater => ErrorCode::TooManyFields,
        };
        let message = format!("the row has {found} fields, the header {wanted}");
        Err(self.error(found.min(wanted), FieldFlaw { code, message }))
    }

    /// Reads the value in a column that the header has.
    fn read<T>(
        &self,
        column: Column,
        value: impl FnOnce(&str) -> Result<T, FieldFlaw>,
    ) -> Result<T, RowError> {
        let position = self.header.position(column).unwrap_or(usize::MAX);
        let bytes = self.fields.get(position).unwrap_or_default();
        let text = str::from_utf8(bytes).map_err(|_| {
            let message = "the field is not UTF-8".to_owned();
            self.error(position, FieldFlaw { code: ErrorCode::NotUtf8, message })
        })?;
        value(text).map_err(|flaw| self.error(position, flaw))
    }

    fn slot(&self) -> Result<Slot, RowError> {
        let quarter = match self.header.position(Column::Quarter) {
            Some(_) => self.read(Column::Quarter, field::quarter)?,
            None => self.hour.quarter,
        };
        Ok(Slot::in_hour_of(self.hour.unix_seconds, quarter))
    }

    fn account(&self) -> Result<Account, RowError> {
        Ok(Account {
            banner: self.read(Column::BannerId, field::number).map(BannerId)?,
            campaign: self.read(Column::CampaignId, field::number).map(CampaignId)?,
            slot: self.slot()?,
        })
    }

    fn conversion(&self) -> Result<FileConversion, RowError> {
        Ok(FileConversion {
            line: self.line,
            id: self.read(Column::ConversionId, field::conversion_id)?,
            click: self.read(Column::ClickId, field::click_id)?,
            revenue: self.read(Column::Revenue, field::revenue)?,
            slot: self.slot()?,
        })
    }

    fn image(&self) -> Result<FileImage, RowError> {
        let key = self.read(Column::Url, field::object_key)?;
        let banner = match self.header.position(Column::Id) {
            Some(_) => self.read(Column::Id, |text| match text.trim_matches(' ') {
                "" => Ok(field::banner_in_key(&key)),
                text => field::number(text).map(|number| Some(BannerId(number))),
            })?,
            None => field::banner_in_key(&key),
        };
        let name = match self.header.position(Column::Name) {
            Some(_) => self.read(Column::Name, field::name)?,
            None => None,
        };
        Ok(FileImage { banner, key, name })
    }
}
