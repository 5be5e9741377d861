//! A mail server's greeting does not name the host.

use super::{Which, each, quoted, shown, subject, unfinished};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::web::host_name::{self, NameFault};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "smtp-greeting-nameless",
    area: Area::Authentication,
    title: "a mail server's greeting does not name the host",
    severity: Severity::Low,
    why: "\
        A greeting starts with 220 and the server's full name. Filters and logs go by it, and a greeting \
        without one mostly comes from a firewall that rewrites SMTP and breaks STARTTLS too.",
    fix: "\
        Give the server its full name (Postfix: myhostname), and switch SMTP inspection off in the \
        firewall.",
    references: &[
        Reference::Rfc { number: 5321, section: "4.2" },
        Reference::Rfc { number: 5321, section: "4.1.1.1" },
    ],
    needs: &[Topic::Servers, Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each(facts, Which::All, |server, session| {
        let Some(greeting) = session.greeting().filter(|greeting| greeting.code().is_some()) else {
            return Err(unfinished(server, session));
        };
        if greeting.code() != Some(220) {
            return Ok(None);
        }
        let text = greeting.text();
        let name = text.get(4..).and_then(|rest| rest.split_whitespace().next()).unwrap_or_default();
        let summary = match host_name::fault(name) {
            None | Some(NameFault::Private) => return Ok(Some(Vec::new())),
            // An address in brackets is allowed, where the host has no name.
            Some(NameFault::Address) if name.starts_with('[') => return Ok(Some(Vec::new())),
            Some(NameFault::Empty) => format!("{} greets without a name", shown(server)),
            Some(_) if name.contains("***") => {
                format!("{} greets with asterisks: a firewall rewrites the dialogue", shown(server))
            }
            Some(fault) => format!("{} greets as {}, which {}", shown(server), quoted(name), fault.text()),
        };
        Ok(Some(vec![Problem::at(subject(server), summary)]))
    })
}
