//! How to judge: thresholds, severity overrides and ignores. Plain data; `config` fills it.

use std::collections::BTreeMap;

use foldhash::HashSet;

pub use crate::model::MailKind;
use crate::model::Severity;

/// What `mailvet.toml` and the flags settle about judging.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Codes to judge; everything else is left out of the report. Asked for each check of
    /// each message, never listed, so that its order does not matter.
    pub selected: HashSet<&'static str>,
    /// Severity by code, instead of the check's own.
    pub severities: BTreeMap<String, Severity>,
    pub ignores: Vec<Ignore>,
    pub kind: MailKind,
    /// Phrases that are never held against the message, lower case.
    pub allowed_phrases: Vec<String>,
    /// Extra trigger phrases with a weight, lower case.
    pub extra_phrases: Vec<(String, f64)>,
}

/// A finding the user has decided to live with.
#[derive(Clone, Debug)]
pub struct Ignore {
    pub code: String,
    /// Only for this subject, as the report prints it; all where absent.
    pub subject: Option<String>,
    pub reason: String,
    /// `YYYY-MM-DD`; from that day on the finding counts again.
    pub until: Option<String>,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            selected: HashSet::default(),
            severities: BTreeMap::new(),
            ignores: Vec::new(),
            kind: MailKind::Unstated,
            allowed_phrases: Vec::new(),
            extra_phrases: Vec::new(),
        }
    }
}
