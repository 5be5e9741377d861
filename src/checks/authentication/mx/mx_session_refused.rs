//! An MX host does not let us speak.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::checks::authentication::transport::{Which, each, host, quoted, shown, subject, unfinished};
use crate::facts::Facts;
use crate::facts::transport::servers::Trouble;
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mx-session-refused",
    area: Area::Authentication,
    title: "an MX host does not let us speak",
    severity: Severity::Medium,
    why: "\
        The host takes the connection and then refuses, hangs up or stays silent. Where it does so to \
        others too, replies and bounces do not arrive.",
    fix: "\
        Find in the host's log why it refused; a greeting starts with 220.",
    references: &[
        Reference::Rfc { number: 5321, section: "3.1" },
        Reference::Rfc { number: 5321, section: "4.2" },
    ],
    needs: &[Topic::Servers],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each(facts, Which::Mx, |server, session| {
        let problem = |summary: String| {
            Problem::at(subject(server), summary)
                .confidence(Confidence::Tentative)
                .fix(format!("look in the log of {} for this connection", host(server)))
        };
        match (&session.transcript.broken, session.greeting()) {
            (Some(broken), _) if broken.stage == "connect" => Err(unfinished(server, session)),
            (Some(broken), _) if broken.stage == "greeting" && broken.trouble != Trouble::Malformed => {
                Ok(Some(vec![problem(format!("{}: {broken}", shown(server)))]))
            }
            (_, Some(greeting)) if greeting.code().is_some_and(|code| code != 220) => {
                let reply = quoted(&greeting.text());
                Ok(Some(vec![problem(format!("{} greets with {reply}", shown(server)))]))
            }
            _ => Ok(Some(Vec::new())),
        }
    })
}
