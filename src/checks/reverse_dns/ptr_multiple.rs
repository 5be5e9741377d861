//! A sending address has several PTR names.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ptr-multiple",
    area: Area::ReverseDns,
    title: "a sending address has several PTR names",
    severity: Severity::Low,
    why: "\
        Receivers pick one of the names at random; unless every one leads back, confirmation fails now \
        and then, which looks like a fault that comes and goes.",
    fix: "Keep one PTR record: the name the host gives in HELO.",
    references: &[Reference::Rfc { number: 1912, section: "2.1" }],
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
            Ok(names) if names.len() < 2 => {}
            Ok(names) => {
                let list: Vec<String> = names
                    .iter()
                    .map(|name| crate::model::untrusted::plain(name.name.as_str(), Width::Name))
                    .collect();
                let more = address.published.saturating_sub(names.len());
                let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
                let summary =
                    format!("{} has {} PTR names: {}{rest}", address.ip, names.len() + more, list.join(", "));
                problems.push(Problem::at(Subject::Ip(address.ip), summary));
            }
        }
    }
    Verdict::so_far(problems, gap)
}
