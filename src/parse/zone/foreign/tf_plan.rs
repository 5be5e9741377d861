//! What is read of a plan of Terraform: its resources, before and after.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub(super) struct Plan {
    pub resource_changes: Option<Vec<Resource>>,
    pub format_version: Option<serde::de::IgnoredAny>,
    /// What was read before the plan: data sources name the zones.
    #[serde(default)]
    pub prior_state: Value,
}

#[derive(Deserialize)]
pub(super) struct Resource {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub module_address: String,
    pub change: Step,
}

/// A resource's type, what it is, and where it is written.
pub(super) struct State {
    pub kind: String,
    pub values: Value,
    /// Which of the values only the run brings.
    pub later: Value,
    pub place: (Arc<str>, u32),
}

#[derive(Deserialize)]
pub(super) struct Step {
    #[serde(default)]
    pub before: Value,
    #[serde(default)]
    pub after: Value,
    #[serde(default)]
    pub after_unknown: Value,
}

pub(super) fn text<'v>(state: &'v Value, key: &str) -> Option<&'v str> {
    state.get(key).and_then(Value::as_str)
}
