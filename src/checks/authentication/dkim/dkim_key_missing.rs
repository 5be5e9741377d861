//! Does each selector in use have a key record?

use super::judge_keys;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::dkim::keys::Origin;
use crate::model::untrusted::{Width, plain};
use crate::model::{Absence, Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-key-missing",
    area: Area::Authentication,
    title: "a DKIM selector in use has no key record",
    severity: Severity::High,
    why: "\
        Receivers fetch the public key from selector._domainkey.domain. Without it every signature \
        made with that selector fails, and DMARC can no longer pass by DKIM.",
    fix: "Publish the selector's public key as a TXT record, or sign with a selector that has one.",
    references: &[Reference::Rfc { number: 6376, section: "3.6.2.1" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    judge_keys(facts, |key, state| {
        let Some(absence) = state.absence.filter(|_| state.records.is_empty()) else { return Vec::new() };
        // A key that was seen in use once may have been retired since.
        if matches!(key.origin, Origin::Report | Origin::Log) {
            return Vec::new();
        }
        let seen = match absence {
            Absence::Nxdomain => "does not exist",
            Absence::NoData => "has no TXT record",
        };
        let by = match key.origin {
            Origin::Message => "the message is signed with it".to_owned(),
            Origin::Signer => match &key.source {
                Some(at) => format!("mail is signed with it ({}:{})", plain(&at.file, Width::Line), at.line),
                None => "mail is signed with it".to_owned(),
            },
            _ => "it was given as in use".to_owned(),
        };
        let alias = match state.aliases.last() {
            Some(target) => format!(" (it is an alias of {target}, where the provider has no key)"),
            None => String::new(),
        };
        vec![
            Problem::at(
                key.subject(None),
                format!("{} {seen}{alias}, but {by}: its signatures fail", key.name),
            )
            .fix(match state.aliases.last() {
                Some(target) => format!(
                    "{} is an alias (CNAME): ask whoever runs {target} to publish the key there, or delete the CNAME, \
                     since no other record may stand beside it",
                    key.name
                ),
                None => format!(
                    "Publish at {} the key your signer uses, in a TXT record that says v=DKIM1; k=rsa; p= and the \
                     key (a new pair: mailvet dkim keygen --domain {} --selector {})",
                    key.name, key.domain, key.selector
                ),
            }),
        ]
    })
}
