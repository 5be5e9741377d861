//! A mail server takes TLS without forward secrecy.

use super::{each_old_tls, shown, subject};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "tls-key-exchange-static",
    area: Area::Authentication,
    title: "a mail server takes TLS without forward secrecy",
    severity: Severity::Info,
    why: "\
        With RSA key exchange whoever records the traffic and later gets the server's key can read all \
        of it. Current clients do not choose it.",
    fix: "\
        Leave ciphers with RSA key exchange out (Postfix: tls_medium_cipherlist = kEECDH:kEDH).",
    references: &[Reference::Rfc { number: 9325, section: "4.1" }],
    needs: &[Topic::Servers, Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each_old_tls(facts, |server, old| {
        let offer = old.offers.iter().find(|offer| offer.name == "RSA key exchange");
        match offer.and_then(|offer| offer.accepted) {
            None => Err(Gap::undecidable(format!("{}: RSA key exchange could not be tried", shown(server)))),
            Some(false) => Ok(Some(Vec::new())),
            Some(true) => {
                let summary = format!("{} takes ciphers with RSA key exchange", shown(server));
                Ok(Some(vec![Problem::at(subject(server), summary)]))
            }
        }
    })
}
