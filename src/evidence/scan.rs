//! What a scanner engine said of the message, raw.

use serde::{Deserialize, Serialize};

/// One engine's verdict.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScanReport {
    /// The signature of the malware found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virus: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The score from which it counts as spam.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<f64>,
    /// rspamd's advice: `no action`, `greylist`, `add header`, `reject`, ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub symbols: Vec<Symbol>,
}

/// A rule that matched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Symbol {
    pub name: String,
    pub score: f64,
    /// The engine's own words for it.
    pub text: String,
}

impl ScanReport {
    /// Rules by what they cost, dearest first.
    pub fn dearest(&self) -> Vec<&Symbol> {
        let mut symbols: Vec<&Symbol> = self.symbols.iter().filter(|symbol| symbol.score > 0.0).collect();
        symbols.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.name.cmp(&b.name)));
        symbols
    }
}
