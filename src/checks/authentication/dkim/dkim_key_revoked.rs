//! Is a selector in use revoked by an empty `p=`?

use super::judge_keys;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::dkim::keys::Origin;
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::parse::dkim::key::PublicKey;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-key-revoked",
    area: Area::Authentication,
    title: "a DKIM key in use is revoked",
    severity: Severity::High,
    why: "\
        An empty p= tells receivers that the private key is withdrawn: every signature made with the \
        selector fails for good, also those of mail already on its way.",
    fix: "Sign with another selector, or publish the current public key again.",
    references: &[Reference::Rfc { number: 6376, section: "3.6.1" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    judge_keys(facts, |key, _| {
        let Some(record) = key.record().filter(|record| record.key == PublicKey::Revoked) else {
            return Vec::new();
        };
        let span = record.list.get("p").map(|tag| tag.span.clone());
        let problem =
            Problem::at(key.subject(span), format!("{} has an empty p=: the key is revoked", key.name)).fix(
                format!(
                    "If {} still signs, publish its key in p= again; if it was retired, let the mail \
                     system sign with the new selector",
                    key.selector
                ),
            );
        // A retired selector that was merely guessed, or used once, is as it should be.
        vec![match key.origin {
            Origin::Guess | Origin::Report | Origin::Log => {
                problem.severity(Severity::Info).confidence(Confidence::Tentative)
            }
            _ => problem,
        }]
    })
}
