//! What logs say of DKIM selectors: which ones a sender's own systems sign with,
//! and with which signatures were seen to pass. Plain data; `parse::dkim::signing_log` fills it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Location, Name};

/// The selectors that all logs given name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SigningSummary {
    /// By the name of the key record, `s1._domainkey.example.com`.
    pub selectors: BTreeMap<Name, LoggedSelector>,
    /// Lines about selectors beyond the number kept.
    pub omitted: u64,
    /// Logs that name any key, of whatever domain.
    pub files: BTreeSet<String>,
}

/// One selector and the lines that name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedSelector {
    pub domain: Name,
    pub selector: String,
    /// Lines in which a signer says that it signed.
    pub signed: u64,
    /// Lines in which a verifier says that a signature passed.
    pub verified: u64,
    /// Signatures made for the same domain with other selectors since this one
    /// was last signed with.
    pub signed_since: u64,
    /// The last line that names it; of a signer where there is one.
    pub last: Location,
}

impl SigningSummary {
    /// True where the log names no key at all.
    pub fn is_silent(&self, file: &str) -> bool {
        !self.files.contains(file)
    }
}

impl LoggedSelector {
    /// True where the log shows mail being signed with it until its end. After
    /// that many signatures with other selectors it counts as retired: signers that use two at
    /// once take them in turn.
    pub fn is_in_use(&self) -> bool {
        const RETIRED_AFTER: u64 = 20;
        self.signed > 0 && self.signed_since < RETIRED_AFTER
    }
}
