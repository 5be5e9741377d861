//! What a name is to mail.

use serde::{Deserialize, Serialize};

/// The role of a name; what is demanded of it depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameRole {
    /// Sends or takes mail.
    Mail,
    /// Says that it does neither.
    Parked,
    /// Names of addresses.
    Reverse,
    /// Says nothing of mail, or only for a host.
    #[serde(rename = "none")]
    Nothing,
}

impl NameRole {
    /// As the JSON and the settings write it.
    pub fn name(self) -> &'static str {
        match self {
            NameRole::Mail => "mail",
            NameRole::Parked => "parked",
            NameRole::Reverse => "reverse",
            NameRole::Nothing => "none",
        }
    }
}
