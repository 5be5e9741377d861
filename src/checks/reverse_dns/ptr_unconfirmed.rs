//! The PTR name does not lead back to the sending address.

use super::{is_host, wanted_name};
use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ptr-unconfirmed",
    area: Area::ReverseDns,
    title: "the PTR name does not lead back to the sending address",
    severity: Severity::High,
    why: "\
        Receivers look the PTR name up forward and expect the sending address (FCrDNS). Gmail refuses \
        with 550 5.7.25 where it is not there, others score it as spam.",
    fix: "Publish an address record for the PTR name, or have the PTR record changed to a name that has one.",
    references: &[Reference::Rfc { number: 8601, section: "2.7.3" }, pages::GOOGLE_SENDERS],
    needs: &[Topic::ReverseDns],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    facts.ips()?;
    let mut problems = Vec::new();
    let mut gap = None;
    let mut judged = false;
    for address in &facts.reverse().addresses {
        let Ok(names) = &address.names else {
            gap = address.names.as_ref().err().cloned();
            continue;
        };
        let Some(first) = names.first() else { continue };
        judged = true;
        match address.is_confirmed() {
            Ok(true) => {}
            Err(why) => gap = Some(why),
            Ok(false) => {
                let leads = match first.addresses.as_slice() {
                    [] => "has no address".to_owned(),
                    [ip, ..] => format!("leads to {ip}"),
                };
                let rtype = if address.ip.is_ipv4() { "A" } else { "AAAA" };
                let name = crate::model::untrusted::plain(first.name.as_str(), Width::Line);
                problems.push(
                    Problem::at(
                        Subject::Ip(address.ip),
                        format!("{} is named {name}, which {leads}: the name does not lead back", address.ip),
                    )
                    .fix(match is_host(&first.name) {
                        true => format!(
                            "whoever runs the zone of {name} publishes: {name}. {rtype} {}; or {}",
                            address.ip,
                            address.fix(&wanted_name(facts, address))
                        ),
                        false => address.fix(&wanted_name(facts, address)),
                    }),
                );
            }
        }
    }
    match gap {
        Some(gap) if problems.is_empty() => Err(gap),
        Some(gap) => Ok(Verdict::FailInPart(problems, gap)),
        _ if !judged => Ok(Verdict::NotApplicable("no address has a PTR record, see ptr-missing")),
        _ => Ok(Verdict::from_problems(problems)),
    }
}
