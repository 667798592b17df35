//! CSV for programs and spreadsheets (RFC 4180).

use std::io::Write;

pub(crate) use bams_storage::harmless as safe;
use csv::{Terminator, Writer, WriterBuilder};

/// Returns a writer of records that end as RFC 4180 demands.
pub(crate) fn writer<W: Write>(out: W) -> Writer<W> {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out)
}
