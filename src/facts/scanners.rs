//! What the scanner engines said of the message. An engine without a usable
//! answer is a gap, never "clean".

use serde::Deserialize;

use super::Facts;
use crate::model::{Gap, Question};

/// The engines, as the flags and `Scope::scanners` name them.
pub const ENGINES: [(&str, &str); 3] =
    [("clamd", "--clamd ADDR"), ("rspamd", "--rspamd URL"), ("spamd", "--spamd ADDR")];

/// One engine's verdict.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ScanReport {
    /// The signature of the malware found.
    pub virus: Option<String>,
    pub score: Option<f64>,
    /// The score from which it counts as spam.
    pub required: Option<f64>,
    /// rspamd's advice: `no action`, `greylist`, `add header`, `reject`, ...
    pub action: Option<String>,
    pub symbols: Vec<Symbol>,
}

/// A rule that matched.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
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

/// The verdict of an engine; asked only where its address was given.
pub(super) fn read(facts: &Facts, engine: &'static str) -> Result<ScanReport, Gap> {
    let flag = ENGINES.iter().find(|(name, _)| *name == engine).map_or("--clamd ADDR", |(_, flag)| flag);
    let named = |spec: &String| spec.strip_prefix(engine).is_some_and(|rest| rest.starts_with('='));
    let question = Question::Scan { engine: engine.to_owned() };
    if !facts.scope().scanners.iter().any(named) && !facts.is_recorded(&question) {
        return Err(Gap::NotSupplied { what: "scanner address", flag });
    }
    facts.message()?;
    facts.ledger().transcript(&question)
}
