//! DMARC records. Policies never weaken, addresses are kept and never invented.

use std::collections::BTreeSet;

use super::draft::Codes;
use super::draft::{Change, Standing, Step, meant, standing, strings, txt};
use super::text_record::unread;
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Name, Rdata, RecordType, Role, untrusted};
use crate::parse::dmarc::{Disposition, DmarcRecord};
use crate::parse::repair::{self, Repaired};
use crate::parse::web::psl;

pub(super) fn step(facts: &Facts, name: &Name, standing: &Standing, codes: &Codes) -> Step {
    let pieces = match joined(standing) {
        Ok(pieces) => pieces,
        Err(why) => return Step::Withheld(why),
    };
    let found: Vec<(&Rdata, Repaired)> = match &pieces {
        Some((_, whole)) => vec![(standing.records[0], whole.clone())],
        None => standing
            .records
            .iter()
            .filter_map(|rdata| Some((*rdata, meant(facts, name, rdata, repair::dmarc::read)?)))
            .collect(),
    };
    if let Some((_, one)) = found.iter().find(|(_, one)| !one.is_whole()) {
        return Step::Withheld(unread(one));
    }
    if let Some(step) = leftovers(&found).filter(|_| pieces.is_none()) {
        return step;
    }
    let old: Vec<Rdata> = match pieces {
        Some((old, _)) => old,
        None => found.iter().map(|(rdata, _)| (*rdata).clone()).collect(),
    };
    let (text, mut notes) = match found.as_slice() {
        [] => return parked(facts, name, codes),
        [(_, one)] => (one.text.clone(), one.repairs.clone()),
        many => {
            let all: Vec<Repaired> = many.iter().map(|(_, one)| one.clone()).collect();
            match repair::dmarc::merged(&all) {
                Some(text) => {
                    (text, vec![format!("one record out of {}, the strictest of each policy", many.len())])
                }
                None => return Step::Withheld("the records name no policy together".to_owned()),
            }
        }
    };
    let mut safe = true;
    let text = improved(facts, name, &text, codes, &mut notes, &mut safe);
    let same = old.len() == 1 && strings(&old[0]).is_some_and(|strings| strings.concat() == text.as_bytes());
    if same {
        return Step::Done;
    }
    Step::Change(Change { old, new: vec![txt(&text)], safe, notes })
}

/// Tags of RFC 9989 section 4.7 and of RFC 7489, one of which begins each piece of a record.
const TAGS: [&str; 13] =
    ["p", "sp", "np", "rua", "ruf", "adkim", "aspf", "fo", "t", "psd", "pct", "rf", "ri"];

/// One record that stands in several TXT records, since a form took each tag by itself: the records
/// and what they say together. All of them or none, so that no tag is lost.
///
/// # Errors
/// Which of the pieces belong together is not told, or what they say together is not clear.
fn joined(standing: &Standing) -> Result<Option<(Vec<Rdata>, Repaired)>, String> {
    let (mut begun, mut pieces) = (Vec::<(&Rdata, String)>::new(), Vec::<(&Rdata, String)>::new());
    for rdata in &standing.records {
        let text = strings(rdata).map(<[_]>::concat).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).trim().trim_end_matches([';', ' ', '\t']).to_owned();
        let Some((tag, value)) = text.split_once('=') else { continue };
        let tag = tag.trim().to_ascii_lowercase();
        if tag == "v" && value.trim_start().to_ascii_lowercase().starts_with("dmarc1") {
            begun.push((rdata, text));
        } else if TAGS.contains(&tag.as_str()) {
            pieces.push((rdata, text));
        }
    }
    // A piece with a policy is read as a record without its version.
    let is_lost = |(_, text): &(&Rdata, String)| repair::dmarc::read(&[text.clone().into_bytes()]).is_none();
    if begun.is_empty() || !pieces.iter().any(is_lost) {
        return Ok(None);
    }
    if begun.len() > 1 {
        let why = "tags stand in TXT records of their own, and to which DMARC record they belong is not told";
        return Err(why.to_owned());
    }
    let all: Vec<(&Rdata, String)> = begun.into_iter().chain(pieces).collect();
    let parts: Vec<&str> = all.iter().map(|(_, text)| text.as_str()).collect();
    let text = parts.join("; ");
    let mut seen = BTreeSet::new();
    for tag in text.split(';').filter_map(|tag| Some(tag.split_once('=')?.0.trim().to_ascii_lowercase())) {
        if !seen.insert(tag.clone()) {
            return Err(format!(
                "the tag {} stands in more than one of the TXT records that make up the DMARC record",
                untrusted::plain(&tag, Width::Word)
            ));
        }
    }
    let mut whole = repair::dmarc::read(&[text.into_bytes()])
        .filter(Repaired::is_whole)
        .ok_or("the TXT records that make up the DMARC record say nothing clear together")?;
    whole.repairs.insert(0, format!("one record out of {} TXT records, with all their tags", all.len()));
    Ok(Some((all.into_iter().map(|(rdata, _)| rdata.clone()).collect(), whole)))
}

