//! The PTR name looks like an automatic one of an access network.

use super::wanted_name;
use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::facts::zone::reverse::{AddressFacts, PtrName};
use crate::model::untrusted::Width;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::parse::web::host_name::Generic;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ptr-generic",
    area: Area::ReverseDns,
    title: "the PTR name looks like an automatic one of an access network",
    severity: Severity::Medium,
    why: "\
        Names with the address or words such as dynamic or dsl in them mark end-user connections. Many \
        receivers refuse or score mail from them, and policy blocklists list them by pattern.",
    fix: "Ask the owner of the address for a PTR name of your own, such as the name given in HELO.",
    references: &[pages::M3AAWG_PRACTICES, Reference::Rfc { number: 1912, section: "2.1" }],
    needs: &[Topic::ReverseDns],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    facts.ips()?;
    let mut problems = Vec::new();
    let (mut gap, mut judged) = (None, false);
    for address in &facts.reverse().addresses {
        match &address.names {
            Err(why) => gap = Some(why.clone()),
            // One name of its own is enough.
            Ok(names) if names.iter().any(|name| name.generic.is_none()) => judged = true,
            Ok(names) => problems.extend(names.first().and_then(|name| problem(facts, address, name))),
        }
    }
    match gap {
        Some(gap) if problems.is_empty() => Err(gap),
        Some(gap) => Ok(Verdict::FailInPart(problems, gap)),
        _ if problems.is_empty() && !judged => {
            Ok(Verdict::NotApplicable("no address has a PTR record, see ptr-missing"))
        }
        _ => Ok(Verdict::from_problems(problems)),
    }
}

fn problem(facts: &Facts, address: &AddressFacts, name: &PtrName) -> Option<Problem> {
    let seen = match name.generic.as_ref()? {
        Generic::HoldsAddress => "holds the address itself".to_owned(),
        Generic::Word(word) => format!("holds the word \"{word}\""),
    };
    let shown = crate::model::untrusted::plain(name.name.as_str(), Width::Line);
    let wanted = wanted_name(facts, address);
    let summary = format!("{} is named {shown}, which {seen}: it looks like a dynamic line", address.ip);
    Some(Problem::at(Subject::Ip(address.ip), summary).fix(address.fix(&wanted)).confidence(Confidence::Firm))
}
