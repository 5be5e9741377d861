//! `[require]` of `mailvet.toml`: what an organization demands of its names beyond what mail needs.

use schemars::JsonSchema;
use serde::Deserialize;

/// Demands by kind of record; what is left out is not demanded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Require {
    /// Of the DMARC record that applies.
    #[serde(default)]
    pub dmarc: RequireDmarc,
    /// Of the SPF record.
    #[serde(default)]
    pub spf: RequireSpf,
    /// Of DKIM keys.
    #[serde(default)]
    pub dkim: RequireDkim,
    /// Of MX records.
    #[serde(default)]
    pub mx: RequireMx,
    /// Of the TLS-RPT record.
    #[serde(default)]
    pub tls_rpt: RequireTlsRpt,
}

/// `[require] dmarc`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RequireDmarc {
    /// The weakest policy that may apply.
    pub min_policy: Option<MinPolicy>,
    /// Parts of which each must stand in an address of rua=.
    #[serde(default)]
    pub rua_contains: OneOrMore,
}

/// `[require] spf`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RequireSpf {
    /// The weakest end of the record: softfail (`~all`) or fail (`-all`).
    pub min_all: Option<MinAll>,
    /// Names that the record must include or redirect to.
    #[serde(default)]
    pub includes: OneOrMore,
}

/// `[require] dkim`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RequireDkim {
    /// The fewest bits of an RSA key.
    pub min_bits: Option<u32>,
}

/// `[require] mx`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RequireMx {
    /// Domains of which each MX host must be in one.
    #[serde(default)]
    pub within: OneOrMore,
}

/// `[require] tls-rpt`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RequireTlsRpt {
    /// Parts of which each must stand in an address of rua=.
    #[serde(default)]
    pub rua_contains: OneOrMore,
}

/// A DMARC policy to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MinPolicy {
    /// `p=none`: a record at all.
    None,
    /// `p=quarantine`.
    Quarantine,
    /// `p=reject`.
    Reject,
}

impl MinPolicy {
    /// As the record writes it.
    pub fn name(self) -> &'static str {
        match self {
            MinPolicy::None => "none",
            MinPolicy::Quarantine => "quarantine",
            MinPolicy::Reject => "reject",
        }
    }
}

/// An end of an SPF record to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MinAll {
    /// `~all`.
    Softfail,
    /// `-all`.
    Fail,
}

/// A text, or a list of texts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMore {
    /// A text.
    One(String),
    /// A list.
    More(Vec<String>),
}

impl Default for OneOrMore {
    fn default() -> OneOrMore {
        OneOrMore::More(Vec::new())
    }
}

impl OneOrMore {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            OneOrMore::One(text) => std::slice::from_ref(text),
            OneOrMore::More(texts) => texts,
        }
    }
}
