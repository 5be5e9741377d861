//! A mail server obeys commands smuggled in before encryption.

use super::{each_old_tls, shown, subject};
use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "starttls-injection",
    area: Area::Authentication,
    title: "a mail server obeys commands smuggled in before encryption",
    severity: Severity::High,
    why: "\
        The server keeps what stands behind STARTTLS in plain text and obeys it inside TLS. An attacker \
        on the way can put commands into someone else's session and take the mail.",
    fix: "\
        Update the mail server, or the TLS proxy in front of it: it must forget its input at STARTTLS.",
    references: &[Reference::Rfc { number: 3207, section: "4.2" }, pages::CVE_2011_0411],
    needs: &[Topic::Servers, Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each_old_tls(facts, |server, old| {
        let how = crate::model::untrusted::plain(&old.injection, Width::Line);
        match old.injected {
            None => Err(Gap::undecidable(format!("{}: {how}", shown(server)))),
            Some(false) => Ok(Some(Vec::new())),
            Some(true) => {
                let summary = format!("{}: {how}", shown(server));
                Ok(Some(vec![Problem::at(subject(server), summary)]))
            }
        }
    })
}
