//! The sending host's own name has no MX record.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::zone::own_name::NamedHost;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Name, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "source-name-without-mx",
    area: Area::ReverseDns,
    title: "the sending host's own name has no MX record",
    severity: Severity::Info,
    why: "\
        Mail to addresses at the host's name (bounces of its own jobs, replies to root@, its postmaster) goes to \
        the host itself where no MX record says otherwise; a host that only sends does not answer there, and some \
        filters distrust a sender who cannot be answered.",
    fix: "Give the name an MX record that leads to the hosts that take your mail.",
    references: &[
        Reference::Rfc { number: 5321, section: "5.1" },
        Reference::Rfc { number: 7505, section: "3" },
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
    let (mut problems, mut gap, mut judged) = (Vec::new(), None, false);
    for own in own_names {
        let host = match &own.name {
            Ok(Some(host)) => host,
            Ok(None) => continue,
            Err(why) => {
                gap = Some(why.clone());
                continue;
            }
        };
        match &host.exchanges {
            Err(why) => gap = Some(why.clone()),
            Ok(exchanges) => {
                judged = true;
                if exchanges.is_empty() && !problems.iter().any(|known: &Problem| is_of(known, &host.name)) {
                    problems.push(problem(domain, host));
                }
            }
        }
    }
    match gap {
        None if !judged => Ok(Verdict::NotApplicable("no name in the domain leads to an address given")),
        gap => Verdict::so_far(problems, gap),
    }
}

fn is_of(problem: &Problem, name: &Name) -> bool {
    matches!(&problem.subject, Subject::Host(known) if known == name)
}

fn problem(domain: &Name, host: &NamedHost) -> Problem {
    let name = plain(host.name.as_str(), Width::Line);
    let summary =
        format!("{name} has no MX record: mail to addresses at that name goes to the sending host itself");
    Problem::at(Subject::Host(host.name.clone()), summary).fix(format!(
        "publish the MX records of {domain} at {name}. too, where the host itself takes no mail"
    ))
}
