//! TLSA records stand in a zone without DNSSEC.

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
    let (mut problems, mut gap, mut any) = (Vec::new(), None, false);
    for host in facts.dane()? {
        match &host.records {
            Err(why) => gap = Some(why.clone()),
            Ok(records) if records.is_empty() => {}
            Ok(_) => {
                any = true;
                match &host.secure {
                    Ok(true) => {}
                    Err(why) => gap = Some(why.clone()),
                    Ok(false) => {
                        let summary = format!("the TLSA records at {} are not signed", host.name);
                        let fix = format!("sign the zone that holds {} and publish its DS record", host.name);
                        problems.push(Problem::at(Subject::Host(host.host.clone()), summary).fix(fix));
                    }
                }
            }
        }
    }
    match gap {
        Some(gap) if problems.is_empty() => Err(gap),
        _ if !any => Ok(Verdict::NotApplicable("no MX host has TLSA records, see dane-missing")),
        _ => Ok(Verdict::from_problems(problems)),
    }
}
