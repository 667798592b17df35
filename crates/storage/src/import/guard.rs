//! A reader before the CSV parser, which ends the reading where a file becomes meaningless.
//!
//! The `csv` crate takes everything after an unclosed quote for one field, however long. The guard
//! follows the same rules of quoting (RFC 4180), stops at the first violation, limits fields and
//! records, and knows the line in which each record begins.

use std::collections::VecDeque;
use std::io::{self, Read};

use super::row_error::ErrorCode;

/// The longest field, in bytes.
const FIELD: usize = 4 * 1024;

/// The longest record, in bytes.
const RECORD: usize = 64 * 1024;

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The largest file that may end without a line ending. A larger one was most likely cut off.
const UNTERMINATED: u64 = 64 * 1024;

/// The place and the reason at which a file becomes meaningless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: u64,
    /// The index of the column, from 0.
    pub(super) column: usize,
    pub(super) code: ErrorCode,
    pub(super) message: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CsvState {
    /// Between records. Empty lines are no records.
    Outside,
    FieldStart,
    Plain,
    Quoted,
    /// After a quote in a quoted field, which ends the field or begins a doubled quote.
    Quote,
}

pub(super) struct Guard<R> {
    source: R,
    delimiter: u8,
    bytes_read: u64,
    state: CsvState,
    line: u64,
    after_return: bool,
    column: usize,
    field_bytes: usize,
    record_bytes: usize,
    quote_line: u64,
    /// The lines of the records that were passed on and not yet asked for.
    starts: VecDeque<u64>,
    fault: Option<Fault>,
}

impl<R: Read> Guard<R> {
    /// Makes a guard of text that begins in a line.
    pub(super) fn new(source: R, delimiter: u8, line: u64) -> Self {
        Self {
            source,
            delimiter,
            bytes_read: 0,
            state: CsvState::Outside,
            line,
            after_return: false,
            column: 0,
            field_bytes: 0,
            record_bytes: 0,
            quote_line: 1,
            starts: VecDeque::new(),
            fault: None,
        }
    }

    /// Returns the line in which the next record begins, or `None` if it is broken or there is
    /// none.
    pub(super) fn next_start(&mut self) -> Option<u64> {
        self.starts.pop_front()
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn source(&self) -> &R {
        &self.source
    }

    /// Returns the fault that ended the reading, if one did.
    pub(super) fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// Ends the reading before its begin.
    pub(super) fn refuse(&mut self, fault: Fault) {
        self.fault = Some(fault);
    }

    /// Returns the source, and the fault that ended the reading, if one did.
    pub(super) fn finish(self) -> (R, Option<Fault>) {
        (self.source, self.fault)
    }

    fn follow(&mut self, byte: u8) -> Result<(), Fault> {
        let line_end = byte == b'\n' || byte == b'\r';
        if self.state == CsvState::Outside && !line_end {
            self.starts.push_back(self.line);
            (self.state, self.column) = (CsvState::FieldStart, 0);
            (self.field_bytes, self.record_bytes) = (0, 0);
        }
        self.record_bytes += 1;
        self.field_bytes += 1;
        match (self.state, byte) {
            (_, 0) => return Err(self.flaw(ErrorCode::NulByte, "a NUL byte; this is no text")),
            (CsvState::Quoted, b'"') => self.state = CsvState::Quote,
            (CsvState::Quoted, _) => {}
            (CsvState::FieldStart, b'"') => {
                (self.state, self.quote_line) = (CsvState::Quoted, self.line);
            }
            (CsvState::Quote, b'"') => self.state = CsvState::Quoted,
            (CsvState::FieldStart | CsvState::Plain | CsvState::Quote, byte)
                if byte == self.delimiter =>
            {
                self.state = CsvState::FieldStart;
                self.column += 1;
                self.field_bytes = 0;
            }
            _ if line_end => self.state = CsvState::Outside,
            (CsvState::Quote, _) => {
                let delimiter = match self.delimiter {
                    b'\t' => "a tab".to_owned(),
                    other => format!("`{}`", char::from(other)),
                };
                let message =
                    format!("only {delimiter} or the end of the line may follow a closing quote");
                return Err(self.flaw(ErrorCode::StrayQuote, &message));
            }
            _ => self.state = CsvState::Plain,
        }
        self.count_lines(byte);
        if self.state == CsvState::Outside { Ok(()) } else { self.check_length() }
    }

    fn count_lines(&mut self, byte: u8) {
        if byte == b'\r' || byte == b'\n' && !self.after_return {
            self.line += 1;
        }
        self.after_return = byte == b'\r';
    }

    fn check_length(&self) -> Result<(), Fault> {
        if self.field_bytes > FIELD {
            if self.state == CsvState::Quoted && self.quote_line < self.line {
                return Err(self.unclosed_quote());
            }
            let message = format!("the field is longer than {FIELD} bytes");
            return Err(self.flaw(ErrorCode::FieldTooLong, &message));
        }
        if self.record_bytes > RECORD {
            let message = format!("the row is longer than {RECORD} bytes");
            return Err(self.flaw(ErrorCode::RecordTooLong, &message));
        }
        Ok(())
    }

    fn check_end(&self) -> Result<(), Fault> {
        match self.state {
            CsvState::Outside => Ok(()),
            CsvState::Quoted => Err(self.unclosed_quote()),
            _ if self.bytes_read <= UNTERMINATED => Ok(()),
            _ => {
                let message = "the last line has no line ending, as if the file was cut off; \
                               add one if the file is complete";
                Err(self.flaw(ErrorCode::UnterminatedLastLine, message))
            }
        }
    }

    fn unclosed_quote(&self) -> Fault {
        let fault = self.flaw(ErrorCode::UnclosedQuote, "the quote opened here is not closed");
        Fault { line: self.quote_line, ..fault }
    }

    fn flaw(&self, code: ErrorCode, message: &str) -> Fault {
        let line = self.starts.back().copied().unwrap_or(self.line);
        Fault { line, column: self.column, code, message: message.to_owned() }
    }

    /// Ends the reading, without the record that was begun.
    fn end(&mut self, fault: Fault) {
        self.starts.pop_back();
        self.fault = Some(fault);
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.fault.is_some() {
            return Ok(0);
        }
        let count = self.source.read(buffer)?;
        // The parser leaves a byte order mark out, too.
        let is_marked = self.bytes_read == 0 && buffer[..count].starts_with(MARK);
        let mark = if is_marked { MARK.len() } else { 0 };
        self.bytes_read += count as u64;
        if count == 0
            && self.fault.is_none()
            && let Err(fault) = self.check_end()
        {
            self.end(fault);
        }
        for (position, &byte) in buffer[..count].iter().enumerate().skip(mark) {
            if let Err(fault) = self.follow(byte) {
                self.end(fault);
                return Ok(position);
            }
        }
        Ok(count)
    }
}
