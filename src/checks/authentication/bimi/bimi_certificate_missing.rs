//! Does the BIMI record name a mark certificate?

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "bimi-certificate-missing",
    area: Area::Authentication,
    title: "the BIMI record names no mark certificate",
    severity: Severity::Info,
    why: "\
        Gmail, Apple Mail and others show a logo only with a mark certificate (VMC or CMC); Yahoo and \
        a few more show one without, for senders of good standing.",
    fix: "Order a VMC (registered mark) or CMC (mark in use) and name its PEM file in a=.",
    references: &[pages::BIMI_DRAFT],
    needs: &[Topic::Bimi],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(bimi) = facts.bimi()? else {
        return Ok(Verdict::NotApplicable("the domain publishes no BIMI record"));
    };
    let [record] = bimi.records.as_slice() else {
        return Ok(Verdict::NotApplicable("there are several BIMI records, see bimi-syntax"));
    };
    if record.location.is_none() {
        return Ok(Verdict::NotApplicable("the BIMI record names no logo"));
    }
    if record.authority.is_some() {
        return Ok(Verdict::Pass);
    }
    let summary = format!("{} names a logo and no mark certificate (a=)", bimi.name);
    Ok(Verdict::Fail(vec![Problem::at(bimi.subject(None), summary).located(bimi.location.clone())]))
}
