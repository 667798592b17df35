//! Files of all kinds, as bytes.

use bams_domain::Quarter;
use data_encoding::HEXLOWER;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;

/// 2026-01-01T10:05:00Z.
pub(super) const NOW: i64 = 1_767_261_900;

/// The first slot of its hour.
const HOUR: i64 = 1_963_624;

pub(super) fn reading(kind: ImportKind) -> RowReading {
    let time = FileTime { unix_seconds: NOW, quarter: None, from: None };
    RowReading { kind, time, batch: BATCH, only: None }
}

/// Returns the good rows of a file, and its errors as `line column code`.
pub(super) fn read(how: &RowReading, source: impl Read) -> (Vec<String>, Vec<String>, End) {
    let (sender, mut batches) = tokio::sync::mpsc::channel(10_000);
    let end = read_rows(source, how, &ImportProgress::default(), &sender).unwrap();
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    while let Ok(batch) = batches.try_recv() {
        match batch.rows {
            Rows::Images(more) => rows.extend(more.iter().map(|image| format!("{image:?}"))),
            Rows::Impressions(more) => {
                rows.extend(more.iter().map(|row| (row.account, row.count)).map(|(it, count)| {
                    format!("{}/{}@{}x{count}", it.campaign, it.banner, it.slot.number() - HOUR)
                }));
            }
            Rows::Clicks(more) => rows.extend(more.iter().map(|it| it.id.clone())),
            Rows::Conversions(more) => {
                rows.extend(
                    more.iter().map(|row| format!("{} {} {}", row.id, row.click, row.revenue)),
                );
            }
        }
        errors.extend(batch.errors.kept().to_vec());
    }
    errors.extend(end.broken.clone());
    assert!(errors.iter().all(|error| error.message.chars().count() <= 200), "{errors:?}");
    let errors =
        errors.iter().map(|error| format!("{} {} {}", error.line, error.column, error.code.name()));
    (rows, errors.collect(), end)
}

pub(super) fn check(kind: ImportKind, source: impl AsRef<[u8]>, rows: &[&str], errors: &[&str]) {
    let quarter = Some(Quarter::Second);
    let time = FileTime { unix_seconds: NOW, quarter, from: None };
    let has_quarter = String::from_utf8_lossy(source.as_ref()).contains("quarter");
    let time = if has_quarter { FileTime { quarter: None, ..time } } else { time };
    check_with(&RowReading { time, ..reading(kind) }, source, rows, errors);
}

pub(super) fn check_with(
    how: &RowReading,
    source: impl AsRef<[u8]>,
    rows: &[&str],
    errors: &[&str],
) {
    let source = source.as_ref();
    let name = String::from_utf8_lossy(&source[..source.len().min(80)]).into_owned();
    let (found_rows, found_errors, end) = read(how, source);
    assert_eq!(
        (found_rows, found_errors),
        (
            rows.iter().map(ToString::to_string).collect(),
            errors.iter().map(ToString::to_string).collect()
        ),
        "{name:?}"
    );
    let ends_early = end.broken.is_some_and(|error| error.code != ErrorCode::UnterminatedLastLine);
    assert!(ends_early || end.sha256 == HEXLOWER.encode(&Sha256::digest(source)));
}

