//! How the recipients in the logs stand to a list of subscribers, in bounded
//! aggregates. Plain data; `parse::consent` fills it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Location, Untrusted};

/// The recipients of the logs beside the subscribers of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentSummary {
    pub file: String,
    /// Distinct addresses in the list.
    pub subscribers: u64,
    /// Distinct recipients in the logs.
    pub recipients: u64,
    /// Recipients that the list does not have.
    #[serde(default)]
    pub missing: Recipients,
    /// Recipients mailed more than two years after they agreed.
    #[serde(default)]
    pub stale: Recipients,
    /// Recipients mailed after they were taken off.
    #[serde(default)]
    pub suppressed: Recipients,
    /// Recipients whose entry lacks source, time or confirmation.
    #[serde(default)]
    pub unproven: Recipients,
    /// Recipients beyond the bound of those remembered; their number is not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

/// Recipients of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipients {
    pub count: u64,
    /// The first few, in the order of the logs.
    pub examples: Vec<MailedAddress>,
}

/// One recipient with the latest mail to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailedAddress {
    pub address: Untrusted,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailed: Option<Timestamp>,
    /// When consent was given, where the list says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Timestamp>,
    /// When the address was taken off, where the list says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Timestamp>,
    /// What the entry lacks: `source`, `time`, `confirmation`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
    /// The log's line, and the list's line where it has the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Location>,
}
