//! A mail server does not know EHLO.

use super::{Which, each, quoted, shown, subject, unfinished};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ehlo-refused",
    area: Area::Authentication,
    title: "a mail server does not know EHLO",
    severity: Severity::Low,
    why: "\
        Without EHLO there is no encryption, no size limit told beforehand, no 8-bit mail and no \
        delivery notices: SMTP as of 1982. Firewalls that inspect SMTP cause it too.",
    fix: "\
        Let the server answer EHLO, and switch SMTP inspection off in the firewall.",
    references: &[
        Reference::Rfc { number: 5321, section: "2.2.1" },
        Reference::Rfc { number: 5321, section: "4.1.1.1" },
    ],
    needs: &[Topic::Servers, Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each(facts, Which::All, |server, session| {
        let said = &session.transcript.exchanges;
        let Some(ehlo) = said.iter().find(|e| e.sent.starts_with("EHLO") && e.code().is_some()) else {
            return Err(unfinished(server, session));
        };
        let helo = said.iter().find(|exchange| exchange.sent.starts_with("HELO"));
        match helo.filter(|helo| helo.is_accepted() && !ehlo.is_accepted()) {
            None => Ok(Some(Vec::new())),
            Some(_) => {
                let summary =
                    format!("{} answers EHLO with {}, and takes HELO", shown(server), quoted(&ehlo.text()));
                Ok(Some(vec![Problem::at(subject(server), summary)]))
            }
        }
    })
}
