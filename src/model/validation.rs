//! What DNSSEC says of an answer (RFC 4033 section 5).

use serde::{Deserialize, Serialize};

/// The state of validated data. "Could not be validated" is none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Security {
    /// A chain of signatures leads from a trust anchor to the data, or proves that there is none.
    Secure,
    /// A trusted parent proves that the zone is not signed.
    Insecure,
    /// It should be signed and the signatures do not hold: validating resolvers answer SERVFAIL.
    Bogus {
        /// What does not hold, printable.
        reason: String,
    },
}

/// The raw result of one validation, as a recording holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    /// Which of the four outcomes it is.
    pub outcome: ValidationOutcome,
    /// Why it is bogus, or why it could not be told. Printable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The zone that signs the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<super::Name>,
    /// When the zone's first signature on the way ends, seconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    /// For how many seconds that signature was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<i64>,
}

/// The four outcomes of RFC 4033 section 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValidationOutcome {
    /// A chain of signatures leads from a trust anchor to the data or to its denial.
    Secure,
    /// A trusted parent proves that the zone is not signed.
    Insecure,
    /// Nothing could be told, such as where a key's question timed out.
    Indeterminate,
    /// The signatures that ought to be there are missing or do not hold.
    Bogus,
}

impl Validation {
    /// Nothing could be told, for the printable `reason`.
    pub fn indeterminate(reason: impl Into<String>) -> Validation {
        Validation {
            outcome: ValidationOutcome::Indeterminate,
            reason: Some(reason.into()),
            zone: None,
            expires: None,
            lifetime: None,
        }
    }
}
