//! Is a published RSA key long enough, and not longer than verifiers take?

use super::judge_keys;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::dkim::key::PublicKey;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-key-weak",
    area: Area::Authentication,
    title: "a DKIM key has an unfit size",
    severity: Severity::Medium,
    why: "\
        Verifiers must refuse RSA keys under 1024 bits, and a key under 2048 bits can be broken by \
        those who want to sign in your name; some receivers mark such mail down. Keys over 4096 bits \
        need not be supported.",
    fix: "Create a 2048-bit RSA key, publish it under a new selector, and sign with that.",
    references: &[Reference::Rfc { number: 8301, section: "3.2" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

/// Sizes of RFC 8301 section 3.2: below the first verifiers must fail the
/// signature, below the second signers should not go, above the third nobody need go along.
const REFUSED_BELOW: usize = 1024;
const WANTED: usize = 2048;
const SUPPORTED_UP_TO: usize = 4096;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    judge_keys(facts, |key, _| {
        let Some((record, rsa)) = key.record().and_then(|record| match &record.key {
            PublicKey::Rsa(rsa) => Some((record, rsa)),
            _ => None,
        }) else {
            return Vec::new();
        };
        let bits = rsa.bits();
        let (what, severity) = if bits < REFUSED_BELOW {
            ("receivers must treat its signatures as failed", Severity::High)
        } else if bits < WANTED {
            ("2048 are wanted today", Severity::Medium)
        } else if bits > SUPPORTED_UP_TO {
            ("verifiers need not support more than 4096", Severity::Low)
        } else if rsa.exponent == [1] || rsa.exponent.last().is_some_and(|last| last % 2 == 0) {
            ("its exponent makes it worthless", Severity::High)
        } else {
            return Vec::new();
        };
        let selector: String =
            format!("s{}", crate::facts::day_of(facts.now()).replace('-', "")).chars().take(7).collect();
        let span = record.list.get("p").map(|tag| tag.value_span.clone());
        vec![
            Problem::at(key.subject(span), format!("{} holds an RSA key of {bits} bits: {what}", key.name))
                .severity(severity)
                .measured(i64::try_from(bits).map_or(0, |bits| -bits))
                .fix(format!(
                    "Create a 2048-bit key with: mailvet dkim keygen --domain {} --selector {selector}; publish \
                     it, switch the signer, and empty p= of {} some days later",
                    key.domain, key.selector
                )),
        ]
    })
}
