//! TLSA records stand in a zone without DNSSEC.

use super::each;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dane-unsigned",
    area: Area::Authentication,
    title: "TLSA records stand in a zone without DNSSEC",
    severity: Severity::Low,
    why: "\
        Without DNSSEC anyone on the way can replace the records, so senders ignore them: the protection \
        is not there.",
    fix: "\
        Sign the zone of the MX host with DNSSEC and publish its DS record at the registrar.",
    references: &[Reference::Rfc { number: 7672, section: "2.2" }],
    needs: &[Topic::Dane],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each(facts, "no MX host has TLSA records, see dane-missing", |host, _| {
        if host.secure.clone()? {
            return Ok(Some(Vec::new()));
        }
        let summary = format!("the TLSA records at {} are not signed", host.name);
        let fix = format!("sign the zone that holds {} and publish its DS record", host.name);
        Ok(Some(vec![Problem::at(Subject::Host(host.host.clone()), summary).fix(fix)]))
    })
}
