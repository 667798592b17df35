//! The tables, and every step in the order in which they were added.
//!
//! Times are unix milliseconds, slots are unix seconds ÷ 900, money is micros: `BIGINT` is the same in
//! both databases, while their time types differ.

mod catalog;
mod counts;
mod files;
mod people;
mod quarters;
mod roll_ups;

use sea_orm_migration::prelude::*;

use self::catalog::{
    banner_revisions, banners, campaign_banners, campaign_revisions, campaigns,
    changed_performance, first_revision_words, nodes, performance_revisions, revision_words,
    status_since, store_revision,
};
use self::counts::{
    baseline_performance, campaign_conversions, clicks, condensed_performance, conversions,
    conversions_so_far, expired_decisions, expired_impressions, filtered_events, first_raw_rows,
    imported_impressions, impressions, performance, raw_rows, staged_performance, used_ids,
};
use self::files::{
    import_accepted_sha256, import_header, import_jobs, import_mends, import_notices,
    import_rejected_lines, import_reverted_at, import_reverted_by, import_summed_up, imports,
    rejected_rows, staged_imports,
};
use self::people::{
    api_key_campaign, api_keys, audit_log, idempotency, reverts, sessions, shared_report_time_zone,
    shared_reports, sign_in_links, visitors,
};
use self::quarters::{quarter_performance, quarter_performance_so_far};
use self::roll_ups::{filtered_roll_ups, first_marks, performance_roll_ups, rolled_up};
use crate::step::{Step, StepAction};

