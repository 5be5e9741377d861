//! A mail server answers slowly.

use super::{Which, each, shown, subject, unfinished};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::transport::servers::{Exchange, Trouble};
use crate::model::untrusted::Width;
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "smtp-reply-slow",
    area: Area::Authentication,
    title: "a mail server answers slowly",
    severity: Severity::Low,
    why: "\
        Servers that make strangers wait hold their queues up. Senders with short timeouts give up and \
        try again later, so mail is late or comes twice.",
    fix: "\
        Find what the server waits for: mostly DNS look-ups of the client, blocklists that do not \
        answer, or a tarpit.",
    references: &[Reference::Rfc { number: 5321, section: "4.5.3.2" }],
    needs: &[Topic::Servers, Topic::Relay],
    since: "0.1.0",
    run,
};

/// Milliseconds. Beyond Postfix postscreen's greeting pause of 6 s, with some air.
const SLOW: u32 = 8_000;
/// Milliseconds. Mail programs and web applications give up after 30 s.
const VERY_SLOW: u32 = 30_000;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each(facts, Which::All, |server, session| {
        let said = &session.transcript.exchanges;
        if said.is_empty() {
            return Err(unfinished(server, session));
        }
        let slow: Vec<&Exchange> = said.iter().filter(|exchange| exchange.ms >= SLOW).collect();
        let Some(slowest) = slow.iter().max_by_key(|exchange| exchange.ms) else {
            // A dialogue that broke off in a silence has not shown that it is fast.
            return match session.transcript.broken.as_ref().map(|broken| broken.trouble) {
                Some(Trouble::Timeout) => Err(unfinished(server, session)),
                _ => Ok(Some(Vec::new())),
            };
        };
        let to = match slowest.sent.split_whitespace().next() {
            None => "its greeting".to_owned(),
            Some(verb) => format!("its reply to {}", crate::model::untrusted::plain(verb, Width::Word)),
        };
        let (seconds, tenths) = (slowest.ms / 1000, slowest.ms % 1000 / 100);
        let mut summary = format!("{} takes {seconds}.{tenths} s for {to}", shown(server));
        if slow.len() > 2 {
            summary.push_str(&format!(", and is slow in {} replies of {}: a tarpit", slow.len(), said.len()));
        }
        let mut problem = Problem::at(subject(server), summary).confidence(Confidence::Firm);
        if slowest.ms >= VERY_SLOW {
            problem = problem.severity(Severity::Medium);
        }
        Ok(Some(vec![problem]))
    })
}
