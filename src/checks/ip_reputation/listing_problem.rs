//! From verdicts of lists to a check's verdict: what was seen, what receivers
//! make of it, and the way off. Not a check.

use crate::check::{Problem, Verdict};
use crate::data::blocklists::{About, Weight};
use crate::facts::Facts;
use crate::facts::listings::{Extent, Hit, Identity, Listed, Listing, Part, delist};
use crate::model::untrusted::Width;
use crate::model::{Confidence, Gap, Severity, Topic};

/// Judges the listings of identities of `parts` that `wanted` takes.
pub(super) fn judge(
    facts: &Facts,
    parts: &[Part],
    wanted: impl Fn(About, Weight) -> bool,
    severity: impl Fn(&Hit) -> Severity,
) -> Result<Verdict, Gap> {
    if !facts.scope().topics.contains(&Topic::Blocklists) {
        return Err(Gap::NotSupplied {
            what: "network for blocklists",
            flag: "--ip, or leave --offline out",
        });
    }
    let listings = facts.listings();
    let selection = listings.select(parts, wanted);
    let mut problems: Vec<Problem> = selection
        .listed
        .iter()
        .map(|(listing, listed, hit)| problem(facts, listing, listed, hit).severity(severity(hit)))
        .collect();
    if problems.is_empty() {
        if let Some(gap) = selection.gap() {
            return Err(gap);
        }
        if let Some(gap) = listings.part_gap(parts) {
            return Err(gap.clone());
        }
        return Ok(match selection.clean {
            0 => Verdict::NotApplicable("no list of this kind was asked about the sender"),
            _ => Verdict::Pass,
        });
    }
    raise_repeated(&mut problems);
    Verdict::so_far(problems, selection.gap().or_else(|| listings.part_gap(parts).cloned()))
}

/// By how much receivers act on the list.
pub(super) fn by_weight(hit: &Hit) -> Severity {
    match hit.weight {
        Weight::High => Severity::Critical,
        Weight::Medium => Severity::Medium,
        Weight::Low => Severity::Low,
        Weight::None => Severity::Info,
    }
}

/// One list of medium weight is one opinion; two that agree on the same subject
/// are what scoring filters add up, so the spam folder is likely.
fn raise_repeated(problems: &mut [Problem]) {
    let subjects: Vec<String> = problems.iter().map(|problem| problem.subject.to_string()).collect();
    let is_medium: Vec<bool> = problems.iter().map(|p| p.severity == Some(Severity::Medium)).collect();
    for (index, problem) in problems.iter_mut().enumerate() {
        let agreeing = subjects.iter().zip(&is_medium).filter(|(s, m)| **s == subjects[index] && **m).count();
        if is_medium[index] && agreeing >= 2 {
            problem.severity = Some(Severity::High);
        }
    }
}

fn problem(facts: &Facts, listing: &Listing, listed: &Listed, hit: &Hit) -> Problem {
    let listings = facts.listings();
    let asked = &listings.lists[listing.list];
    let part = listings.parts_of(&listing.identity);
    let zone = asked.shown();
    let operator = match &asked.list {
        Some(list) => format!(" ({})", list.operator),
        None => String::new(),
    };
    let whose = match hit.about {
        About::Network => "; it is about the neighbourhood, not this address alone",
        About::Policy => "; it is about the kind of address, not about mail from it",
        _ => "",
    };
    let whose = match listed.extent {
        Some(Extent::Network(first)) => format!("; the whole {first}/64 is listed{whose}"),
        Some(Extent::Address) => format!("; others of its /64 are not listed{whose}"),
        None => whose.to_owned(),
    };
    let summary = format!(
        "{} ({part}) is on {zone}{operator}: {}, {}{whose}; {}",
        listing.identity,
        hit.code,
        hit.means,
        consequence(hit),
    );
    let mut proof = format!("{} A", shown_name(listed, asked));
    for code in listed.codes() {
        proof.push_str(&format!(" {code}"));
    }
    if let Some(text) = &listed.text {
        proof.push_str(&format!(", TXT \"{}\"", text.plain(Width::Record)));
    }
    let mut fix = String::new();
    for (index, step) in delist::steps(asked, hit, &listing.identity).iter().enumerate() {
        let separator = if index == 0 { "" } else { "; " };
        fix.push_str(&format!("{separator}{}. {step}", index + 1));
    }
    if let Some(expiry) = asked.list.as_ref().and_then(|list| list.expiry.as_deref()) {
        fix.push_str(&format!(". How long it lasts: {expiry}"));
    }
    let confidence = if asked.list.is_some() { Confidence::Certain } else { Confidence::Firm };
    Problem::at(listing.identity.subject(), summary).proof(proof).fix(fix).confidence(confidence)
}

/// The question as asked, without a key.
fn shown_name(listed: &Listed, asked: &crate::facts::listings::Asked) -> String {
    let shown = crate::model::untrusted::plain(listed.name.as_str(), Width::Record);
    match shown.strip_suffix(asked.zone.as_str()) {
        Some(front) => format!("{front}{}", asked.shown()),
        None => shown,
    }
}

fn consequence(hit: &Hit) -> &'static str {
    match hit.weight {
        Weight::High => "large receivers refuse mail for it",
        Weight::Medium => "some receivers refuse it, others count it as spam",
        Weight::Low => "few receivers act on it",
        Weight::None => "informational: hardly any receiver acts on it",
    }
}

/// True where one identity at least plays one of these parts.
pub(super) fn any_of(facts: &Facts, parts: &[Part]) -> bool {
    facts.listings().subjects.parts.values().flatten().any(|part| parts.contains(part))
}

/// Addresses to judge, or what to give for them.
pub(super) const ADDRESSES: &[Part] = &[Part::SendingIp, Part::RelayIp];

/// Fails with the flag to give where there is no address.
pub(super) fn need_addresses(facts: &Facts) -> Result<(), Gap> {
    if any_of(facts, ADDRESSES) { Ok(()) } else { facts.ips().map(|_| ()) }
}

/// True for an address among the identities.
pub(super) fn is_address(identity: &Identity) -> bool {
    matches!(identity, Identity::Ip(_))
}
