//! No name in the sender's domain leads to the sending address.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "source-name-missing",
    area: Area::ReverseDns,
    title: "no name in the sender's domain leads to the sending address",
    // Right where a provider's shared hosts send; a slip where the host is the sender's own.
    severity: Severity::Info,
    why: "\
        A host that sends under its owner's name has an A or AAAA record (or a CNAME to one) in the owner's \
        domain, and HELO and PTR use that name. Without one nothing but SPF ties the address to the domain.",
    fix: "\
        Where the host is your own, publish its address under a name in your domain and have PTR and HELO say \
        that name; where a provider's shared host sends, leave it.",
    references: &[
        Reference::Rfc { number: 1912, section: "2.1" },
        Reference::Rfc { number: 5321, section: "4.1.4" },
    ],
    needs: &[Topic::ReverseDns],
    since: "0.2.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    facts.ips()?;
    let domain = facts.domain()?;
    let own_names = facts.own_names()?;
    if own_names.is_empty() {
        return Ok(Verdict::NotApplicable("no address is one that receivers see, see ip-not-public"));
    }
    let (mut problems, mut gap) = (Vec::new(), None);
    for own in own_names {
        match &own.name {
            Err(why) => gap = Some(why.clone()),
            Ok(Some(_)) => {}
            Ok(None) => {
                let is_named = match &own.elsewhere {
                    Some(name) => format!("is named {}", plain(name.as_str(), Width::Line)),
                    None => "has no PTR name".to_owned(),
                };
                let ip = own.ip;
                let rtype = if ip.is_ipv4() { "A" } else { "AAAA" };
                // What nobody asked about rules nothing out.
                let looked_at = if own.by_mx { "PTR, HELO or MX tell" } else { "PTR or HELO tells" };
                let summary = format!(
                    "{ip} {is_named}, and no name in {domain} that {looked_at} leads to that address"
                );
                problems.push(Problem::at(Subject::Ip(ip), summary).fix(format!(
                    "where the host is your own, publish mail.{domain}. {rtype} {ip} and let PTR and HELO say \
                     that name"
                )));
            }
        }
    }
    Verdict::so_far(problems, gap)
}
