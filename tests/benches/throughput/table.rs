//! The one table that everything ends in.

use std::fmt;

/// What was measured, beside what it is compared with.
#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) measured: String,
    pub(crate) beside: String,
    pub(crate) ratio: Option<f64>,
    pub(crate) target: &'static str,
}

/// Rows as Markdown, with notes below.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

impl Row {
    /// A remark on the rows before.
    pub(crate) fn note(text: String) -> Self {
        Self { what: text, ..Self::default() }
    }

    fn is_note(&self) -> bool {
        self.measured.is_empty()
    }
}

impl Table {
    pub(crate) fn add(&mut self, rows: Vec<Row>) {
        self.rows.extend(rows);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "| what | measured | beside it | ratio | target |")?;
        writeln!(formatter, "|---|---|---|---|---|")?;
        for Row { what, measured, beside, ratio, target } in
            self.rows.iter().filter(|it| !it.is_note())
        {
            let ratio = ratio.map(|it| format!("{it:.2}")).unwrap_or_default();
            writeln!(formatter, "| {what} | {measured} | {beside} | {ratio} | {target} |")?;
        }
        for note in self.rows.iter().filter(|it| it.is_note()) {
            writeln!(formatter, "\n{}.", note.what)?;
        }
        Ok(())
    }
}

/// A number without fraction, with commas between thousands.
pub(crate) fn count(number: impl Into<f64>) -> String {
    let digits = format!("{:.0}", number.into());
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Microseconds, as precise as they are worth.
pub(crate) fn micros(number: f64) -> String {
    if number < 100.0 { format!("{number:.1} µs") } else { format!("{} µs", count(number)) }
}

/// Shows what was measured.
#[expect(clippy::print_stdout, reason = "this is what was asked for")]
pub(crate) fn print(text: &str) {
    println!("{text}");
}

/// Says what goes on.
#[expect(clippy::print_stderr, reason = "measuring takes a while")]
pub(crate) fn tell(text: &str) {
    eprintln!("{text}");
}
