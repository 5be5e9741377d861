//! The relay does not let us speak.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::checks::authentication::transport::{Which, each, host, quoted, shown, subject, unfinished};
use crate::facts::Facts;
use crate::facts::transport::servers::{Broken, Trouble};
use crate::model::untrusted::Width;
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "relay-session-refused",
    area: Area::Authentication,
    title: "the relay does not let us speak",
    severity: Severity::High,
    why: "\
        The relay takes the connection and then refuses, hangs up or stays silent: it does not want this \
        client, by its address or its name.",
    fix: "\
        Ask the relay's operator to accept this machine's address; its log names the reason.",
    references: &[
        Reference::Rfc { number: 5321, section: "3.1" },
        Reference::Rfc { number: 5321, section: "4.2" },
    ],
    needs: &[Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each(facts, Which::Relay, |server, session| {
        let ours = crate::model::untrusted::plain(&session.transcript.local, Width::Name);
        let problem = |summary: String| {
            Problem::at(subject(server), summary)
                .fix(format!("ask the operator of {} to accept connections from {ours}", host(server)))
        };
        let stuck = |broken: &Broken| {
            let problem = problem(format!("{}: {broken}", shown(server)));
            match broken.trouble {
                // RFC 5321 section 4.5.3.2 gives a server five minutes.
                Trouble::Timeout => {
                    let tls_first = broken.stage == "greeting" && server.port != 465;
                    let or = if tls_first { "TLS may come first on this port (as on 465), or " } else { "" };
                    problem.confidence(Confidence::Tentative).fix(format!(
                        "try again with --timeout 50 --deadline 600, which waits five minutes; if nothing \
                         comes then, {or}{} holds {ours} back: ask its operator",
                        host(server)
                    ))
                }
                Trouble::Malformed => problem.fix(format!(
                    "name the port that takes mail (25, 587 or 465): on {} something else listens",
                    server.port
                )),
                _ => problem,
            }
        };
        match (&session.transcript.broken, session.greeting()) {
            (Some(broken), _) if broken.stage == "connect" => Err(unfinished(server, session)),
            (Some(broken), _) if matches!(broken.stage.as_str(), "greeting" | "EHLO" | "HELO") => {
                Ok(Some(vec![stuck(broken)]))
            }
            (_, Some(greeting)) if greeting.code().is_some_and(|code| code != 220) => {
                let reply = quoted(&greeting.text());
                Ok(Some(vec![problem(format!("{} greets with {reply}", shown(server)))]))
            }
            _ => {
                let hello =
                    session.transcript.exchanges.iter().rev().find(|exchange| {
                        exchange.sent.starts_with("EHLO") || exchange.sent.starts_with("HELO")
                    });
                let refused = hello.filter(|exchange| exchange.code().is_some_and(|code| code / 100 != 2));
                Ok(Some(refused.map_or_else(Vec::new, |exchange| {
                    let said = crate::model::untrusted::plain(&exchange.sent, Width::Line);
                    let reply = quoted(&exchange.text());
                    vec![problem(format!("{} answers {said} with {reply}", shown(server)))]
                })))
            }
        }
    })
}
