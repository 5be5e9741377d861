//! A sending address has no PTR record.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
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
                let severity = match address.hidden() {
                    // Behind a NAT the mail leaves from another address.
                    Some(_) => Severity::Low,
                    None if address.ip.is_ipv6() => Severity::Critical,
                    None => Severity::High,
                };
                let why = match address.aliases.last() {
                    Some(owner) => {
                        let owner = crate::model::untrusted::plain(owner.as_str(), Width::Line);
                        format!("has no PTR record: its reverse name is delegated to {owner}, which has none")
                    }
                    None => "has no PTR record, so receivers cannot tell whose host it is".to_owned(),
                };
                problems.push(
                    Problem::at(Subject::Ip(address.ip), format!("{} {why}", address.ip))
                        .fix(address.fix(&host))
                        .severity(severity),
                );
            }
        }
    }
    Verdict::so_far(problems, gap)
}
