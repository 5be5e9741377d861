//! Is a record of the discontinued type SPF left over?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{Published, SpfFacts};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, RecordType, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-type99-leftover",
    area: Area::Authentication,
    title: "a DNS record of the discontinued type SPF is left over",
    severity: Severity::Low,
    why: "\
        Type 99 has been discontinued: receivers ask for TXT only. A leftover is forgotten when TXT changes, \
        and the few old receivers that still ask for it judge by the old policy.",
    fix: "Delete the records of type SPF (99); keep the TXT record.",
    references: &[Reference::Rfc { number: 7208, section: "3.1" }],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    let leftovers = spf.leftovers.clone()?;
    let Some(first) = leftovers.first() else { return Ok(Verdict::Pass) };
    let published = match &spf.policy.root.published {
        Published::Record(record, _) => Some(record.text.as_bytes()),
        _ => None,
    };
    let (summary, severity) = match published {
        Some(text) if text == first.as_slice() => {
            ("a record of type SPF (99) repeats the TXT record".to_owned(), Severity::Info)
        }
        Some(_) => {
            ("a record of type SPF (99) says something else than the TXT record".to_owned(), Severity::Low)
        }
        None => {
            ("a record of type SPF (99) exists, which receivers do not ask for".to_owned(), Severity::Low)
        }
    };
    let found = facts.ledger().dns(&spf.domain, RecordType::Spf).ok();
    let place = found.and_then(|found| found.records().first()?.location.clone());
    Ok(Verdict::Fail(vec![
        Problem::at(SpfFacts::subject(&spf.policy.root, None), summary)
            .located(place)
            .severity(severity)
            .proof(plain(&String::from_utf8_lossy(first), Width::Record))
            .fix(format!("Delete the SPF (type 99) records of {}.", spf.domain)),
    ]))
}