/// Returns every step, oldest first. New ones go to the end; released ones are never changed or
/// removed.
pub(crate) fn steps() -> Vec<Step> {
    let table = |name, create| Step { name, change: StepAction::Table(create) };
    let keyed = |name, create| Step { name, change: StepAction::KeyedTable(create) };
    let index = |name, table, columns| Step { name, change: StepAction::Index { table, columns } };
    let fill = |name, statement| Step { name, change: StepAction::Fill(statement) };
    let column = |name, table, column| Step { name, change: StepAction::Column { table, column } };
    vec![
        table("m20261123_01_campaigns", campaigns),
        table("m20261123_02_banners", banners),
        keyed("m20261123_03_campaign_banners", campaign_banners),
        index("m20261123_04_campaign_banners_by_banner", "campaign_banners", &["banner_id"]),
        keyed("m20261123_05_performance", performance),
        table("m20261123_06_imports", imports),
        keyed("m20261123_07_imported_impressions", imported_impressions),
        keyed("m20261123_08_clicks", clicks),
        keyed("m20261123_09_conversions", conversions),
        table("m20261123_10_api_keys", api_keys),
        table("m20261123_11_store_revision", store_revision),
        keyed("m20261123_12_campaign_revisions", campaign_revisions),
        index("m20261123_13_campaign_revisions_by_revision", "campaign_revisions", &["revision"]),
        keyed("m20261124_01_impressions", impressions),
        keyed("m20261124_02_expired_impressions", expired_impressions),
        keyed("m20261124_03_filtered_events", filtered_events),
        index("m20261124_11_performance_by_slot", "performance", &["slot"]),
        table("m20261124_12_condensed_performance", condensed_performance),
        keyed("m20261124_21_import_jobs", import_jobs),
        keyed("m20261124_22_rejected_rows", rejected_rows),
        table("m20261124_21_audit_log", audit_log),
        index("m20261124_22_audit_log_by_subject", "audit_log", &["subject_kind", "subject_id"]),
        table("m20261124_23_idempotency", idempotency),
        index("m20261124_24_idempotency_by_time", "idempotency", &["created_at"]),
        table("m20261124_41_visitors", visitors),
        index("m20261124_42_visitors_by_revision", "visitors", &["revision"]),
        index("m20261124_43_visitors_by_expiry", "visitors", &["expires_at"]),
        index("m20261124_71_filtered_events_by_slot", "filtered_events", &["slot"]),
        keyed("m20261124_81_quarter_performance", quarter_performance),
        fill("m20261124_82_quarter_performance_so_far", quarter_performance_so_far),
        keyed("m20261124_91_banner_revisions", banner_revisions),
        index("m20261124_92_banner_revisions_by_revision", "banner_revisions", &["revision"]),
        table("m20261124_95_expired_decisions", expired_decisions),
        keyed("m20261127_01_revision_words", revision_words),
        fill("m20261127_02_first_revision_words", first_revision_words),
        keyed("m20261127_03_performance_revisions", performance_revisions),
        index(
            "m20261127_04_performance_revisions_by_revision",
            "performance_revisions",
            &["revision"],
        ),
        keyed("m20261127_05_changed_performance", changed_performance),
        table("m20261127_06_nodes", nodes),
        column("m20261127_21_campaigns_status_since", "campaigns", status_since),
        column("m20261127_22_audit_log_reverts", "audit_log", reverts),
        index("m20261127_31_audit_log_by_time", "audit_log", &["at", "id"]),
        keyed("m20261127_41_staged_imports", staged_imports),
        keyed("m20261127_42_staged_performance", staged_performance),
        keyed("m20261127_51_campaign_conversions", campaign_conversions),
        Step {
            name: "m20261127_52_conversions_so_far",
            change: StepAction::Move { from: "conversions", statement: conversions_so_far },
        },
        Step { name: "m20261127_53_conversions", change: StepAction::Removal("conversions") },
        column("m20261127_54_api_keys_campaign_id", "api_keys", api_key_campaign),
        keyed("m20261128_01_performance_roll_ups", performance_roll_ups),
        index("m20261128_02_roll_ups_by_slot", "performance_roll_ups", &["level", "slot"]),
        keyed("m20261128_03_filtered_roll_ups", filtered_roll_ups),
        index("m20261128_04_filtered_roll_ups_by_slot", "filtered_roll_ups", &["level", "slot"]),
        table("m20261128_05_rolled_up", rolled_up),
        fill("m20261128_06_first_marks", first_marks),
        column("m20261128_41_imports_notices", "imports", import_notices),
        column("m20261128_42_imports_mends", "imports", import_mends),
        column("m20261128_43_imports_header", "imports", import_header),
        column("m20261128_44_imports_accepted_sha256", "imports", import_accepted_sha256),
        column("m20261128_45_imports_rejected_lines", "imports", import_rejected_lines),
        column("m20261128_46_imports_reverted_at", "imports", import_reverted_at),
        column("m20261128_47_imports_reverted_by", "imports", import_reverted_by),
        index("m20261128_48_imports_by_accepted_sha256", "imports", &["accepted_sha256"]),
        index("m20261128_49_imports_by_mends", "imports", &["mends"]),
        index("m20261128_50_campaign_conversions_by_click", "campaign_conversions", &["click_id"]),
        table("m20261128_61_sessions", sessions),
        index("m20261128_62_sessions_by_key", "sessions", &["key_id"]),
        index("m20261128_63_sessions_by_expiry", "sessions", &["expires_at"]),
        table("m20261128_64_sign_in_links", sign_in_links),
        table("m20261128_65_shared_reports", shared_reports),
        column("m20261128_71_shared_reports_time_zone", "shared_reports", shared_report_time_zone),
        keyed("m20261128_81_baseline_performance", baseline_performance),
        table("m20261128_82_raw_rows", raw_rows),
        fill("m20261128_83_first_raw_rows", first_raw_rows),
        keyed("m20261128_84_used_ids", used_ids),
        column("m20261128_85_imports_summed_up", "imports", import_summed_up),
    ]
}

/// Makes a foreign key to the `id` of another table.
fn reference(from: &str, column: &str, to: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{from}_{column}"))
        .from(from.to_owned(), column.to_owned())
        .to(to.to_owned(), "id")
        .take()
}
