//! No MX host has TLSA records.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dane-missing",
    area: Area::Authentication,
    title: "no MX host has TLSA records",
    severity: Severity::Info,
    why: "\
        With DANE senders know from DNS which certificate to expect, and nobody on the way can read or \
        reroute the mail. It protects incoming mail; outgoing mail is not judged by it.",
    fix: "\
        Sign the zone of the MX host with DNSSEC, then publish TLSA records at _25._tcp.HOST.",
    references: &[Reference::Rfc { number: 7672, section: "3.1" }],
    needs: &[Topic::Dane],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let hosts = facts.dane()?;
    if hosts.is_empty() {
        return Ok(Verdict::NotApplicable("no MX record names a host"));
    }
    let mut gap = None;
    for host in hosts {
        match &host.records {
            Ok(records) if !records.is_empty() => return Ok(Verdict::Pass),
            Ok(_) => {}
            Err(why) => gap = Some(why.clone()),
        }
    }
    if let Some(gap) = gap {
        return Err(gap);
    }
    let domain = facts.domain()?;
    let record = hosts.first().map(|host| format!("{}. TLSA 3 1 1 <SHA-256 of the public key>", host.name));
    let summary = format!("no MX host of {domain} has a TLSA record at _25._tcp");
    Ok(Verdict::Fail(vec![
        Problem::at(Subject::Domain(domain.clone()), summary).fix(record.unwrap_or_default()),
    ]))
}
