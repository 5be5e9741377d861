//! Bounces to the envelope sender cannot be delivered.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mail-from-undeliverable",
    area: Area::Authentication,
    title: "bounces to the envelope sender cannot be delivered",
    severity: Severity::High,
    why: "\
        Bounces go to the envelope sender. Receivers test whether its domain can take mail and refuse \
        the message where it cannot (Sender address rejected: Domain not found).",
    fix: "\
        Publish an MX record for the envelope sender's domain, or use a sender in a domain that has one.",
    references: &[
        Reference::Rfc { number: 5321, section: "3.6.3" },
        Reference::Rfc { number: 7505, section: "4.2" },
    ],
    needs: &[Topic::Mx],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(mx) = facts.mail_from_mx()? else {
        return Ok(Verdict::NotApplicable("the envelope sender is at the From domain, see mx-missing"));
    };
    let domain = &mx.domain;
    let fail = |why: String| {
        let fix = format!("Publish {domain}. MX 10 <the host that takes its bounces>");
        Ok(Verdict::Fail(vec![Problem::at(Subject::Domain(domain.clone()), why).fix(fix)]))
    };
    if mx.hosts.iter().any(|host| host.name.is_root()) {
        return fail(format!("{domain}, the envelope sender's domain, publishes MX 0 . and takes no mail"));
    }
    if let Some(implicit) = &mx.implicit {
        return match implicit.as_ref().map_err(Gap::clone)?.is_empty() {
            true => fail(format!(
                "{domain}, the envelope sender's domain, has neither an MX nor an address record"
            )),
            false => Ok(Verdict::Pass),
        };
    }
    let mut gap = None;
    for host in &mx.hosts {
        match &host.has_address {
            Ok(false) => {}
            Ok(true) => return Ok(Verdict::Pass),
            Err(why) => gap = Some(why.clone()),
        }
    }
    match gap {
        Some(gap) => Err(gap),
        None => fail(format!("no MX host of {domain}, the envelope sender's domain, has an address")),
    }
}
