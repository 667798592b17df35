//! Files as people have them.

use bams_domain::Quarter;

use super::tests::{NOW, check, check_with, read, reading};
use super::*;

const DAY: &str = "2025-12-31";

fn clicks(source: impl AsRef<[u8]>, rows: &[&str]) {
    check(ImportKind::Clicks, source, rows, &[]);
}

#[test]
fn the_header_tells_the_delimiter() {
    for delimiter in [",", ";", "\t", "|"] {
        let source = "click_id,banner_id,campaign_id\n1,2,3\n\"4\",5,6\n".replace(',', delimiter);
        clicks(source, &["1", "4"]);
    }
    clicks("sep=;\r\nclick_id;banner_id;campaign_id\r\n1;2;3\r\n", &["1"]);
    let stray = "click_id;banner_id;campaign_id\n1;2;3\n\"4\",5;6;7\n";
    check(ImportKind::Clicks, stray, &["1"], &["3 click_id stray_quote"]);
}

#[test]
fn utf16_is_read_like_utf8() {
    let text = "click_id\tbanner_id\tcampaign_id\tß\n1\t2\t3\t\u{1F600}\nx\t2\t3\t\n";
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        let bytes: Vec<u8> = units.flat_map(order).collect();
        check(ImportKind::Clicks, &bytes, &["1"], &["3 click_id not_a_number"]);
        check(ImportKind::Clicks, &bytes[..bytes.len() - 1], &["1"], &["3 click_id not_a_number"]);
    }
}

#[test]
fn numbers_are_written_in_many_ways() {
    let conversions = "conversion_id,click_id,revenue\n";
    let money = format!("{conversions}95.0,7.0,12.50000000\norder-1,8,3\n");
    check(ImportKind::Conversions, money, &["95 7 12.5", "order-1 8 3"], &[]);
    let german = "conversion_id;click_id;revenue\n1;2,0;12,50\n2;3;4.5\n3;4;1.234,5\n";
    let errors = &["4 revenue not_a_number"];
    check(ImportKind::Conversions, german, &["1 2 12.5", "2 3 4.5"], errors);
    let quoted = format!("{conversions}1,2,\"12,50\"\n");
    check(ImportKind::Conversions, quoted, &[], &["2 revenue not_a_number"]);
}

#[test]
fn titles_and_totals_are_left_out_and_named() {
    let report = "Click report\n\"June 1, 2026\"\nclick_id,banner_id,campaign_id\n1,2,3\n\
                  Total,,\nTotal: all,9\n";
    clicks(report, &["1"]);
    let how = RowReading { time: quarter(Some(Quarter::Second)), ..reading(ImportKind::Clicks) };
    let totals = read(&how, report.as_bytes()).2.totals.unwrap();
    assert_eq!((totals.line, totals.code.name()), (Some(5), "totals_left_out"));
    let title = Records::open(report.as_bytes()).unwrap().title().unwrap();
    assert_eq!((title.line, title.code.name()), (Some(1), "title_left_out"));

    // The word in the middle of a file, or as a part of another word, does not end it.
    let middle = "click_id,banner_id,campaign_id\nTotal,2,3\n1,2,3\n";
    check(ImportKind::Clicks, middle, &["1"], &["2 click_id not_a_number"]);
    let sold = "conversion_id,click_id,revenue\n1,2,3\nTotal-1,2,3\n";
    check(ImportKind::Conversions, sold, &["1 2 3", "Total-1 2 3"], &[]);
    let broken = "click_id,banner_id,campaign_id\n1,2,3\nTotal,,\n4,\"5,6\n";
    let errors = &["3 click_id not_a_number", "4 banner_id unclosed_quote"];
    check(ImportKind::Clicks, broken, &["1"], errors);
}

fn quarter(quarter: Option<Quarter>) -> FileTime {
    FileTime { unix_seconds: NOW, quarter, from: None }
}

#[test]
fn rows_tell_their_own_time() {
    let shown = |time: FileTime, row: &str, rows: &[&str], errors: &[&str]| {
        let source = format!("banner_id,campaign_id,occurred_at,quarter_hour\n1,7,{row}\n");
        let how = RowReading { time, ..reading(ImportKind::Impressions) };
        check_with(&how, source, rows, errors);
    };
    let none = quarter(None);
    shown(none, "2026-01-01T09:50:00Z,", &["7/1@-1x1"], &[]);
    shown(none, "2026-01-01 10:09,1", &["7/1@0x1"], &[]);
    shown(none, &format!("{DAY},3"), &["7/1@-134x1"], &[]);
    shown(quarter(Some(Quarter::Third)), &format!("{DAY},"), &["7/1@-134x1"], &[]);
    shown(none, ",4", &["7/1@3x1"], &[]);
    shown(none, "2026-01-01T10:10:00Z,", &["7/1@0x1"], &[]);

    shown(none, "2026-01-01T10:10:01Z,", &[], &["2 occurred_at in_future"]);
    shown(none, "2026-01-02,1", &[], &["2 occurred_at in_future"]);
    shown(none, "2026-01-01T09:50:00Z,3", &[], &["2 occurred_at conflicting_quarter"]);
    let third = quarter(Some(Quarter::Third));
    shown(third, "2026-01-01T09:50:00Z,", &[], &["2 occurred_at conflicting_quarter"]);
    shown(third, ",4", &[], &["2 quarter_hour conflicting_quarter"]);
    shown(none, &format!("{DAY},"), &[], &["2 occurred_at missing_quarter"]);
    shown(none, ",", &[], &["2 occurred_at missing_quarter"]);
    shown(none, "yesterday,1", &[], &["2 occurred_at not_a_time"]);
    shown(none, "1969-12-31,1", &[], &["2 occurred_at out_of_range"]);
}

#[test]
fn a_row_may_stand_for_many_impressions() {
    let source = "banner_id,campaign_id,impressions\n1,7,3\n1,7,0\n1,7,x\n";
    let errors = &["3 impressions out_of_range", "4 impressions not_a_number"];
    check(ImportKind::Impressions, source, &["7/1@1x3"], errors);
}

#[test]
fn only_some_lines_may_count() {
    let source = "banner_id,campaign_id\n1,7\nx,7\n2,7\n";
    let (time, only) = (quarter(Some(Quarter::First)), Some(Lines::of([4])));
    let how = RowReading { time, only, ..reading(ImportKind::Impressions) };
    check_with(&how, source, &["7/2@0x1"], &[]);
}

#[test]
fn what_was_made_harmless_for_spreadsheets_is_read_as_it_was() {
    let source = "conversion_id,click_id,revenue,line,column,code,message\n'-7,1,2,9,revenue,x,y\n";
    check(ImportKind::Conversions, source, &["-7 1 2"], &[]);
}
