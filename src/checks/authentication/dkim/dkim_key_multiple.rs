//! Is there one record per selector?

use super::judge_keys;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-key-multiple",
    area: Area::Authentication,
    title: "a DKIM selector has more than one record",
    severity: Severity::High,
    why: "\
        With several TXT records at a selector the outcome is undefined: each receiver picks one, and \
        with the wrong one the signature fails.",
    fix: "Keep the one record that holds the signer's key and delete the others.",
    references: &[Reference::Rfc { number: 6376, section: "3.6.2.2" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    judge_keys(facts, |key, state| {
        if state.records.len() < 2 {
            return Vec::new();
        }
        let keys = state.records.iter().filter(|record| record.is_key_like()).count();
        let summary = format!(
            "{} has {} TXT records ({keys} of them look like keys): receivers pick one at random",
            key.name,
            state.records.len()
        );
        let fix = match keys {
            1 => "Delete the records at that name that are no key; other TXT records belong elsewhere"
                .to_owned(),
            _ => {
                format!("Keep the key that {} signs with; give a new key a selector of its own", key.selector)
            }
        };
        vec![Problem::at(key.subject(None), summary).fix(fix)]
    })
}
