//! The rows of a file as typed values.

use bams_domain::{BannerId, CampaignId, Quarter, Revenue, Slot};
use csv::ByteRecord;

use super::banner_field;
use super::column::Column;
use super::field::{self, FieldFlaw};
use super::formula;
use super::header::Header;
use super::kind::ImportKind;
use super::moment::ToldTime;
use super::row_error::{ErrorCode, RowError};

/// The key of a row of performance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Account {
    pub(super) campaign: CampaignId,
    pub(super) banner: BannerId,
    pub(super) slot: Slot,
}

/// Impressions of one account.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileImpressions {
    pub(super) account: Account,
    pub(super) count: u64,
}

#[derive(Debug)]
pub(super) struct FileClick {
    pub(super) line: u64,
    pub(super) id: String,
    pub(super) account: Account,
}

#[derive(Debug)]
pub(super) struct FileConversion {
    pub(super) line: u64,
    pub(super) id: String,
    pub(super) click: String,
    pub(super) revenue: Revenue,
    pub(super) slot: Slot,
    /// True if the row tells when it happened.
    pub(super) told_time: bool,
}

#[derive(Debug)]
pub(super) struct FileImage {
    pub(super) banner: Option<BannerId>,
    pub(super) key: String,
    pub(super) name: Option<String>,
    pub(super) landing_url: Option<String>,
    pub(super) alt: Option<String>,
    pub(super) tags: Option<Vec<String>>,
}

/// Some rows of one kind, in the order of the file.
#[derive(Debug)]
pub(super) enum Rows {
    Images(Vec<FileImage>),
    Impressions(Vec<FileImpressions>),
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
            Self::Impressions(rows) => rows.push(record.impressions()?),
            Self::Clicks(rows) => {
                let id = record.read(Column::ClickId, field::click_id)?;
                rows.push(FileClick { line: record.line, id, account: record.account()? });
            }
            Self::Conversions(rows) => rows.push(record.conversion()?),
        }
        Ok(())
    }
}

/// How far ahead a moment may be, in seconds, because clocks differ.
const AHEAD: i64 = 300;

/// When the rows of a file happened, unless they tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileTime {
    /// The moment of the import, in seconds since 1970.
    pub(super) unix_seconds: i64,
    /// The quarter of all rows, if the name of the file or its sender tells it.
    pub(super) quarter: Option<Quarter>,
    /// The first slot that takes rows, if older ones are summed up.
    pub(super) from: Option<Slot>,
}

impl FileTime {
    /// Returns true if a slot takes no rows any more.
    fn is_over(&self, slot: Slot) -> bool {
        self.from.is_some_and(|from| slot < from)
    }
}

