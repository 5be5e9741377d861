//! The MTA-STS policy file on the web server: repaired, completed from the MX records, and
//! read again by the same reader before it is shown. Its mode never weakens.

use super::proof::{Judged, Seen, topics};
use crate::facts::Facts;
use crate::facts::revision::{Edit, Served};
use crate::facts::transport::mta_sts::{MtaSts, fresh_id, id_in_force};
use crate::model::Name;
use crate::model::remedy::{PublishedFile, Remedy, RemedyKind};
use crate::parse::repair::{self, Repaired};
use crate::parse::transport::mta_sts_policy::{self, Mode, Policy as Sts, covers};
use crate::policy::Policy;

use super::public::is_public_name;

/// What the shortest policy lasts that gives any protection (RFC 8461 section 3.2: "weeks").
const WEEK: u64 = 604_800;

/// A policy file that proved well.
pub(super) struct Proven {
    pub remedy: Remedy,
    pub settles: Vec<Seen>,
    pub served: Served,
}

/// The better policy file beside these edits; the error says why none is shown, `None` that none
/// is needed.
pub(super) fn settle(facts: &Facts, edits: &[Edit], policy: &Policy) -> Result<Option<Proven>, String> {
    let Ok(Some(sts)) = facts.mta_sts() else { return Ok(None) };
    let Some(body) = served_body(sts) else { return Ok(None) };
    let base = facts.revision(edits, &topics());
    // Hosts of today and of tomorrow: one of the two changes is made first.
    let mut hosts = mx_hosts(facts);
    hosts.extend(mx_hosts(&base.facts()).into_iter().filter(|host| !mx_hosts(facts).contains(host)));
    let Some(draft) = draft(&hosts, body)? else { return Ok(None) };
    keeps_its_mode(body, &draft.text)?;
    let served = Served { url: sts.url.clone(), body: draft.text.clone() };
    let before = Judged::of(&base.facts(), policy);
    let revision = facts.revision(edits, &topics()).serving(&served);
    let after = Judged::of(&revision.facts(), policy);
    if let Some(harm) = before.harm(&after) {
        return Err(format!("serving it would set off {} at {}", harm.code, harm.subject));
    }
    let settles: Vec<Seen> = before.settled(&after).cloned().collect();
    if settles.is_empty() {
        return Ok(None);
    }
    let mut fingerprints: Vec<String> = settles.iter().map(|seen| seen.fingerprint.clone()).collect();
    fingerprints.sort();
    fingerprints.dedup();
    let mut notes = draft.notes;
    notes.extend(new_id(facts));
    let remedy = Remedy {
        id: format!("setting:{}", sts.url),
        kind: RemedyKind::Setting,
        owner: sts.host.to_string(),
        who: format!("whoever runs the web server of {}", sts.host),
        record: None,
        file: Some(PublishedFile { url: sts.url.clone(), text: draft.text }),
        replaces: Vec::new(),
        deletes: Vec::new(),
        settles: fingerprints,
        safe: draft.safe,
        note: notes.join("; "),
    };
    Ok(Some(Proven { remedy, settles, served }))
}

/// The file as it came, where the server gave one whole.
fn served_body(sts: &MtaSts) -> Option<&str> {
    let fetched = sts.fetched.as_ref().ok()?;
    let transcript = &fetched.transcript;
    (transcript.status == 200 && !transcript.cut).then_some(transcript.body.as_str())
}

struct Draft {
    text: String,
    safe: bool,
    notes: Vec<String>,
}

/// The file as it was meant, with the MX hosts it leaves out; `None` where it stays.
fn draft(hosts: &[Name], body: &str) -> Result<Option<Draft>, String> {
    let Some(meant) = repair::mta_sts::policy(body, hosts) else {
        return Err("nothing in the file says what the policy is".to_owned());
    };
    if !meant.is_whole() {
        return Err(super::text_record::unread(&meant));
    }
    let Repaired { text, repairs, .. } = meant;
    let mut draft =
        Draft { safe: !repairs.iter().any(|note| repair::mta_sts::is_supplied(note)), text, notes: repairs };
    let policy = mta_sts_policy::read(&draft.text)?;
    if policy.mode != Mode::None {
        let missing = hosts.iter().filter(|host| !covers(&policy.mx, host.as_str()));
        let lines: Vec<String> = missing.map(|host| format!("mx: {host}")).collect();
        if !lines.is_empty() {
            draft.text = with_lines(&draft.text, &lines);
            draft.safe = false;
            draft.notes.push(format!(
                "with {} as the MX records name: check that the hosts are yours",
                lines.join(" and ")
            ));
        }
        lasting(&mut draft, &policy);
    }
    Ok((draft.text != body).then_some(draft))
}

/// The MX hosts, where they are known and may stand in public.
fn mx_hosts(facts: &Facts) -> Vec<Name> {
    let Ok(mx) = facts.mx() else { return Vec::new() };
    mx.hosts.iter().map(|host| host.name.clone()).filter(is_public_name).collect()
}

/// A `max_age` of a week at least.
fn lasting(draft: &mut Draft, policy: &Sts) {
    if policy.max_age >= WEEK {
        return;
    }
    let mut done = false;
    let lines = draft.text.lines().map(|line| match line.split_once(':') {
        Some(("max_age", _)) if !done => {
            done = true;
            format!("max_age: {WEEK}\n")
        }
        _ => format!("{line}\n"),
    });
    draft.text = lines.collect();
    // Once it is enforced, senders hold on to it for that long.
    draft.safe &= policy.mode != Mode::Enforce;
    draft.notes.push(format!("max_age: {WEEK}, a week: senders keep the policy for as long"));
}

/// The text with lines before its `max_age`, or at its end.
fn with_lines(text: &str, lines: &[String]) -> String {
    let mut out = String::new();
    let mut placed = false;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if line.starts_with("max_age") && !placed {
            placed = true;
            lines.iter().for_each(|new| out.push_str(&format!("{new}\n")));
        }
        out.push_str(&format!("{line}\n"));
    }
    if !placed {
        lines.iter().for_each(|new| out.push_str(&format!("{new}\n")));
    }
    out
}

/// What the owner recognisably wrote, the new file says at least.
fn keeps_its_mode(body: &str, text: &str) -> Result<(), String> {
    let rank = |mode: Mode| match mode {
        Mode::None => 0,
        Mode::Testing => 1,
        Mode::Enforce => 2,
    };
    let new = mta_sts_policy::read(text)?;
    let old = match mta_sts_policy::read(body) {
        Ok(old) => rank(old.mode),
        Err(_) if body.to_ascii_lowercase().contains("enforce") => 2,
        Err(_) => 0,
    };
    match rank(new.mode) < old {
        true => Err("the mode would become weaker".to_owned()),
        false => Ok(()),
    }
}

/// The record that makes senders fetch the file again (RFC 8461 section 3.1).
fn new_id(facts: &Facts) -> Option<String> {
    let records = facts.transport().ok()?.mta_sts.as_ref().ok()?;
    id_in_force(records)?;
    let name = &records.first()?.name;
    Some(format!(
        "then publish {name}. TXT \"v=STSv1; id={};\", or senders do not fetch the file again",
        fresh_id(facts.now())
    ))
}
