//! A mail server gives itself a name its certificate does not have.

use super::{each_certificate, shown, subject, unfinished};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::transport::certificate::names;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::web::host_name::{self, NameFault};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "smtp-name-mismatch",
    area: Area::Authentication,
    title: "a mail server gives itself a name its certificate does not have",
    severity: Severity::Info,
    why: "\
        Greeting, EHLO reply and certificate of a well-run server carry one name. Different names are no \
        fault by themselves, but they make logs and reports hard to match.",
    fix: "\
        Use one name for the server: in the greeting, in the certificate and in DNS.",
    references: &[Reference::Rfc { number: 5321, section: "4.1.1.1" }],
    needs: &[Topic::Servers, Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each_certificate(facts, |server, session, _, own| {
        let Some(ehlo) = session.last_ehlo() else { return Err(unfinished(server, session)) };
        let text = ehlo.text();
        let name = text.get(4..).and_then(|rest| rest.split_whitespace().next()).unwrap_or_default();
        if host_name::fault(name).is_some_and(|fault| fault != NameFault::Private) {
            return Ok(None);
        }
        if own.is_for(name) || name.eq_ignore_ascii_case(&server.host) {
            return Ok(Some(Vec::new()));
        }
        let name = crate::model::untrusted::plain(name, Width::Line);
        let summary =
            format!("{} calls itself {name}, and its certificate is for {}", shown(server), names(own));
        let fix = format!("add {name} to the certificate, or let the server greet with a name that is in it");
        Ok(Some(vec![Problem::at(subject(server), summary).fix(fix)]))
    })
}
