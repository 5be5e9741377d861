//! Mail to postmaster is refused.

use super::smtp_sessions::{Which, each, quoted, shown, unfinished};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "postmaster-refused",
    area: Area::Authentication,
    title: "mail to postmaster is refused",
    severity: Severity::Low,
    why: "\
        Every domain that takes mail must take it for postmaster. It is where others report that mail \
        from the domain is broken, and some receivers test it.",
    fix: "\
        Make postmaster an alias of a mailbox that a person reads.",
    references: &[
        Reference::Rfc { number: 5321, section: "4.5.1" },
        Reference::Rfc { number: 2142, section: "5" },
    ],
    needs: &[Topic::Servers],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let address = format!("postmaster@{}", facts.domain()?);
    each(facts, Which::Mx, |server, session| {
        let Some(reply) = session.recipient(&address) else { return Err(unfinished(server, session)) };
        let said = quoted(&reply.text());
        match reply.code() {
            Some(200..=299) => Ok(Some(Vec::new())),
            // Greylisting, or a server in trouble: a later attempt would tell.
            Some(500..=599) => {
                let asked = crate::model::untrusted::plain(&reply.sent, 120);
                let summary = format!("{} answers {asked} with {said}", shown(server));
                let fix = format!("make {address} a mailbox or an alias that a person reads");
                let problem = Problem::at(Subject::Address(address.clone()), summary);
                Ok(Some(vec![problem.confidence(Confidence::Firm).fix(fix)]))
            }
            _ => Err(Gap::undecidable(format!("{} defers {address} with {said}", shown(server)))),
        }
    })
}
