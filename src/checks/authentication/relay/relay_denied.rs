//! The relay does not take mail from us.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::checks::authentication::transport::{Which, each, host, quoted, shown, subject, unfinished};
use crate::facts::Facts;
use crate::facts::transport::servers::{Exchange, Session};
use crate::model::untrusted::Width;
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;
use crate::triage::cause::Cause;
use crate::triage::reply::classify;

pub(super) static CHECK: Check = Check {
    code: "relay-denied",
    area: Area::Authentication,
    title: "the relay does not take mail from us",
    severity: Severity::High,
    why: "\
        The relay speaks with this client and refuses a recipient outside, so no mail leaves through it. \
        Nothing was sent: the test ends before DATA.",
    fix: "\
        Let the operator add this machine's address to the clients that may relay, or log in as the \
        relay asks.",
    references: &[
        Reference::Rfc { number: 5321, section: "7.9" },
        Reference::Rfc { number: 3463, section: "3.8" },
    ],
    needs: &[Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each(facts, Which::Relay, |server, session| {
        let asked = |exchange: &&Exchange| {
            exchange.sent.starts_with("RCPT TO:") || exchange.sent.starts_with("MAIL FROM:")
        };
        let mut asked = session.said().filter(asked).peekable();
        if asked.peek().is_none() || !session.said().any(|e| asked_recipient(e) || refused_sender(e)) {
            return Err(unfinished(server, session));
        }
        let ours = session.seen_as().map_or_else(|| session.transcript.local.clone(), |ip| ip.to_string());
        let ours = crate::model::untrusted::plain(&ours, Width::Name);
        let offers_login = session.last_ehlo().is_some_and(|ehlo| {
            Session::keywords(ehlo).any(|line| {
                line.split([' ', '=']).next().is_some_and(|word| word.eq_ignore_ascii_case("AUTH"))
            })
        });
        let mut problems = Vec::new();
        for exchange in asked {
            let Some(code) = exchange.code().filter(|code| code / 100 != 2) else { continue };
            let reply = exchange.text();
            let what = crate::model::untrusted::plain(&exchange.sent, Width::Line);
            let verdict = classify(&reply, Some(&server.host));
            let mut problem = Problem::at(
                subject(server),
                format!("{} answers {what} with {}", shown(server), quoted(&reply)),
            );
            problem = match (code, verdict.cause) {
                // Without the account nothing is proven: the mail system may well have one.
                (500..=599, _) if offers_login && !matches!(verdict.cause, Cause::Greylisted) => problem
                    .severity(Severity::Low)
                    .confidence(Confidence::Tentative)
                    .fix("log in: give the mail system the account for this relay, if it has none yet"),
                (530 | 535, _) => {
                    problem.fix("log in first: give the mail system the account for this relay")
                }
                (_, Cause::Greylisted) => problem
                    .severity(Severity::Low)
                    .confidence(Confidence::Tentative)
                    .fix("nothing, if a second attempt after some minutes is taken (greylisting)"),
                (_, Cause::RelayingDenied) => {
                    problem.fix(format!("let the operator of {} allow relaying for {ours}", host(server)))
                }
                (400..=499, _) => problem.severity(Severity::Medium).confidence(Confidence::Tentative),
                _ => problem.confidence(Confidence::Firm),
            };
            problems.push(problem);
        }
        Ok(Some(problems))
    })
}

fn asked_recipient(exchange: &Exchange) -> bool {
    exchange.sent.starts_with("RCPT TO:") && exchange.code().is_some()
}

fn refused_sender(exchange: &Exchange) -> bool {
    exchange.sent.starts_with("MAIL FROM:") && exchange.code().is_some_and(|code| code / 100 != 2)
}
