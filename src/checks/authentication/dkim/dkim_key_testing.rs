//! Does a key record say that DKIM is only being tried out?

use super::judge_keys;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-key-testing",
    area: Area::Authentication,
    title: "a DKIM key is in test mode",
    severity: Severity::Medium,
    why: "\
        t=y tells receivers that the domain is testing DKIM: they must not treat its messages \
        differently from unsigned mail, so the signature earns no trust.",
    fix: "Remove y from the t= tag once signing works.",
    references: &[Reference::Rfc { number: 6376, section: "3.6.1" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    judge_keys(facts, |key, _| {
        let Some(record) = key.record().filter(|record| record.is_testing()) else { return Vec::new() };
        let tag = record.list.get("t");
        let rest: Vec<&str> = record.flags.iter().map(String::as_str).filter(|flag| *flag != "y").collect();
        let fix = match rest.as_slice() {
            [] => "Remove the t= tag from the record".to_owned(),
            rest => {
                format!(
                    "Publish the record with t={}",
                    crate::model::untrusted::plain(&rest.join(":"), Width::Word)
                )
            }
        };
        let seen = format!("{} says t=y: the signatures count as if the mail were unsigned", key.name);
        vec![Problem::at(key.subject(tag.map(|tag| tag.span.clone())), seen).fix(fix)]
    })
}
