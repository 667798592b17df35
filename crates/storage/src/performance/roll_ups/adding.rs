//! Adding to roll-ups what is before their mark.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bams_domain::{BannerId, CampaignId, Performance, Slot};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement, Value};

use crate::database::insert::{Existing, Insert};
use crate::database::statement_sizes::filled;
use crate::performance::filtered_events::FilteredTotals;
use crate::performance::roll_up::{RollUp, RollUpKey};
use crate::performance::slot_totals::counts;
use crate::performance::{EventKind, FilterReason};

/// The insert of sums. It adds them to those of an existing row.
const SUMS: Insert = Insert {
    table: "performance_roll_ups",
    columns: Cow::Borrowed(&[
        "level",
        "campaign_id",
        "banner_id",
        "slot",
        "impressions",
        "clicks",
        "conversions",
        "revenue_micros",
    ]),
    same: &[],
    key: Cow::Borrowed(&["level", "campaign_id", "banner_id", "slot"]),
    existing: Existing::Increased {
        counts: &["impressions", "clicks", "conversions", "revenue_micros"],
    },
};

/// The insert of filtered events. It adds the counts to those of an existing row.
const FILTERED: Insert = Insert {
    table: "filtered_roll_ups",
    columns: Cow::Borrowed(&[
        "level",
        "campaign_id",
        "banner_id",
        "slot",
        "kind",
        "reason",
        "events",
    ]),
    same: &[],
    key: Cow::Borrowed(&["level", "campaign_id", "banner_id", "slot", "kind", "reason"]),
    existing: Existing::Increased { counts: &["events"] },
};

/// Adds sums to every roll-up, level by level and in the order of keys, so that writers do not
/// deadlock. All of them must be before the mark.
pub(in crate::performance) async fn add(
    transaction: &DatabaseTransaction,
    sums: &[((CampaignId, BannerId, Slot), Performance)],
) -> Result<(), DbErr> {
    for roll_up in RollUp::ALL {
        let mut totals: BTreeMap<RollUpKey, Performance> = BTreeMap::new();
        for (account, sums) in sums {
            *totals.entry(roll_up.key(*account)).or_default() += *sums;
        }
        let rows: Vec<[i64; 8]> = totals
            .into_iter()
            .map(|(RollUpKey { campaign, banner, slot }, it)| {
                let [impressions, clicks, conversions, micros] = counts(&it);
                let level = roll_up.level();
                [level, campaign, banner, slot, impressions, clicks, conversions, micros]
            })
            .collect();
        let Some(&[level, campaign, banner, slot, ..]) = rows.last() else { return Ok(()) };
        // Pads with zero rows for the last key, so that the statement has one of few lengths.
        let filling = [level, campaign, banner, slot, 0, 0, 0, 0];
        for rows in filled(&rows, &filling) {
            let values = rows.into_iter().flatten().map(Value::from).collect();
            insert(transaction, &SUMS, values).await?;
        }
    }
    Ok(())
}

/// Adds filtered events to every roll-up, like [`add`].
pub(in crate::performance) async fn add_filtered(
    transaction: &DatabaseTransaction,
    counts: &FilteredTotals,
) -> Result<(), DbErr> {
    for roll_up in RollUp::ALL {
        let mut totals: BTreeMap<(RollUpKey, &str, &str), u64> = BTreeMap::new();
        for (it, events) in counts {
            let key = roll_up.key((it.campaign, it.banner, it.slot));
            let (kind, reason) = (EventKind::name(it.kind), FilterReason::name(it.reason));
            let sum = totals.entry((key, kind, reason)).or_default();
            *sum = sum.saturating_add(*events);
        }
        let rows: Vec<[Value; 7]> = totals
            .into_iter()
            .map(|((RollUpKey { campaign, banner, slot }, kind, reason), events)| {
                let [level, campaign, banner, slot] =
                    [roll_up.level(), campaign, banner, slot].map(Value::from);
                let events = i64::try_from(events).unwrap_or(i64::MAX);
                [level, campaign, banner, slot, kind.into(), reason.into(), events.into()]
            })
            .collect();
        let Some(last) = rows.last() else { return Ok(()) };
        let mut filling = last.clone();
        filling[6] = 0.into();
        for rows in filled(&rows, &filling) {
            insert(transaction, &FILTERED, rows.into_iter().flatten().collect()).await?;
        }
    }
    Ok(())
}

async fn insert(
    transaction: &DatabaseTransaction,
    insert: &Insert,
    values: Vec<Value>,
) -> Result<(), DbErr> {
    let statement = insert.statement(transaction.get_database_backend(), None, values);
    transaction.execute_raw(statement).await.map(drop)
}

/// Adds differences, which may be negative, to the impressions, clicks, conversions and micros that
/// every roll-up has of an account, and returns false if one has no row of it.
pub(in crate::performance) async fn adjust(
    transaction: &DatabaseTransaction,
    account: (CampaignId, BannerId, Slot),
    differences: [i64; 4],
) -> Result<bool, DbErr> {
    let dialect = transaction.get_database_backend();
    let sql = "UPDATE performance_roll_ups SET impressions = impressions + ?, clicks = clicks + ?, \
               conversions = conversions + ?, revenue_micros = revenue_micros + ? \
               WHERE level = ? AND campaign_id = ? AND banner_id = ? AND slot = ?";
    for roll_up in RollUp::ALL {
        let RollUpKey { campaign, banner, slot } = roll_up.key(account);
        let key = [roll_up.level(), campaign, banner, slot];
        let values = differences.into_iter().chain(key);
        let update = Statement::from_sql_and_values(dialect, sql, values.map(Value::from));
        if transaction.execute_raw(update).await?.rows_affected() == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}
