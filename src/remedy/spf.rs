//! SPF records: repaired, merged, improved one step at a time, and proven by the
//! sets of addresses before and after.

use std::net::IpAddr;

use super::draft::{self, Codes};
use super::draft::{Change, Standing, Step, standing, strings, txt};
use super::public::{is_public_address, is_public_name};
use super::spf_improve;
use super::text_record::unread;
use crate::facts::Facts;
use crate::facts::spf::fix::{address_term, merged};
use crate::facts::spf::{Authorised, Limits, SpfInput, evaluate};
use crate::model::{Name, Rdata, RecordType, Role};
use crate::parse::repair::{self, Repaired};
use crate::parse::spf::is_spf;

/// The audited domain's record.
pub(super) fn step(facts: &Facts, name: &Name, standing: &Standing, codes: &Codes) -> Step {
    let (old, text, mut notes) = match meant(facts, name, standing) {
        Ok(found) => found,
        Err(why) => return Step::Withheld(why),
    };
    let leftovers: Vec<Rdata> = match codes.contains("spf-senderid-leftover") {
        true => standing.records.iter().copied().filter(|rdata| is_sender_id(rdata)).cloned().collect(),
        false => Vec::new(),
    };
    let Some(text) = text else {
        return from_type(facts, name, &leftovers).unwrap_or_else(|| first(facts, name, leftovers));
    };
    let is_published =
        old.len() == 1 && strings(&old[0]).is_some_and(|strings| strings.concat() == text.as_bytes());
    let mut safe = true;
    let mut new = text.clone();
    if is_published {
        // Only a record that stands as it is has been evaluated, so only that one is improved.
        match spf_improve::improved(facts, codes) {
            Ok(Some(better)) => {
                new = better.text;
                safe = better.safe;
                notes.extend(better.notes);
            }
            Ok(None) => {}
            Err(why) => return Step::Withheld(why),
        }
    }
    let too_long = old.iter().filter_map(strings).flatten().any(|string| string.len() > 255);
    if is_published && new == text && leftovers.is_empty() && !too_long {
        return Step::Done;
    }
    let keep = is_published && new == text && !too_long;
    let record = if keep { old[0].clone() } else { txt(&new) };
    let mut old = old;
    old.extend(leftovers);
    Step::Change(Change { old, new: vec![record], safe, notes })
}

/// What stands at the name for SPF, and the one text that was meant; `None` where nothing does.
type Found = (Vec<Rdata>, Option<String>, Vec<String>);

fn meant(facts: &Facts, name: &Name, standing: &Standing) -> Result<Found, String> {
    let texts: Vec<&Rdata> =
        standing.records.iter().copied().filter(|rdata| strings(rdata).is_some()).collect();
    if repair::spf::is_heap(texts.iter().copied()) {
        return Err("too many SPF records stand there to tell which one is meant".to_owned());
    }
    let read = |rdata: &Rdata| draft::meant(facts, name, rdata, repair::spf::read);
    let is_record = |rdata: &&Rdata| strings(rdata).is_some_and(|strings| is_spf(&strings.concat()));
    let mut found: Vec<(&Rdata, Repaired)> =
        texts.iter().copied().filter(is_record).filter_map(|rdata| Some((rdata, read(rdata)?))).collect();
    if found.is_empty() {
        // Beside a record, a text that only looks like one is something else.
        found = texts.iter().filter_map(|rdata| Some((*rdata, read(rdata)?))).collect();
    }
    if let Some((_, one)) = found.iter().find(|(_, one)| !one.is_whole()) {
        return Err(unread(one));
    }
    let old: Vec<Rdata> = found.iter().map(|(rdata, _)| (*rdata).clone()).collect();
    match found.as_slice() {
        [] => Ok((old, None, Vec::new())),
        [(_, one)] => Ok((old, Some(one.text.clone()), one.repairs.clone())),
        many => {
            let texts: Vec<Vec<u8>> = many.iter().map(|(_, one)| one.text.clone().into_bytes()).collect();
            let text = merged(&texts).ok_or("the records cannot be put into one")?;
            Ok((old, Some(text), vec![format!("one record out of {}", many.len())]))
        }
    }
}

fn is_sender_id(rdata: &Rdata) -> bool {
    strings(rdata).is_some_and(|strings| strings.concat().to_ascii_lowercase().starts_with(b"spf2.0/"))
}

/// Whether an SPF record stands in the type that receivers ask for.
pub(super) fn has_text(facts: &Facts, name: &Name) -> bool {
    let records = standing(facts, name, RecordType::Txt).map(|found| found.records).unwrap_or_default();
    records.iter().any(|rdata| strings(rdata).is_some_and(|strings| is_spf(&strings.concat())))
}

/// The record that stands in the discontinued type 99 alone, which nobody asks for any more.
fn from_type(facts: &Facts, name: &Name, leftovers: &[Rdata]) -> Option<Step> {
    let found = standing(facts, name, RecordType::Spf)?;
    let [Rdata::Spf(strings)] = found.records.as_slice() else { return None };
    let meant = repair::spf::read(strings).filter(Repaired::is_whole)?;
    let mut notes = meant.repairs.clone();
    notes.push("what the SPF record (type 99) says, as TXT: receivers ask for no other type".to_owned());
    Some(Step::Change(Change { old: leftovers.to_vec(), new: vec![txt(&meant.text)], safe: true, notes }))
}

