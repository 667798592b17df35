//! Entries of the audit log in words.

use bams_storage::{AuditEntry, Subject};
use serde_json::Value;

use super::zone::Zone;
use crate::timestamp;

/// The longest value that is told, in characters.
const LONGEST: usize = 80;

/// How many fields of a change are told.
const MOST_FIELDS: usize = 4;

/// Returns what was done, such as `changed campaign 12`.
pub(super) fn what(entry: &AuditEntry) -> String {
    let verb = verb(entry);
    let id = entry.subject_id.as_str();
    match (entry.subject_kind.as_str(), id.split_once('/')) {
        (Subject::ATTACHMENT, Some((campaign, banner))) => {
            format!("{verb} banner {banner} in campaign {campaign}")
        }
        (Subject::IMPORT, _) => format!("{verb} file {id}"),
        // Its id is the hash of its link, which tells nobody anything.
        (Subject::SHARED_REPORT, _) => {
            let state = entry.after.as_ref().or(entry.before.as_ref());
            let campaign = state.and_then(|it| it["campaign_id"].as_u64()).unwrap_or_default();
            format!("{verb} shared report of campaign {campaign}")
        }
        (kind, _) => format!("{verb} {} {id}", kind.replace('_', " ")),
    }
}

/// Returns the word for what was done, such as `changed`.
pub(super) fn verb(entry: &AuditEntry) -> &str {
    match entry.action.as_str() {
        "create" => "created",
        "change" => "changed",
        "attach" => "attached",
        "detach" => "detached",
        "revoke" => "revoked",
        "import" => "imported",
        "revert" => "reverted",
        "repair" => "repaired",
        other => other,
    }
}

/// Returns the name of the subject, if the entry has it.
pub(super) fn name(entry: &AuditEntry) -> String {
    let name = |state: &Option<Value>| {
        let state = state.as_ref()?;
        Some(state.get("name").or_else(|| state.get("file_name"))?.as_str()?.to_owned())
    };
    name(&entry.after).or_else(|| name(&entry.before)).unwrap_or_default()
}

/// Returns each field that changed, as `field before → after`, with moments in a zone.
pub(super) fn fields(entry: &AuditEntry, zone: &Zone, now: i64) -> Vec<String> {
    let state = |it: &Option<Value>| {
        it.clone().map(|it| timestamp::in_state(it, |moment| zone.stamp(moment, now)))
    };
    let (Some(Value::Object(before)), Some(Value::Object(after))) =
        (state(&entry.before), state(&entry.after))
    else {
        return Vec::new();
    };
    let changed = after.iter().filter(|(field, value)| before.get(*field) != Some(value));
    let told = changed.map(|(field, value)| {
        format!("{field} {} → {}", told(before.get(field).unwrap_or(&Value::Null)), told(value))
    });
    told.take(MOST_FIELDS).collect()
}

fn told(value: &Value) -> String {
    let text = match value {
        Value::Null => "–".to_owned(),
        Value::String(text) if text.is_empty() => "–".to_owned(),
        Value::Array(values) if values.is_empty() => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(told).collect::<Vec<_>>().join(" "),
        Value::Object(fields) => fields.get("key").map_or_else(|| "…".to_owned(), told),
        other => other.to_string(),
    };
    if text.chars().count() > LONGEST {
        return text.chars().take(LONGEST).chain(std::iter::once('…')).collect();
    }
    text
}
