//! The resolver still holds an older answer than the zone's own servers.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::zone::name_servers::{Compared, Resolved};
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "resolver-behind",
    area: Area::Authentication,
    title: "the resolver's answer is not what the name servers say now",
    severity: Severity::Low,
    why: "\
        A change is not everywhere yet: this report judges the resolver's copy, and receivers may hold \
        the old record for as long as its time to live.",
    fix: "Wait until the old record's time to live is over, or flush the resolver's cache, and audit again.",
    references: &[Reference::Rfc { number: 1034, section: "3.6" }],
    needs: &[Topic::NameServers],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let found = facts.name_servers()?;
    let problems: Vec<Problem> = found.compared.iter().filter_map(problem).collect();
    let unknown = |compared: &Compared| compared.gap().or(compared.resolver.as_ref().err()).cloned();
    Verdict::so_far(problems, found.compared.iter().find_map(unknown))
}

/// Only where the servers agree: else there is no "now" to be behind of.
fn problem(compared: &Compared) -> Option<Problem> {
    let contents = compared.contents();
    let [(now, _, ttl)] = contents.as_slice() else { return None };
    let Resolved { content: then, left } = compared.resolver.as_ref().ok()?.as_ref()?;
    if then == now {
        return None;
    }
    let text = |content: &[String]| match content {
        [] => "no record".to_owned(),
        some => crate::model::untrusted::plain(&some.join(" | "), Width::Line),
    };
    let name = crate::model::untrusted::plain(compared.name.as_str(), Width::Line);
    let wait = match left {
        Some(left) => format!("wait {left} s, the old record's remaining life"),
        None => {
            format!("wait for the old denial to expire (the SOA record's minimum; the new TTL is {ttl} s)")
        }
    };
    Some(
        Problem::at(
            Subject::Domain(compared.name.clone()),
            format!(
                "{name} {}: the resolver says {}, its name servers {}",
                compared.rtype,
                text(then),
                text(now)
            ),
        )
        .fix(format!("{wait}, or flush the resolver's cache, and audit again")),
    )
}
