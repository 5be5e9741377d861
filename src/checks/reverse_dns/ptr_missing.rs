//! A sending address has no PTR record.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Name, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ptr-missing",
    area: Area::ReverseDns,
    title: "a sending address has no PTR record",
    severity: Severity::High,
    why: "\
        Gmail, Microsoft, Yahoo and most other receivers refuse or defer mail from an address without \
        reverse DNS; Gmail refuses IPv6 mail without it outright.",
    fix: "Ask the owner of the address (your provider or whoever holds the network block) to publish a PTR record that names the sending host.",
    references: &[Reference::Rfc { number: 1912, section: "2.1" }, pages::GOOGLE_SENDERS],
    needs: &[Topic::ReverseDns],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    facts.ips()?;
    let mut problems = Vec::new();
    let mut gap = None;
    for address in &facts.reverse().addresses {
        match &address.names {
            Err(why) => gap = Some(why.clone()),
            Ok(names) if !names.is_empty() => {}
            Ok(_) => {
                let host =
                    facts.target().helo.clone().unwrap_or_else(|| "the sending host's name".to_owned());
                let reverse = Name::reverse(address.ip);
                let severity = if address.ip.is_ipv6() { Severity::Critical } else { Severity::High };
                problems.push(
                    Problem::at(
                        Subject::Ip(address.ip),
                        format!(
                            "{} has no PTR record, so receivers cannot tell whose host it is",
                            address.ip
                        ),
                    )
                    .fix(format!(
                        "the owner of {} publishes: {reverse}. PTR {}.",
                        address.ip,
                        crate::model::untrusted::plain(host.trim_end_matches('.'), 120)
                    ))
                    .severity(severity),
                );
            }
        }
    }
    match gap {
        Some(gap) if problems.is_empty() => Err(gap),
        _ => Ok(Verdict::from_problems(problems)),
    }
}
