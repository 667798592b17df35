//! The tables of imported files.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, boolean, custom_null, integer_null, string_len,
    string_len_null, text, text_null,
};

use super::reference;

/// A text that may exceed the 64 KiB of MySQL's `TEXT`.
const LONG_TEXT: &str = "LONGTEXT";

/// Returns the table of the imports. `identity` names the bytes that were booked and is null for a
/// file that was refused, so that its uniqueness makes a file count once.
pub(super) fn imports() -> TableCreateStatement {
    Table::create()
        .table("imports")
        .col(big_pk_auto("id"))
        .col(string_len("state", 16))
        .col(string_len("kind", 16))
        .col(integer_null("quarter"))
        .col(string_len("file_name", 255))
        .col(string_len_null("sha256", 64))
        .col(string_len_null("identity", 100).unique_key().take())
        .col(boolean("dry_run"))
        .col(big_integer("bytes"))
        .col(big_integer("rows"))
        .col(big_integer("accepted"))
        .col(big_integer("duplicates"))
        .col(big_integer("rejected"))
        .col(text("errors"))
        .col(string_len_null("failure", 32))
        .col(string_len_null("failure_message", 500))
        .col(big_integer_null("duplicate_of"))
        .col(big_integer("created_at"))
        .col(big_integer_null("finished_at"))
        .take()
}

/// Returns the table of the imports that wait or run on a node, which increments `beat` as long as
/// it lives. The table has no reference to `imports`, because the booking of a file locks its row
/// there until it commits.
pub(super) fn import_jobs() -> TableCreateStatement {
    Table::create()
        .table("import_jobs")
        .col(big_integer("import_id").primary_key().take())
        .col(big_integer("beat"))
        .col(string_len_null("phase", 16))
        .col(big_integer("bytes_read"))
        .col(big_integer("rows"))
        .take()
}

/// Returns the table of the imports whose rows are stored in portions. While `turn` is 1 none of
/// them counts; at most one import has the turn. Then all of them count, and `staged_performance`
/// has those of its sums that are not yet in `performance`. `owner` is the process that goes on
/// with it, and `beat` tells that it lives.
pub(super) fn staged_imports() -> TableCreateStatement {
    Table::create()
        .table("staged_imports")
        .col(big_integer("import_id").primary_key().take())
        .col(big_integer_null("turn").unique_key().take())
        .col(big_integer("owner"))
        .col(big_integer("beat"))
        .take()
}

/// Returns the table of the first rows of each file that were rejected, numbered from 0.
pub(super) fn rejected_rows() -> TableCreateStatement {
    Table::create()
        .table("rejected_rows")
        .col(big_integer("import_id"))
        .col(big_integer("number"))
        .col(big_integer("line"))
        .col(string_len("column_name", 255))
        .col(string_len("code", 32))
        .col(text("message"))
        .col(text("content"))
        .primary_key(Index::create().col("import_id").col("number"))
        .foreign_key(&mut reference("rejected_rows", "import_id", "imports"))
        .take()
}

/// Returns the column with what the sender of a file should know besides, as JSON.
pub(super) fn import_notices() -> ColumnDef {
    text_null("notices")
}

/// Returns the column with the import whose rejected rows a file has in another form.
pub(super) fn import_mends() -> ColumnDef {
    big_integer_null("mends")
}

/// Returns the column with the delimiter and the header line of a file with rejected rows.
pub(super) fn import_header() -> ColumnDef {
    custom_null("header", LONG_TEXT)
}

/// Returns the column with the hash of the accepted rows of a file with rejected ones.
pub(super) fn import_accepted_sha256() -> ColumnDef {
    string_len_null("accepted_sha256", 64)
}

/// Returns the column with the lines of the rejected rows, such as `3,17-20`.
pub(super) fn import_rejected_lines() -> ColumnDef {
    custom_null("rejected_lines", LONG_TEXT)
}

/// Returns the column with the moment from which on nothing of an import counts any more.
pub(super) fn import_reverted_at() -> ColumnDef {
    big_integer_null("reverted_at")
}

/// Returns the column with the name of the key that reverted an import.
pub(super) fn import_reverted_by() -> ColumnDef {
    string_len_null("reverted_by", 200)
}

/// How many rows of an import are no longer kept, but in `baseline_performance`.
pub(super) fn import_summed_up() -> ColumnDef {
    big_integer_null("summed_up")
}
