//! A DKIM key that another one took the place of, under the same selector.

use super::{NOTHING_EARLIER, both_keys, place};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::{Facts, Ledger};
use crate::model::{Area, Gap, Name, RecordType, Severity, Subject, Topic};
use crate::parse::dkim::key::{KeyRecord, PublicKey};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-key-replaced",
    area: Area::Authentication,
    title: "a DKIM key is replaced under the same selector",
    severity: Severity::Medium,
    why: "\
        Mail signed with the earlier key fails DKIM from the change on, mail under way included, and \
        receivers that still hold the earlier record fail mail signed with the new one.",
    fix: "\
        Publish the new key under a new selector, sign with it, and remove the old one a week later.",
    references: &[Reference::Rfc { number: 6376, section: "3.1" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(before) = facts.before() else { return Ok(Verdict::NotApplicable(NOTHING_EARLIER)) };
    let (pairs, unknown) = both_keys(facts, &before, key);
    let mut problems = Vec::new();
    for (name, was, now) in pairs {
        if was != now && !is_shorter(&was, &now) {
            let summary = format!(
                "the key at {name} is another one than before; what is signed with the earlier key fails DKIM"
            );
            problems.push(
                Problem::at(Subject::Host(name.clone()), summary).located(place(facts, &before, &name)),
            );
        }
    }
    Verdict::so_far(problems, unknown)
}

/// A shorter key is a finding of its own.
fn is_shorter(was: &PublicKey, now: &PublicKey) -> bool {
    matches!((was, now), (PublicKey::Rsa(was), PublicKey::Rsa(now)) if now.bits() < was.bits())
}

/// The one key at a name that can be used.
fn key(ledger: &Ledger, name: &Name) -> Result<Option<PublicKey>, Gap> {
    let found = ledger.dns(name, RecordType::Txt)?;
    let [record] = found.records() else { return Ok(None) };
    let Some(text) = record.rdata.joined_text() else { return Ok(None) };
    let key = KeyRecord::parse(&String::from_utf8_lossy(&text)).key;
    Ok(matches!(key, PublicKey::Rsa(_) | PublicKey::Ed25519(_)).then_some(key))
}
