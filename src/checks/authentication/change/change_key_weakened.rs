//! A DKIM key that was replaced by a shorter one.

use super::{NOTHING_EARLIER, both_keys, place};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::{Facts, Ledger};
use crate::model::{Area, Gap, Name, RecordType, Severity, Subject, Topic};
use crate::parse::dkim::key::{KeyRecord, PublicKey};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-key-weakened",
    area: Area::Authentication,
    title: "a DKIM key is replaced by a shorter one",
    severity: Severity::Medium,
    why: "\
        A shorter key is easier to break, and receivers treat keys below 1024 bits as no signature at all.",
    fix: "\
        Publish a key of at least 2048 bits under a new selector, and sign with it.",
    references: &[Reference::Rfc { number: 8301, section: "3.2" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(before) = facts.before() else { return Ok(Verdict::NotApplicable(NOTHING_EARLIER)) };
    let (pairs, unknown) = both_keys(facts, &before, bits);
    let mut problems = Vec::new();
    for (name, was, now) in pairs {
        if now < was {
            let summary = format!("the RSA key at {name} had {was} bits and has {now} now");
            problems.push(
                Problem::at(Subject::Host(name.clone()), summary).located(place(facts, &before, &name)),
            );
        }
    }
    Verdict::so_far(problems, unknown)
}

/// The size of the one RSA key at a name.
fn bits(ledger: &Ledger, name: &Name) -> Result<Option<usize>, Gap> {
    let found = ledger.dns(name, RecordType::Txt)?;
    let [record] = found.records() else { return Ok(None) };
    let Some(text) = record.rdata.joined_text() else { return Ok(None) };
    Ok(match KeyRecord::parse(&String::from_utf8_lossy(&text)).key {
        PublicKey::Rsa(key) => Some(key.bits()),
        _ => None,
    })
}