#[test]
fn any_dialect_of_csv_is_read() {
    let one = &["7/1@1x1"];
    for source in [
        "banner_id,campaign_id\n1,7\n",
        "banner_id,campaign_id\n1,7",
        "\u{FEFF}banner_id,campaign_id\n1,7\n",
        "banner_id,campaign_id\r\n1,7\r\n",
        "banner_id,campaign_id\r1,7\r",
        "\"banner_id\",\"campaign_id\"\n\"1\",\"7\"\n",
        "\n\ncampaign_id,banner_id\n\n\n7,1\n\n",
        "note,Campaign_ID, BANNER_id \n\"a \"\"b\"\",\nc\", 7 ,1\n",
    ] {
        check(ImportKind::Impressions, source, one, &[]);
    }
    check(
        ImportKind::Impressions,
        "campaign_id,quarter_hour,banner_id\n7,4,1\n8,1,2\n",
        &["7/1@3x1", "8/2@0x1"],
        &[],
    );
    check(ImportKind::Impressions, "quarter,campaign_id,banner_id\n3,7,1\n", &["7/1@2x1"], &[]);
    check(
        ImportKind::Conversions,
        "conversation_id,click_id,revenue\n01,002,1.50\n",
        &["1 2 1.5"],
        &[],
    );
    check(ImportKind::Clicks, "click_id,banner_id,campaign_id\n", &[], &[]);
}

#[test]
fn bad_rows_are_named_by_line_and_column_and_the_others_are_read() {
    let clicks = "click_id,banner_id,campaign_id\n1,2,3\n";
    for (row, error) in [
        ("x,2,3", "3 click_id not_a_number"),
        ("9223372036854775808,2,3", "3 click_id out_of_range"),
        ("1e309,2,3", "3 click_id not_a_number"),
        ("5,-2,3", "3 banner_id negative"),
        ("5,2,0", "3 campaign_id out_of_range"),
        ("5,2", "3 campaign_id missing_field"),
        ("5", "3 banner_id missing_field"),
        ("5,2,3,4", "3 4 too_many_fields"),
        ("5,,3", "3 banner_id not_a_number"),
        ("5,\"2\n\",3", "3 banner_id not_a_number"),
    ] {
        check(ImportKind::Clicks, format!("{clicks}{row}\n\n8,2,3\n"), &["1", "8"], &[error]);
    }
    check(
        ImportKind::Clicks,
        [clicks.as_bytes(), b"5,\xFF,3\n"].concat(),
        &["1"],
        &["3 banner_id not_utf8"],
    );
    let conversions = "revenue,conversion_id,click_id\r\n";
    let bad = "-1,1,1\r\n1.1234567,2,1\r\n1e309,3,1\r\n9223372036855,4,1\r\n1,5,ab-1\r\n";
    check(
        ImportKind::Conversions,
        format!("{conversions}{bad}"),
        &[],
        &[
            "2 revenue negative",
            "3 revenue too_precise",
            "4 revenue not_a_number",
            "5 revenue out_of_range",
            "6 click_id not_a_number",
        ],
    );
    check(
        ImportKind::Impressions,
        "quarter,banner_id,campaign_id\n5,1,1\nx,1,1\n",
        &[],
        &["2 quarter out_of_range", "3 quarter not_a_number"],
    );
    check(ImportKind::Images, "url\n../x.png\n", &[], &["2 url bad_key"]);
}

#[test]
fn a_file_is_read_until_it_stops_making_sense() {
    let head = "click_id,banner_id,campaign_id\n1,2,3\n";
    let long = "x".repeat(1 << 20);
    let lines = "4,5,6\n".repeat(100_000);
    let columns = "1,".repeat(100_000);
    for (rest, error) in [
        ("2,\"3,4\n5,6,7\n".to_owned(), "3 banner_id unclosed_quote"),
        (format!("2,\"3,4\n{lines}"), "3 banner_id unclosed_quote"),
        ("\"a\nb\",\"3".to_owned(), "4 banner_id unclosed_quote"),
        ("2,\"3,4\n5,\"6\",7\n".to_owned(), "3 banner_id stray_quote"),
        (format!("2,{long},4\n"), "3 banner_id field_too_long"),
        (format!("2,\"{long}\",4\n"), "3 banner_id field_too_long"),
        (format!("\n{columns}\n"), "4 32769 record_too_long"),
        ("2,\0,4\n".to_owned(), "3 banner_id nul_byte"),
    ] {
        check(ImportKind::Clicks, format!("{head}{rest}"), &["1"], &[error]);
    }
}

