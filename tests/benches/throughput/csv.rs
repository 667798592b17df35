//! Rows of clients' files, made by number, so that a file of any length needs no memory.

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::{Path, PathBuf};

use crate::store::{BANNERS, CAMPAIGNS};

/// The kinds of files, in the order in which they are imported.
pub(crate) const KINDS: [Kind; 3] = [Kind::Impressions, Kind::Clicks, Kind::Conversions];

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Impressions,
    Clicks,
    Conversions,
}

/// One row; a conversion has the number of its click.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    pub(crate) number: u32,
    pub(crate) campaign: u32,
    pub(crate) banner: u32,
}

/// So many rows, spread over campaigns and banners as if by chance.
pub(crate) fn records(rows: u32) -> impl Iterator<Item = Record> {
    (0..rows).map(|row| {
        let pair = (row.wrapping_mul(0x9E37_79B1) >> 4) % (CAMPAIGNS * BANNERS);
        Record {
            number: 10_000_000 + row,
            campaign: 1 + pair % CAMPAIGNS,
            banner: 101 + pair / CAMPAIGNS,
        }
    })
}

impl Record {
    /// The same with a number that is so much higher.
    pub(crate) fn moved(self, by: u32) -> Self {
        Self { number: self.number + by, ..self }
    }
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Impressions => "impressions",
            Self::Clicks => "clicks",
            Self::Conversions => "conversions",
        }
    }

    /// Writes `<folder>/<name>_<quarter>.csv` and returns its path.
    pub(crate) fn write(
        self,
        folder: &Path,
        quarter: u8,
        records: impl Iterator<Item = Record>,
    ) -> PathBuf {
        std::fs::create_dir_all(folder).expect("a folder for the file");
        let path = folder.join(format!("{}_{quarter}.csv", self.name()));
        let file = File::create(&path).map(BufWriter::new);
        let written = file.and_then(|it| self.write_lines(it, records));
        written.expect("a file for the rows");
        path
    }

    fn write_lines(
        self,
        mut file: impl Write,
        records: impl Iterator<Item = Record>,
    ) -> Result<()> {
        let header = match self {
            Self::Impressions => "banner_id,campaign_id",
            Self::Clicks => "click_id,banner_id,campaign_id",
            Self::Conversions => "conversion_id,click_id,revenue",
        };
        writeln!(file, "{header}")?;
        for Record { number, campaign, banner } in records {
            match self {
                Self::Impressions => writeln!(file, "{banner},{campaign}")?,
                Self::Clicks => writeln!(file, "{number},{banner},{campaign}")?,
                Self::Conversions => writeln!(file, "{number},{number},{}.25", banner % 9)?,
            }
        }
        file.flush()
    }
}