/// Texts beside one record that counts, which receivers discard first (RFC 9989 section 4.10): they go,
/// unless one of them asks for more than the record does.
fn leftovers(found: &[(&Rdata, Repaired)]) -> Option<Step> {
    let (counted, others): (Vec<_>, Vec<_>) = found.iter().partition(|(rdata, _)| {
        let text = strings(rdata).map(<[_]>::concat).unwrap_or_default();
        DmarcRecord::parse(&String::from_utf8_lossy(&text)).is_some()
    });
    let policy = |one: &Repaired| DmarcRecord::parse(&one.text).and_then(|record| record.p);
    let [(_, record)] = counted.as_slice() else { return None };
    if others.is_empty() || others.iter().any(|(_, one)| policy(one) > policy(record)) {
        return None;
    }
    let old = others.into_iter().map(|(rdata, _)| (*rdata).clone()).collect();
    let notes = vec!["receivers discard such a text".to_owned()];
    Some(Step::Change(Change { old, new: Vec::new(), safe: true, notes }))
}

/// The record without what newer standards removed, closed where nothing can be lost.
fn improved(
    facts: &Facts,
    name: &Name,
    text: &str,
    codes: &Codes,
    notes: &mut Vec<String>,
    safe: &mut bool,
) -> String {
    let Some(record) = DmarcRecord::parse(text) else { return text.to_owned() };
    let mut tags: Vec<(String, String)> =
        record.list.tags.iter().map(|tag| (tag.name.clone(), tag.value.clone())).collect();
    let before = tags.clone();
    if codes.contains("dmarc-tag-removed") {
        tags.retain(|(name, _)| !matches!(name.as_str(), "pct" | "rf" | "ri"));
        if record.pct < 100 {
            notes.push(format!(
                "without pct={}, which RFC 9989 receivers ignore: receivers of RFC 7489 apply the policy to all mail then; t=y says that you are testing",
                record.pct
            ));
            *safe = false;
        }
    }
    // A boundary that a registry draws, at a name that is none (RFC 9989 section 4.7).
    let owner = Name::lenient(name.as_str().strip_prefix("_dmarc.").unwrap_or_default());
    if record.list.value("psd").is_some_and(|value| value.eq_ignore_ascii_case("y"))
        && psl::registrable(&owner).is_some()
        // Of a name above, whoever runs it must say whether it is a registry's.
        && facts.author_domain().is_ok_and(|domain| domain == owner)
    {
        tags.retain(|(name, _)| name != "psd");
        notes.push("without psd=y, which is for registries".to_owned());
    }
    let p = record.p.filter(|p| *p > Disposition::None);
    if codes.contains("dmarc-subdomain-open") && p.is_some_and(|p| record.nonexistent_policy() < Some(p)) {
        // One that is written is meant.
        *safe &= record.np.is_none();
        set(&mut tags, "np", "reject");
        notes.push("np=reject: names that do not exist send no mail".to_owned());
    }
    let is_parked = is_start(facts, &owner) && facts.role().is_ok_and(|role| role == Role::Parked);
    if codes.contains("dmarc-subdomain-open")
        && is_parked
        && p.is_some_and(|p| record.subdomain_policy() < Some(p))
    {
        set(&mut tags, "sp", "reject");
        // One that is written may be for a subdomain that sends.
        *safe = false;
        notes.push("sp=reject: a subdomain that sends needs a record of its own first".to_owned());
    }
    if codes.contains("dmarc-parked-open") && is_start(facts, &owner) {
        for tag in ["p", "sp"] {
            set(&mut tags, tag, "reject");
        }
        tags.retain(|(name, value)| name != "t" && (name != "np" || value == "reject"));
        notes.push("p=reject: the name says that it sends no mail".to_owned());
    }
    match tags == before {
        true => text.to_owned(),
        false => tags.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; "),
    }
}

