//! A DKIM key that was published and is gone.

use super::{earlier, of_files, place};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::{Facts, Found};
use crate::model::{Area, Gap, RecordType, Severity, Subject, Topic};
use crate::parse::dkim::key::{KeyRecord, PublicKey};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-selector-removed",
    area: Area::Authentication,
    title: "a DKIM key that was published is gone or revoked",
    severity: Severity::Medium,
    why: "\
        Mail that is signed with the selector fails DKIM from this change on, and so does mail still under \
        way; receivers cannot tell that the key was retired.",
    fix: "\
        Remove a key only days after the last mail was signed with it; if it still signs, put it back.",
    references: &[Reference::Rfc { number: 6376, section: "3.6.1" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(before) = facts.before() else { return Ok(of_files(facts, CHECK.code)) };
    let mut problems = Vec::new();
    let mut gap = None;
    for name in facts.earlier_keys() {
        let found = match before.dns(&name, RecordType::Txt) {
            Ok(found) => found,
            Err(unknown) => {
                gap = Some(earlier(unknown));
                continue;
            }
        };
        if !keys(&found).any(|key| matches!(key, PublicKey::Rsa(_) | PublicKey::Ed25519(_))) {
            continue;
        }
        let now = match facts.ledger().dns(&name, RecordType::Txt) {
            Err(unknown) => {
                gap = Some(unknown);
                continue;
            }
            Ok(now) => now,
        };
        let revoked = now.absence().is_none() && keys(&now).all(|key| key == PublicKey::Revoked);
        if now.absence().is_some() || revoked {
            let what = if revoked { "revokes it now (empty p=)" } else { "holds none now" };
            let mut summary = format!("{name} held a DKIM key and {what}; mail signed with it fails DKIM");
            let in_use = facts.seen_in_use(&name);
            let severity = if in_use.is_some() { Severity::High } else { Severity::Medium };
            if let Some(words) = in_use {
                summary.push_str("; ");
                summary.push_str(&words);
            }
            problems.push(
                Problem::at(Subject::Host(name.clone()), summary)
                    .severity(severity)
                    .fix("keep the record until a week after the last mail was signed with it")
                    .located(place(facts, &before, &name)),
            );
        }
    }
    Verdict::so_far(problems, gap)
}

/// What stands in the records of a selector.
fn keys(found: &Found) -> impl Iterator<Item = PublicKey> {
    let texts = found.records().iter().filter_map(|record| record.rdata.joined_text());
    texts.map(|text| KeyRecord::parse(&String::from_utf8_lossy(&text)).key)
}
