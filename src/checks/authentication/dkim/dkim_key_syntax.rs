//! Can verifiers read the key records?

use super::judge_keys;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::dkim::keys::Origin;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Name, Severity, Topic};
use crate::parse::dkim::key::KeyRecord;
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
        state
            .records
            .iter()
            .filter(|record| key.origin != Origin::Guess || record.is_key_like())
            .flat_map(|record| record.faults.iter().map(move |fault| (record, fault)))
            .map(|(record, fault)| {
                let severity = if fault.fatal { Severity::High } else { Severity::Low };
                Problem::at(key.subject(Some(fault.span.clone())), format!("{}: {}", key.name, fault.text))
                    .severity(severity)
                    .fix(advice(record, &key.name))
            })
            .collect()
    })
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
