//! Addresses that the SPF record permitted and no longer does.

use super::{NOTHING_EARLIER, place};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{Authorised, Limits, Published, SpfInput, evaluate};
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-spf-narrowed",
    area: Area::Authentication,
    title: "addresses that the SPF record permitted stop passing",
    severity: Severity::Medium,
    why: "\
        Mail from these addresses passed SPF until now and fails from this change on; where it carries no \
        aligned DKIM signature, DMARC fails with it.",
    fix: "\
        Make sure that nothing sends from these addresses any more, or name them again.",
    references: &[Reference::Rfc { number: 7208, section: "4" }],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(before) = facts.before() else { return Ok(Verdict::NotApplicable(NOTHING_EARLIER)) };
    let domain = facts.domain()?;
    let old = evaluate(&before, &SpfInput::policy(domain, facts.now()), Limits::RFC);
    if !matches!(old.root.published, Published::Record(..)) {
        return Ok(Verdict::NotApplicable("there was no one SPF record before"));
    }
    let old = Authorised::of(&old.root);
    if old.is_world() {
        return Ok(Verdict::NotApplicable("the earlier record permitted every address"));
    }
    let node = match facts.spf()?.tree()? {
        Ok(node) => node,
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    let new = Authorised::of(node);
    let lost = old.set.minus(&new.set);
    if lost.is_empty() || new.is_world() {
        return match old.gap {
            Some(gap) if !new.is_world() => Err(Gap::undecidable(format!("in the earlier state, {gap}"))),
            _ => Ok(Verdict::Pass),
        };
    }
    if let Some(gap) = new.gap {
        return Err(gap);
    }
    let networks = lost.networks();
    let shown: Vec<String> = networks.iter().take(8).map(ToString::to_string).collect();
    let more = if networks.len() > 8 { format!(" and {} more", networks.len() - 8) } else { String::new() };
    let used = facts.target().ips.iter().any(|ip| lost.contains(*ip));
    let severity = if used { Severity::High } else { Severity::Medium };
    let summary = format!(
        "{}{more} passed SPF for {domain} and no longer {}; mail from there fails SPF",
        shown.join(", "),
        if networks.len() == 1 { "does" } else { "do" }
    );
    let problem = Problem::at(Subject::Domain(domain.clone()), summary)
        .severity(severity)
        .fix(format!("if mail still leaves from there, put back: {}", terms(&shown)))
        .located(place(facts, &before, domain));
    Ok(Verdict::Fail(vec![problem]))
}

/// The networks as SPF terms; a single address without its length.
fn terms(networks: &[String]) -> String {
    let term = |network: &String| {
        let family = if network.contains(':') { "ip6" } else { "ip4" };
        let bare = network.strip_suffix("/32").or_else(|| network.strip_suffix("/128")).unwrap_or(network);
        format!("{family}:{bare}")
    };
    networks.iter().map(term).collect::<Vec<_>>().join(" ")
}
