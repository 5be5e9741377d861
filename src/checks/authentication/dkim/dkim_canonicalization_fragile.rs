//! Do the signatures survive harmless changes on the way?

use super::{field, is_readable, judge_signatures, label};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::parse::dkim::signature::Canonicalization;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-canonicalization-fragile",
    area: Area::Authentication,
    title: "a DKIM signature breaks at the slightest refolding",
    severity: Severity::Low,
    why: "\
        Under simple canonicalization a relay that folds a field anew or trims a blank breaks the \
        signature. Relaxed tolerates both and is no weaker in practice.",
    fix: "Sign with c=relaxed/relaxed.",
    references: &[Reference::Rfc { number: 6376, section: "3.4" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    judge_signatures(facts, |at, verified| {
        let simple = |form| form == Canonicalization::Simple;
        let signature = &at.signature;
        let (what, severity) =
            match (simple(signature.header_canonicalization), simple(signature.body_canonicalization)) {
                (true, _) => ("the header is signed as simple: refolding breaks it", Severity::Low),
                (false, true) => ("the body is signed as simple: a trimmed blank breaks it", Severity::Info),
                _ => return None,
            };
        is_readable(verified).then(|| {
            Problem::at(field(at), format!("{}: {what}", label(at)))
                .severity(severity)
                .confidence(Confidence::Firm)
                .fix("Set c=relaxed/relaxed (OpenDKIM: Canonicalization relaxed/relaxed)")
        })
    })
}
