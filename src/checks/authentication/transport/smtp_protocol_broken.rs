//! A mail server breaks the rules of SMTP.

use super::{Which, each, quoted, shown, subject, unfinished};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::transport::servers::Trouble;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "smtp-protocol-broken",
    area: Area::Authentication,
    title: "a mail server breaks the rules of SMTP",
    severity: Severity::Medium,
    why: "\
        Replies without a code, endless lines or endless replies make senders hang up. What speaks there \
        may be no mail server at all.",
    fix: "\
        Look at what listens on the port, and at proxies and firewalls in front of it.",
    references: &[
        Reference::Rfc { number: 5321, section: "4.2.1" },
        Reference::Rfc { number: 5321, section: "4.5.3.1.5" },
    ],
    needs: &[Topic::Servers, Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each(facts, Which::All, |server, session| match &session.transcript.broken {
        Some(broken) if broken.trouble == Trouble::Malformed => {
            let last = session.transcript.exchanges.last().and_then(|exchange| exchange.reply.last());
            let mut problem = Problem::at(subject(server), format!("{}: {broken}", shown(server)));
            if let Some(last) = last {
                problem = problem.proof(quoted(last));
            }
            Ok(Some(vec![problem]))
        }
        Some(broken) if broken.stage == "connect" || session.transcript.exchanges.is_empty() => {
            Err(unfinished(server, session))
        }
        _ => Ok(Some(Vec::new())),
    })
}