/// A first record, out of the addresses given.
fn first(facts: &Facts, name: &Name, leftovers: Vec<Rdata>) -> Step {
    let ips: Vec<IpAddr> = facts.target().ips.iter().copied().filter(|ip| is_public_address(*ip)).collect();
    if ips.is_empty() || !is_public_name(name) {
        let role = facts.role();
        if ips.is_empty() && matches!(role, Ok(Role::Parked | Role::ReceivesOnly)) {
            let notes = vec!["nobody may send, as the name says of itself".to_owned()];
            return Step::Change(Change { old: leftovers, new: vec![txt("v=spf1 -all")], safe: true, notes });
        }
        return match leftovers.is_empty() {
            true => Step::Withheld("which addresses send is not known; give them with --ip".to_owned()),
            false => Step::Change(Change { old: leftovers, new: Vec::new(), safe: true, notes: Vec::new() }),
        };
    }
    let terms: Vec<String> = ips.iter().map(|ip| address_term(*ip)).collect();
    let note = "names only the addresses given with --ip; add every other one that sends".to_owned();
    let record = txt(&format!("v=spf1 {} -all", terms.join(" ")));
    Step::Change(Change { old: leftovers, new: vec![record], safe: false, notes: vec![note] })
}

/// The HELO name's own record.
pub(super) fn helo_step(facts: &Facts, name: &Name, standing: &Standing, codes: &Codes) -> Step {
    let ips: Vec<IpAddr> = facts.target().ips.iter().copied().filter(|ip| is_public_address(*ip)).collect();
    if !is_public_name(name) {
        return Step::Withheld(format!(
            "{name} is no public name: greet with a host name below your own domain"
        ));
    }
    let (old, text, notes) = match meant(facts, name, standing) {
        Ok(found) => found,
        Err(why) => return Step::Withheld(why),
    };
    match text {
        None if codes.contains("spf-helo-missing") && !ips.is_empty() => {
            let terms: Vec<String> = ips.iter().map(|ip| address_term(*ip)).collect();
            Step::Change(Change {
                old,
                new: vec![txt(&format!("v=spf1 {} -all", terms.join(" ")))],
                safe: true,
                notes,
            })
        }
        None if codes.contains("spf-helo-missing") && facts.target().ips.is_empty() => {
            let lives = facts.ledger().addresses(name).is_ok_and(|found| !found.is_empty());
            match lives {
                true => Step::Change(Change { old, new: vec![txt("v=spf1 a -all")], safe: true, notes }),
                false => Step::Withheld(format!(
                    "which addresses greet as {name} is not known; give them with --ip"
                )),
            }
        }
        None => Step::Withheld("none of the addresses given is public".to_owned()),
        Some(text) => {
            let helo = facts.spf().ok().and_then(|spf| spf.helo.as_ref());
            let failing = helo.map(|helo| spf_improve::failing(&helo.senders)).unwrap_or_default();
            let text = spf_improve::with_addresses(&text, &failing);
            let same =
                old.len() == 1 && strings(&old[0]).is_some_and(|strings| strings.concat() == text.as_bytes());
            match same {
                true => Step::Done,
                false => Step::Change(Change { old, new: vec![txt(&text)], safe: true, notes }),
            }
        }
    }
}

/// No address that was meant to pass stops passing, somebody may still send, and
/// receivers can work with the record.
pub(super) fn holds(name: &Name, meant: &Facts, after: &Facts, codes: &Codes) -> Result<(), String> {
    let of = |facts: &Facts| evaluate(facts.ledger(), &SpfInput::policy(name, facts.now()), Limits::RFC);
    let (before, after_policy) = (of(meant), of(after));
    let Some(record) = after_policy.root.record() else {
        return Err("no record would stand there".to_owned());
    };
    if !record.faults.is_empty() {
        return Err("the record would still have a syntax error".to_owned());
    }
    let cost = after_policy.cost();
    let old_cost = before.cost();
    if let Some(gap) = cost.gap {
        return Err(format!("an answer that the proof needs is missing: {gap}"));
    }
    if after_policy.cut || cost.lookups > Limits::RFC.lookups.max(old_cost.lookups) {
        return Err(format!("it would need {} look-ups", cost.lookups));
    }
    if cost.voids > Limits::RFC.voids.max(old_cost.voids) {
        return Err(format!("{} look-ups would find nothing", cost.voids));
    }
    let (was, is) = (Authorised::of(&before.root), Authorised::of(&after_policy.root));
    if let Some(gap) = is.gap.as_ref().or(was.gap.as_ref()) {
        return Err(format!("an answer that the proof needs is missing: {gap}"));
    }
    let denies_all = before.root.record().is_some_and(|record| {
        matches!(record.terms.as_slice(), [only] if record.text_of(only).eq_ignore_ascii_case("-all"))
    });
    // The first record of a name that says by its MX that it sends nothing.
    let parks = before.root.record().is_none()
        && meant.target().ips.is_empty()
        && matches!(meant.role(), Ok(Role::Parked | Role::ReceivesOnly));
    if is.set.is_empty() && is.by_sender.is_empty() && !denies_all && !parks {
        return Err("it would leave nobody who may send".to_owned());
    }
    let broad = codes.contains("spf-all-permissive");
    let lost = was.set.minus(&is.set);
    if !broad && !was.is_world() && !only_private(&lost) {
        return Err("addresses that may send today would lose the right".to_owned());
    }
    let by_name = |one: &&String| !is.by_sender.iter().any(|kept| kept.eq_ignore_ascii_case(one));
    if !codes.contains("spf-ptr-mechanism") && was.by_sender.iter().any(|one| by_name(&one)) {
        return Err("senders that a macro or ptr lets through would lose the right".to_owned());
    }
    Ok(())
}

fn only_private(set: &crate::facts::spf::AddressSet) -> bool {
    set.networks().into_iter().all(|net| !super::public::is_public(net))
}
