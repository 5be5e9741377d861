//! May the key be used for mail, with the hash that signers use?

use super::judge_keys;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-key-restricted",
    area: Area::Authentication,
    title: "a DKIM key forbids its use for mail",
    severity: Severity::High,
    why: "\
        h= lists the hashes and s= the services a key may be used for. A list that leaves out sha256, \
        the only hash verifiers still accept, or email makes every signature fail.",
    fix: "Remove h= and s=, or let them include sha256 and email.",
    references: &[
        Reference::Rfc { number: 6376, section: "3.6.1" },
        Reference::Rfc { number: 8301, section: "3.1" },
    ],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    judge_keys(facts, |key, _| {
        let Some(record) = key.record() else { return Vec::new() };
        let mut problems = Vec::new();
        let mut add = |name: &str, values: &[String], without: &str| {
            let span = record.list.get(name).map(|tag| tag.span.clone());
            let shown = plain(&values.join(":"), Width::Name);
            let summary = format!("{} says {name}={shown}, without {without}: signatures fail", key.name);
            problems
                .push(Problem::at(key.subject(span), summary).fix(format!("Remove {name}= from the record")));
        };
        if !record.allows_hash("sha256") {
            add("h", record.hashes.as_deref().unwrap_or_default(), "sha256");
        }
        if !record.allows_email() {
            add("s", &record.services, "email or *");
        }
        problems
    })
}