/// A record of a file with its header.
pub(super) struct Record<'a> {
    pub(super) line: u64,
    pub(super) header: &'a Header,
    pub(super) time: FileTime,
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
        value(formula::original(text)).map_err(|flaw| self.error(position, flaw))
    }

    /// Reads the value in a column, or `None` if the header lacks it.
    fn read_if_any<T>(
        &self,
        column: Column,
        value: impl FnOnce(&str) -> Result<Option<T>, FieldFlaw>,
    ) -> Result<Option<T>, RowError> {
        match self.header.position(column) {
            Some(_) => self.read(column, value),
            None => Ok(None),
        }
    }

    /// Returns the slot of the row, and whether the row tells its day.
    fn slot(&self) -> Result<(Slot, bool), RowError> {
        let now = self.time.unix_seconds;
        let own = self.read_if_any(Column::Quarter, |text| match text.trim_matches(' ') {
            "" => Ok(None),
            text => field::quarter(text).map(Some),
        })?;
        let of_file = self.time.quarter;
        if let Some((own, of_file)) = own.zip(of_file)
            && own != of_file
        {
            let says =
                format!("the row says quarter {own}, the file's name or its sender {of_file}");
            return Err(self.flawed(Column::Quarter, ErrorCode::ConflictingQuarter, says));
        }
        let quarter = own.or(of_file);
        let at = Column::OccurredAt;
        let told = self.read_if_any(at, field::occurred_at)?;
        if let Some(ToldTime::Day(start) | ToldTime::Moment(start)) = told
            && start > now.saturating_add(AHEAD)
        {
            let says = "the row lies more than five minutes ahead".to_owned();
            return Err(self.flawed(at, ErrorCode::InFuture, says));
        }
        if let Some(ToldTime::Moment(moment)) = told {
            let told = Quarter::at(moment);
            return match quarter.filter(|quarter| *quarter != told) {
                None => Ok((self.taken(Slot::at(moment))?, true)),
                Some(other) => {
                    let says = format!("the row's time is in quarter {told}, not in {other}");
                    Err(self.flawed(at, ErrorCode::ConflictingQuarter, says))
                }
            };
        }
        let quarter = quarter.ok_or_else(|| {
            let says = "nothing tells the quarter of the hour: add a time of day, or name it \
                        (1 to 4) in a column `quarter_hour`, in the file's name or beside it";
            self.flawed(at, ErrorCode::MissingQuarter, says.to_owned())
        })?;
        match told {
            Some(ToldTime::Day(start)) => Ok((self.taken(Slot::in_hour_of(start, quarter))?, true)),
            _ => Ok((Slot::in_hour_of(now, quarter), false)),
        }
    }

    /// Returns a slot that a row tells, unless it is summed up.
    fn taken(&self, slot: Slot) -> Result<Slot, RowError> {
        if !self.time.is_over(slot) {
            return Ok(slot);
        }
        let says = "what happened at that time is summed up, and takes no more rows".to_owned();
        Err(self.flawed(Column::OccurredAt, ErrorCode::TooOld, says))
    }

    /// Makes the error of the value in a column, or of another column that has what it lacks.
    fn flawed(&self, column: Column, code: ErrorCode, message: String) -> RowError {
        let position = self.header.position(column);
        let position = position.or_else(|| self.header.position(Column::Quarter));
        self.error(position.unwrap_or_default(), FieldFlaw { code, message })
    }

    fn impressions(&self) -> Result<FileImpressions, RowError> {
        let account = self.account()?;
        let count = match self.header.position(Column::Impressions) {
            Some(_) => self.read(Column::Impressions, field::impressions)?,
            None => 1,
        };
        Ok(FileImpressions { account, count })
    }

    fn account(&self) -> Result<Account, RowError> {
        Ok(Account {
            banner: self.read(Column::BannerId, field::number).map(BannerId)?,
            campaign: self.read(Column::CampaignId, field::number).map(CampaignId)?,
            slot: self.slot()?.0,
        })
    }

    fn conversion(&self) -> Result<FileConversion, RowError> {
        let decimal_comma = self.header.has_decimal_comma();
        let revenue = |text: &str| field::revenue(text, decimal_comma);
        let (id, click) = (
            self.read(Column::ConversionId, field::conversion_id)?,
            self.read(Column::ClickId, field::click_id)?,
        );
        let revenue = self.read(Column::Revenue, revenue)?;
        let (slot, told_time) = self.slot()?;
        Ok(FileConversion { line: self.line, id, click, revenue, slot, told_time })
    }

    fn image(&self) -> Result<FileImage, RowError> {
        let key = self.read(Column::Url, banner_field::object_key)?;
        let banner = match self.header.position(Column::Id) {
            Some(_) => self.read(Column::Id, |text| match text.trim_matches(' ') {
                "" => Ok(banner_field::banner_in_key(&key)),
                text => field::number(text).map(|number| Some(BannerId(number))),
            })?,
            None => banner_field::banner_in_key(&key),
        };
        Ok(FileImage {
            banner,
            key,
            name: self.read_if_any(Column::Name, banner_field::name)?,
            landing_url: self.read_if_any(Column::LandingUrl, banner_field::landing_url)?,
            alt: self.read_if_any(Column::Alt, banner_field::alt)?,
            tags: self.read_if_any(Column::Tags, banner_field::tags)?,
        })
    }
}
