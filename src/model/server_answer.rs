//! What one of a zone's own name servers says, as a recording holds it.

use serde::{Deserialize, Serialize};

use super::{Absence, Name};

/// One name server's answer to one question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerAnswer {
    /// The records' data as text, sorted.
    pub records: Vec<String>,
    /// The denial, where there is no such record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<Absence>,
    /// CNAME targets, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Name>,
    /// The longest of the records' lives, in seconds.
    pub ttl: u32,
    /// How the server shows that it does not serve the zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lame: Option<String>,
    /// The zone it refers to instead of answering.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral: Option<Name>,
}

impl ServerAnswer {
    /// What makes two answers the same: not the time to live, not the order.
    pub fn content(&self) -> Vec<String> {
        match self.aliases.first() {
            Some(alias) => vec![format!("CNAME {alias}")],
            None => self.records.clone(),
        }
    }
}
