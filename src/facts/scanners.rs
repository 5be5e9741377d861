//! What the scanner engines said of the message. An engine without a usable
//! answer is a gap, never "clean".

use super::Facts;
pub(crate) use crate::evidence::scan::ScanReport;
use crate::model::{Gap, Question};

/// The engines, as the flags and `Scope::scanners` name them.
pub(crate) const ENGINES: [(&str, &str); 3] =
    [("clamd", "--clamd ADDR"), ("rspamd", "--rspamd URL"), ("spamd", "--spamd ADDR")];

/// The verdict of an engine; asked only where its address was given.
pub(super) fn read(facts: &Facts, engine: &'static str) -> Result<ScanReport, Gap> {
    let flag = ENGINES.iter().find(|(name, _)| *name == engine).map_or("--clamd ADDR", |(_, flag)| flag);
    let named = |spec: &String| spec.strip_prefix(engine).is_some_and(|rest| rest.starts_with('='));
    let question = Question::Scan { engine: engine.to_owned() };
    if !facts.scope().scanners.iter().any(named) && !facts.is_recorded(&question) {
        return Err(Gap::NotSupplied { what: "scanner address", flag });
    }
    facts.message()?;
    facts.ledger().transcript(&question).cloned()
}
