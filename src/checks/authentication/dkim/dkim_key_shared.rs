//! Do several selectors carry one and the same key?

use std::collections::BTreeMap;

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::dkim::key::PublicKey;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-key-shared",
    area: Area::Authentication,
    title: "two DKIM selectors carry the same key",
    severity: Severity::Low,
    why: "\
        Several selectors exist so that keys can be changed and kept apart by system. With one key \
        under two names, a leak of it is a leak of both, and revoking one selector revokes nothing.",
    fix: "Give each selector a key pair of its own.",
    references: &[Reference::Rfc { number: 6376, section: "3.1" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let keys = facts.dkim().keys()?;
    if keys.len() < 2 {
        return Ok(Verdict::NotApplicable("only one selector is known"));
    }
    let mut seen: BTreeMap<&[u8], &crate::facts::dkim::keys::Key> = BTreeMap::new();
    let mut problems = Vec::new();
    for key in keys {
        let bytes = match key.record().map(|record| &record.key) {
            Some(PublicKey::Rsa(rsa)) => rsa.modulus.as_slice(),
            Some(PublicKey::Ed25519(bytes)) => bytes.as_slice(),
            _ => continue,
        };
        // Two names for one record (an alias) are one selector under two names, too.
        match seen.get(bytes) {
            Some(first) => problems.push(
                Problem::at(key.subject(None), format!("{} holds the same key as {}", key.name, first.name))
                    .fix(format!(
                        "Create a pair of its own: mailvet dkim keygen --domain {} --selector {}",
                        key.domain, key.selector
                    )),
            ),
            None => {
                seen.insert(bytes, key);
            }
        }
    }
    let gap = keys.iter().find_map(|key| key.state.as_ref().err());
    Verdict::so_far(problems, gap.cloned())
}
