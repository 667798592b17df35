//! A reader before the CSV parser, which ends the reading where a file becomes meaningless.
//!
//! The `csv` crate takes everything after an unclosed quote for one field, however long. The guard
//! follows the same rules of quoting (RFC 4180), stops at the first violation, limits fields and
//! records, knows the line in which each record begins, and computes the SHA-256.

use std::collections::VecDeque;
use std::io::{self, Read};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::row_error::ErrorCode;

/// The longest field, in bytes.
const FIELD: usize = 4 * 1024;

/// The longest record, in bytes.
const RECORD: usize = 64 * 1024;

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
    digest: Sha256,
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
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            digest: Sha256::new(),
            bytes_read: 0,
            state: CsvState::Outside,
            line: 1,
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

    /// Returns the SHA-256 of the bytes read, in hex, and the fault that ended the reading, if one
    /// did.
    pub(super) fn finish(self) -> (String, Option<Fault>) {
        (HEXLOWER.encode(&self.digest.finalize()), self.fault)
    }

    /// Reads the first bytes, and returns their number and how many of them are a byte order mark.
    /// The parser leaves the mark out too, but only if it arrives in one piece.
    fn read_opening(&mut self, buffer: &mut [u8]) -> io::Result<(usize, usize)> {
        let mut count = 0;
        while count < buffer.len().min(4) {
            match self.source.read(&mut buffer[count..])? {
                0 => break,
                more => count += more,
            }
        }
        let wide = match buffer[..count] {
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => true,
            [first, second, ..] => (first == 0) != (second == 0),
            _ => false,
        };
        if wide {
            let message = "the file looks like UTF-16; save it as UTF-8".to_owned();
            self.fault = Some(Fault { line: 1, column: 0, code: ErrorCode::NotUtf8, message });
            return Ok((0, 0));
        }
        let marked = buffer[..count].starts_with(b"\xEF\xBB\xBF");
        Ok((count, if marked { 3 } else { 0 }))
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
            (_, 0) => return Err(self.fault(ErrorCode::NulByte, "a NUL byte; this is no text")),
            (CsvState::Quoted, b'"') => self.state = CsvState::Quote,
            (CsvState::Quoted, _) => {}
            (CsvState::FieldStart, b'"') => {
                (self.state, self.quote_line) = (CsvState::Quoted, self.line);
            }
            (CsvState::Quote, b'"') => self.state = CsvState::Quoted,
            (CsvState::FieldStart | CsvState::Plain | CsvState::Quote, b',') => {
                self.state = CsvState::FieldStart;
                self.column += 1;
                self.field_bytes = 0;
            }
            _ if line_end => self.state = CsvState::Outside,
            (CsvState::Quote, _) => {
                let message = "only a comma or the end of the line may follow a closing quote";
                return Err(self.fault(ErrorCode::StrayQuote, message));
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
            return Err(self.fault(ErrorCode::FieldTooLong, &message));
        }
        if self.record_bytes > RECORD {
            let message = format!("the row is longer than {RECORD} bytes");
            return Err(self.fault(ErrorCode::RecordTooLong, &message));
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
                Err(self.fault(ErrorCode::UnterminatedLastLine, message))
            }
        }
    }

    fn unclosed_quote(&self) -> Fault {
        let fault = self.fault(ErrorCode::UnclosedQuote, "the quote opened here is not closed");
        Fault { line: self.quote_line, ..fault }
    }

    fn fault(&self, code: ErrorCode, message: &str) -> Fault {
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
        let (count, mark) = match self.bytes_read {
            0 => self.read_opening(buffer)?,
            _ => (self.source.read(buffer)?, 0),
        };
        self.digest.update(&buffer[..count]);
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
