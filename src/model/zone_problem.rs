//! A fault of a zone file as its reader found it, on its way to the check that reports it.

use serde::{Deserialize, Serialize};

use super::{Location, Name, Severity};

/// One fault of one entry, or of the zone as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneProblem {
    /// The code of the check that reports it.
    pub code: String,
    /// The owner of the record concerned; the zone where no owner could be read.
    pub name: Name,
    /// What was seen and what follows from it.
    pub summary: String,
    /// What to write instead.
    pub fix: String,
    /// Instead of the check's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Of a text that a semicolon cut short: what stands there with the rest of its line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<String>,
    /// The entry's line; the first line for the zone as a whole.
    pub location: Location,
}
