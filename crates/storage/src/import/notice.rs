//! What a sender should know about a file that is no error.

use serde::{Deserialize, Serialize};

/// The most notices of a file that its report lists.
const LISTED: usize = 100;

/// The longest name of a campaign that a message repeats, in characters.
const NAME: usize = 80;

/// Something about a file that its sender should know, and that is no error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportNotice {
    /// What it is about, for programs.
    pub code: NoticeCode,
    /// The same for people, in one sentence.
    pub message: String,
    /// The line of the file, from 1 on, if it is about one.
    pub line: Option<u64>,
}

/// What a notice is about. JSON has the name in snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeCode {
    /// A column has a name that means nothing for this kind of file.
    UnknownColumn,
    /// Rows count for a campaign that somebody made by hand.
    JoinedCampaign,
    /// Lines above the header were left out.
    TitleLeftOut,
    /// The last rows are totals and were left out.
    TotalsLeftOut,
    /// The file is the mended form of an earlier one.
    Mends,
    /// An import was reverted, and this later one left rows out because that one had them.
    MayComeAgain,
}

impl NoticeCode {
    /// Every code.
    pub const ALL: [Self; 6] = [
        Self::UnknownColumn,
        Self::JoinedCampaign,
        Self::TitleLeftOut,
        Self::TotalsLeftOut,
        Self::Mends,
        Self::MayComeAgain,
    ];

    /// Returns the name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownColumn => "unknown_column",
            Self::JoinedCampaign => "joined_campaign",
            Self::TitleLeftOut => "title_left_out",
            Self::TotalsLeftOut => "totals_left_out",
            Self::Mends => "mends",
            Self::MayComeAgain => "may_come_again",
        }
    }
}

impl ImportNotice {
    pub(super) fn unknown_column(line: u64, name: &str) -> Self {
        Self::at(line, NoticeCode::UnknownColumn, format!("column {name} is not read"))
    }

    pub(super) fn title_left_out(first: u64, last: u64) -> Self {
        let message = if first == last {
            format!("line {first} above the header was left out")
        } else {
            format!("lines {first} to {last} above the header were left out")
        };
        Self::at(first, NoticeCode::TitleLeftOut, message)
    }

    pub(super) fn totals_left_out(line: u64, rows: usize) -> Self {
        let message = match rows {
            1 => format!("line {line} is a total and was left out"),
            more => format!("{more} rows from line {line} on are totals and were left out"),
        };
        Self::at(line, NoticeCode::TotalsLeftOut, message)
    }

    pub(super) fn joined_campaign(campaign: i64, name: &str) -> Self {
        let name: String = name.chars().take(NAME).collect();
        let message = format!("joined campaign {campaign} {name}");
        Self { code: NoticeCode::JoinedCampaign, message, line: None }
    }

    /// Makes the notice of a mended file, of which so many rows are looked at, or all.
    pub(super) fn mends(import: i64, rows: Option<u64>) -> Self {
        let looked_at = match rows {
            None => ": its rows that are there already are left out".to_owned(),
            Some(0) => ", of which no row was left to mend".to_owned(),
            Some(1) => ": only the row that it rejected is looked at".to_owned(),
            Some(more) => format!(": only the {more} rows that it rejected are looked at"),
        };
        let message = format!("mends import {import}{looked_at}");
        Self { code: NoticeCode::Mends, message, line: None }
    }

    pub(super) fn may_come_again(import: i64, file_name: &str, rows: u64) -> Self {
        let message = format!(
            "import {import} (`{file_name}`) left {rows} duplicates out: import its file again if \
             this import had them"
        );
        Self { code: NoticeCode::MayComeAgain, message, line: None }
    }

    fn at(line: u64, code: NoticeCode, message: String) -> Self {
        Self { code, message, line: Some(line) }
    }
}

/// Adds notices, up to those that a report lists.
pub(super) fn add(notices: &mut Vec<ImportNotice>, more: impl IntoIterator<Item = ImportNotice>) {
    let room = LISTED.saturating_sub(notices.len());
    notices.extend(more.into_iter().take(room));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_called_in_json_what_its_name_says() {
        for code in NoticeCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.name());
        }
    }
}