#[test]
fn a_file_without_a_readable_header_has_no_rows() {
    let wide = |bom: [u8; 2], text: &str| -> Vec<u8> {
        bom.into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    };
    let columns = "a,".repeat(100_000);
    for (source, error) in [
        (Vec::new(), "1 1 empty_file"),
        (b"\xEF\xBB\xBF".to_vec(), "1 1 empty_file"),
        (b"\r\n\n".to_vec(), "1 1 empty_file"),
        (wide([0xFF, 0xFE], ""), "1 1 empty_file"),
        (b"PK\x03\x04 xl/workbook.xml".to_vec(), "1 1 not_csv"),
        (b"<!doctype html>".to_vec(), "1 1 not_csv"),
        (b"sep=;".to_vec(), "1 1 empty_file"),
        (b"c\0l\0i\0".to_vec(), "1 1 not_utf8"),
        (b"\0c\0l\0i".to_vec(), "1 1 not_utf8"),
        (columns.into_bytes(), "1 32769 record_too_long"),
        (b"\"click_id".to_vec(), "1 1 unclosed_quote"),
    ] {
        check(ImportKind::Clicks, source, &[], &[error]);
    }
}

#[test]
fn a_large_file_has_to_end_with_a_line_ending() {
    let head = "click_id,banner_id,campaign_id\n";
    let small = format!("{head}{}", "1,2,3\n".repeat(100));
    let large = format!("{head}{}", "1,2,3\n".repeat(20_000));
    check(ImportKind::Clicks, format!("{small}1,2,3"), &["1"; 101], &[]);
    check(ImportKind::Clicks, &large, &vec!["1"; 20_000], &[]);
    let error = &["20002 campaign_id unterminated_last_line"];
    check(ImportKind::Clicks, format!("{large}1,2,3"), &vec!["1"; 20_000], error);
    let error = &["20002 banner_id unterminated_last_line"];
    check(ImportKind::Clicks, format!("{large}1,"), &vec!["1"; 20_000], error);
}

/// Reads a few bytes at a time.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(3);
        self.0.read(&mut buffer[..count])
    }
}

proptest! {
    #[test]
    fn however_it_is_delivered_a_file_reads_the_same(
        source in "[a1,\"\n\r\0\u{FEFF}]{0,40}",
    ) {
        let mut whole = Records::open(source.as_bytes()).unwrap();
        let mut pieces = Records::open(Trickle(source.as_bytes())).unwrap();
        let mut count = 0;
        while let Some((line, record)) = whole.next().unwrap() {
            prop_assert_eq!(Some((line, record)), pieces.next().unwrap());
            count += 1;
        }
        prop_assert!(pieces.next().unwrap().is_none());
        let ((sha256, fault), pieces) = (whole.finish(), pieces.finish());
        prop_assert_eq!(&fault, &pieces.1);
        if fault.is_none() {
            prop_assert_eq!(sha256, pieces.0);
            let mut parser = ReaderBuilder::new();
            let parser = parser.has_headers(false).flexible(true).from_reader(source.as_bytes());
            prop_assert_eq!(parser.into_byte_records().count(), count);
        }
    }

    #[test]
    fn what_is_written_is_read_with_its_lines(
        records in prop::collection::vec(prop::collection::vec("[a1,\" \n]{0,6}", 1..4), 0..20)
    ) {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for record in &records {
            writer.write_record(record).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let mut reader = Records::open(bytes.as_slice()).unwrap();
        let mut line = 1;
        for record in &records {
            let (found, fields) = reader.next().unwrap().expect("a record");
            prop_assert_eq!(found, line);
            prop_assert_eq!(fields, &ByteRecord::from(record.clone()));
            line += 1 + record.concat().matches('\n').count() as u64;
        }
        prop_assert!(reader.next().unwrap().is_none());
        prop_assert_eq!(reader.finish().1, None);
    }
}
