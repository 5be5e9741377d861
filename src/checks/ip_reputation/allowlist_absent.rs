//! Lists that speak for a sender: credit, and never points.

use super::listing_problem::{ADDRESSES, is_address, need_addresses};
use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::data::blocklists::Role;
use crate::facts::Facts;
use crate::facts::listings::{Outcome, Selection};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "allowlist-absent",
    area: Area::IpReputation,
    title: "no allowlist speaks for a sending address",
    severity: Severity::Info,
    why: "\
        dnswl.org and similar lists name hosts known to send wanted mail; filters give credit for it. \
        It is no fault to be on none, and worth no points to be on one.",
    fix: "An established sender may register its addresses at https://www.dnswl.org/selfservice, free of charge.",
    references: &[Reference::Rfc { number: 5782, section: "2.1" }, pages::DNSWL],
    needs: &[Topic::Blocklists],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    need_addresses(facts)?;
    let listings = facts.listings();
    let mut selection = Selection::default();
    let mut problems = Vec::new();
    for (identity, parts) in &listings.subjects.parts {
        if !is_address(identity) || !parts.iter().any(|part| ADDRESSES.contains(part)) {
            continue;
        }
        let mut silent = Vec::new();
        let mut credited = false;
        for listing in listings.listings.iter().filter(|listing| listing.identity == *identity) {
            let asked = &listings.lists[listing.list];
            match &listing.outcome {
                Outcome::Clean { credit } if !credit.is_empty() => credited = true,
                Outcome::Clean { .. } if asked.role() == Role::Allow => silent.push(asked.shown()),
                Outcome::Unknown(unknown) if asked.role() == Role::Allow => selection.unknown.push(unknown),
                _ => {}
            }
        }
        if credited {
            selection.clean += 1;
        } else if !silent.is_empty() {
            let text = format!("{identity} is on none of the allowlists asked ({})", silent.join(", "));
            problems.push(Problem::at(identity.subject(), text));
        }
    }
    if let Some(gap) = selection.gap() {
        return Err(gap);
    }
    if problems.is_empty() && selection.clean == 0 {
        return Ok(Verdict::NotApplicable("no allowlist was asked about the sender"));
    }
    Ok(Verdict::from_problems(problems))
}
