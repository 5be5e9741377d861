//! The values of a resource of a plan; those that only the run brings are said to be unknown.

use serde_json::Value;

use super::records::Records;
use super::tf_plan::text;
use super::tf_texts::{Texts, exact_text, one};
use crate::model::{Name, RecordType};

/// Where the values stand, and which of them only the run brings.
pub(super) struct At<'v> {
    pub zone: Name,
    pub owner: Name,
    /// Seconds.
    pub ttl: Option<u32>,
    pub line: u32,
    /// `after_unknown` of the resource.
    pub later: &'v Value,
}

impl At<'_> {
    /// A value that is not there: brought by the run, or forgotten.
    fn missing(&self, records: &mut Records, rtype: &str, keys: &[&str], what: &str) {
        let kind = RecordType::from_text(rtype);
        if keys.iter().any(|key| self.later.get(*key).is_some_and(|later| holds_true(later, 0))) {
            let why = format!("{what} known only after the run");
            return records.later(&self.zone, Some(self.owner.clone()), kind, self.line, why);
        }
        records.broken(&self.zone, self.owner.clone(), kind, self.line, format!("{what} missing"));
    }

    fn one(&self, records: &mut Records, rtype: &str, value: &str) {
        one(records, &self.zone, self.owner.clone(), self.ttl, rtype, value, self.line);
    }
}

/// Whether something in the value is `true`; lists and blocks of a plan nest little.
fn holds_true(value: &Value, depth: usize) -> bool {
    match value {
        Value::Bool(is_true) => *is_true,
        Value::Array(list) if depth < 8 => list.iter().any(|one| holds_true(one, depth + 1)),
        Value::Object(map) if depth < 8 => map.values().any(|one| holds_true(one, depth + 1)),
        _ => false,
    }
}

/// The value of a record that has one.
pub(super) fn given(
    records: &mut Records,
    at: &At,
    rtype: &str,
    (keys, value): (&[&str], Option<&str>),
    priority: Option<u64>,
) {
    match (value, priority) {
        (None, _) => at.missing(records, rtype, keys, "the value is"),
        (Some(value), Some(priority)) => at.one(records, rtype, &format!("{priority} {value}")),
        (Some(value), None) => at.one(records, rtype, value),
    }
}

/// The values of a record set.
pub(super) fn values(
    records: &mut Records,
    at: &At,
    rtype: &str,
    state: &Value,
    (key, texts): (&str, Texts),
) {
    let Some(values) = state.get(key).and_then(Value::as_array) else {
        return at.missing(records, rtype, &[key], &format!("the {key} are"));
    };
    for value in values {
        match element(value) {
            Some(value) if rtype == "TXT" && texts != Texts::Split => {
                exact_text(records, &at.zone, at.owner.clone(), at.ttl, (texts, &value), at.line);
            }
            Some(value) => at.one(records, rtype, &value),
            None => at.missing(records, rtype, &[key], &format!("one of the {key} is")),
        }
    }
}

/// A text, or the text of a block.
fn element(value: &Value) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    let joined =
        |keys: &[&str]| Some(keys.iter().map(|key| word(value, key)).collect::<Option<Vec<_>>>()?.join(" "));
    if value.get("exchange").is_some() {
        return joined(&["preference", "exchange"]);
    }
    if value.get("port").is_some() {
        return joined(&["priority", "weight", "port", "target"]);
    }
    if value.get("tag").is_some() {
        return Some(format!("{} \"{}\"", joined(&["flags", "tag"])?, text(value, "value")?));
    }
    ["value", "content", "answer", "data"].into_iter().find_map(|key| text(value, key)).map(str::to_owned)
}

/// A text or a number; some providers write numbers as text.
fn word(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// The records of Azure, a resource type for each record type.
pub(super) fn azurerm(records: &mut Records, at: &At, kind: &str, state: &Value) {
    let rtype = kind.trim_start_matches("azurerm_dns_").trim_end_matches("_record").to_ascii_uppercase();
    // An alias of a resource has no values of its own.
    if text(state, "target_resource_id").is_some()
        || at.later.get("target_resource_id").is_some_and(|later| holds_true(later, 0))
    {
        return records.unknown(&at.zone, at.owner.clone(), "target_resource_id", at.line);
    }
    match rtype.as_str() {
        "CNAME" => given(records, at, &rtype, (&["record"], text(state, "record")), None),
        "TXT" => match state.get("record").and_then(Value::as_array) {
            None => at.missing(records, &rtype, &["record"], "the texts are"),
            Some(blocks) => {
                for block in blocks {
                    match text(block, "value") {
                        Some(value) => {
                            records.txt(&at.zone, at.owner.clone(), at.ttl, value.as_bytes(), at.line);
                        }
                        None => at.missing(records, &rtype, &["record"], "one of the texts is"),
                    }
                }
            }
        },
        "MX" | "SRV" | "CAA" => values(records, at, &rtype, state, ("record", Texts::Split)),
        _ => values(records, at, &rtype, state, ("records", Texts::Split)),
    }
}