fn set(tags: &mut Vec<(String, String)>, name: &str, value: &str) {
    match tags.iter_mut().find(|(known, _)| known == name) {
        Some((_, old)) => value.clone_into(old),
        None => {
            let order = ["v", "p", "sp", "np"];
            let rank = |name: &str| order.iter().position(|known| *known == name).unwrap_or(order.len());
            let at = tags.iter().position(|(known, _)| rank(known) > rank(name)).unwrap_or(tags.len());
            tags.insert(at, (name.to_owned(), value.to_owned()));
        }
    }
}

fn is_start(facts: &Facts, owner: &Name) -> bool {
    facts.dmarc().is_ok_and(|dmarc| dmarc.domain == *owner)
}

/// A name that sends nothing, and has no record yet, may be closed.
fn parked(facts: &Facts, name: &Name, codes: &Codes) -> Step {
    let owner = Name::lenient(name.as_str().strip_prefix("_dmarc.").unwrap_or_default());
    if !codes.contains("dmarc-parked-open") || !is_start(facts, &owner) {
        return Step::Done;
    }
    let inherits = facts.dmarc().is_ok_and(|dmarc| matches!(dmarc.walk.discover(), Ok(Some(_))));
    // A record of its own would cut the name off from the reports of the one above.
    if inherits {
        return Step::Done;
    }
    let note = "the name says that it sends no mail, so all mail in its name is forged".to_owned();
    Step::Change(Change {
        old: Vec::new(),
        new: vec![txt("v=DMARC1; p=reject; sp=reject; adkim=s; aspf=s")],
        safe: true,
        notes: vec![note],
    })
}

/// One record without faults, no policy weaker, no address lost or invented.
pub(super) fn holds(name: &Name, meant: &Facts, after: &Facts) -> Result<(), String> {
    let records = |facts: &Facts| -> Vec<DmarcRecord> {
        let Some(found) = standing(facts, name, RecordType::Txt) else { return Vec::new() };
        let texts = found.records.iter().filter_map(|rdata| Some(strings(rdata)?.concat()));
        texts.filter_map(|text| DmarcRecord::parse(&String::from_utf8_lossy(&text))).collect()
    };
    let (before, after) = (records(meant), records(after));
    let [record] = after.as_slice() else {
        return Err(format!("{} DMARC records would stand there", after.len()));
    };
    if let Some(fault) = record.faults.first() {
        return Err(format!("the record would still be faulty: {}", fault.text));
    }
    for old in &before {
        let weaker = record.policy() < old.policy()
            || record.subdomain_policy() < old.subdomain_policy()
            || record.nonexistent_policy() < old.nonexistent_policy();
        if weaker || (record.testing && !old.testing) {
            return Err("a policy would become weaker".to_owned());
        }
        let kept = |uri: &crate::parse::dmarc::uri::ReportUri,
                    list: &[crate::parse::dmarc::uri::ReportUri]| {
            list.iter().any(|new| new.address == uri.address)
        };
        if old.rua.iter().any(|uri| uri.usable && !kept(uri, &record.rua))
            || old.ruf.iter().any(|uri| uri.usable && !kept(uri, &record.ruf))
        {
            return Err("a report address would be lost".to_owned());
        }
    }
    Ok(())
}
