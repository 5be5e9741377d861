//! Can verifiers read the key records?

use super::judge_keys;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::dkim::keys::{Key, Origin};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Name, Severity, Topic};
use crate::parse::dkim::key::KeyRecord;
use crate::parse::dkim::signature::Signature;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-key-syntax",
    area: Area::Authentication,
    title: "a DKIM key record cannot be read",
    severity: Severity::High,
    why: "\
        A key record that breaks the grammar or holds a damaged key is discarded, so every signature \
        made with the selector fails. The usual cause is a key that lost characters, quotes or \
        line breaks on its way into the zone.",
    fix: "Publish the record again from the signer's own output, as one TXT record in strings of at most 255 octets.",
    references: &[
        Reference::Rfc { number: 6376, section: "3.6.1" },
        Reference::Rfc { number: 8463, section: "4" },
    ],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    judge_keys(facts, |key, state| {
        let meant = |record: &&KeyRecord| key.origin != Origin::Guess || record.is_key_like();
        let records: Vec<&KeyRecord> = state.records.iter().filter(meant).collect();
        let faults = records.iter().flat_map(|record| record.faults.iter().map(move |fault| (record, fault)));
        let mut problems: Vec<Problem> = faults
            .map(|(record, fault)| {
                let severity = if fault.fatal { Severity::High } else { Severity::Low };
                Problem::at(key.subject(Some(fault.span.clone())), format!("{}: {}", key.name, fault.text))
                    .severity(severity)
                    .fix(advice(record, &key.name))
            })
            .collect();
        problems.extend(records.iter().filter_map(|record| granularity(facts, key, record)));
        problems
    })
}

/// `g=`, which verifiers of today ignore: a note, unless the message shows that older ones refuse it.
fn granularity(facts: &Facts, key: &Key, record: &KeyRecord) -> Option<Problem> {
    let tag = record.list.get("g").filter(|tag| !tag.value.is_empty())?;
    let shown = plain(&tag.value, Width::Word);
    let signatures = facts.signed().map(|message| message.signatures.as_slice()).unwrap_or_default();
    let of_key =
        signatures.iter().map(|at| &at.signature).filter(|one| one.key_name().as_ref() == Some(&key.name));
    let refused = of_key.map(Signature::local_part).find(|local_part| !record.grants(local_part));
    let (severity, what) = match refused {
        Some(local_part) => (
            Severity::Low,
            format!(
                "does not let \"{}\" of the message's i= sign, so verifiers of before 2011 refuse the signature",
                plain(&local_part, Width::Word)
            ),
        ),
        None => (
            Severity::Info,
            "was dropped in 2011 (RFC 6376 section C.2), and verifiers ignore the tag".to_owned(),
        ),
    };
    let subject = key.subject(Some(tag.span.clone()));
    let problem = Problem::at(subject, format!("{}: g={shown} {what}", key.name)).severity(severity);
    Some(problem.fix("Leave g= out of the record; a key of today is for every address of the domain"))
}

/// A lone host name is a CNAME's target that was published as text.
fn advice(record: &KeyRecord, at: &Name) -> String {
    let text = record.text.trim().trim_end_matches('.');
    let is_host = !text.contains([' ', ';', '=']) && text.contains('.') && Name::parse(text).is_ok();
    match is_host {
        true => format!(
            "The TXT record at {at} holds a host name: delete it and publish a CNAME to {} there",
            crate::model::untrusted::plain(text, Width::Record)
        ),
        false => "Copy the record whole from the signer: v=DKIM1; k=rsa or ed25519; p= and the base64 key"
            .to_owned(),
    }
}
