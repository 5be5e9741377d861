//! A trait of a message, and how traits are collected: a value from 0 to 1 with what was seen.

use crate::parse::web::psl;

/// One trait that the message shows.
#[derive(Clone, Debug)]
pub struct Trait {
    /// The key of its weight in `data/spam_weights`.
    pub name: &'static str,
    /// 0 to 1.
    pub value: f64,
    /// What was seen; escaped.
    pub evidence: String,
}

/// Collects traits; those of value 0 are not kept.
#[derive(Default)]
pub(super) struct Traits(pub Vec<Trait>);

impl Traits {
    pub(super) fn add(&mut self, name: &'static str, value: f64, evidence: impl FnOnce() -> String) {
        if value > 0.0 {
            self.0.push(Trait { name, value: value.min(1.0), evidence: evidence() });
        }
    }

    pub(super) fn flag(&mut self, name: &'static str, seen: bool, evidence: impl FnOnce() -> String) {
        self.add(name, if seen { 1.0 } else { 0.0 }, evidence);
    }
}

/// Grows by the logarithm: 0 for none, 1 for `full` and more.
pub(super) fn grade(count: usize, full: f64) -> f64 {
    ((1.0 + count as f64).ln() / (1.0 + full).ln()).min(1.0)
}

/// The registrable domain, or the name itself.
pub(super) fn organisation(domain: &str) -> String {
    psl::domain_str(domain).unwrap_or(domain).to_owned()
}
