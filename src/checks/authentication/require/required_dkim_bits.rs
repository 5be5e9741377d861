//! A DKIM key is shorter than the settings demand.

use super::NOT_REQUIRED;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::dkim::key::PublicKey;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "required-dkim-bits",
    area: Area::Authentication,
    title: "a DKIM key is shorter than the settings demand",
    severity: Severity::High,
    why: "\
        Your own rule ([require] dkim.min-bits) says how long RSA keys must be.",
    fix: "\
        Publish a longer key under a new selector and sign with it, or change the rule in mailvet.toml.",
    references: &[Reference::Rfc { number: 8301, section: "3.2" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, policy: &Policy) -> Result<Verdict, Gap> {
    let Some(wanted) = policy.require.dkim.min_bits else {
        return Ok(Verdict::NotApplicable(NOT_REQUIRED));
    };
    let (mut problems, mut gap, mut measured) = (Vec::new(), None, false);
    for key in facts.dkim().keys()? {
        if let Err(unknown) = &key.state {
            gap.get_or_insert_with(|| unknown.clone());
        }
        let bits = match key.record().map(|record| &record.key) {
            Some(PublicKey::Rsa(rsa)) => Some(rsa.bits()),
            // It has no length to choose, and is as strong as RSA of 3072 bits.
            Some(PublicKey::Ed25519(_)) => None,
            _ => continue,
        };
        measured = true;
        if let Some(bits) = bits.filter(|bits| u32::try_from(*bits).is_ok_and(|bits| bits < wanted)) {
            let summary =
                format!("{} holds an RSA key of {bits} bits, and mailvet.toml demands {wanted}", key.name);
            problems.push(Problem::at(key.subject(None), summary).located(key.location()));
        }
    }
    if !measured && gap.is_none() && facts.dkim().untried().is_none() {
        // What is not there is not met either.
        return Ok(Verdict::NotApplicable("no key was found that could be measured, see dkim-key-missing"));
    }
    let untried = facts.dkim().untried().cloned().filter(|_| problems.is_empty());
    Verdict::so_far(problems, gap.or(untried))
}
