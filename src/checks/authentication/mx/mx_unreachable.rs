//! An MX host does not answer.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::checks::authentication::transport::{Which, host, servers, shown, subject};
use crate::facts::Facts;
use crate::facts::transport::servers::Broken;
use crate::facts::transport::servers::{Session, may_be_ours};
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mx-unreachable",
    area: Area::Authentication,
    title: "an MX host does not answer",
    severity: Severity::High,
    why: "\
        Replies and bounces to the domain wait at their senders. Receivers that test whether the sender \
        can be answered refuse the mail.",
    fix: "\
        Let the host listen on port 25 for the whole internet, or remove its MX record.",
    references: &[Reference::Rfc { number: 5321, section: "5.1" }],
    needs: &[Topic::Servers],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let (servers, gap) = servers(facts, Which::Mx);
    // One answer proves that port 25 is open from here; then silence is the host's own.
    let is_open = servers.iter().any(|server| server.session.as_ref().is_ok_and(|s| symptom(s).is_none()));
    let (mut problems, mut unknown) = (Vec::new(), gap);
    for server in &servers {
        let session = match &server.session {
            Ok(session) => session,
            Err(why) => {
                unknown = Some(why.clone());
                continue;
            }
        };
        let Some(broken) = symptom(session) else { continue };
        let other = servers.iter().any(|other| {
            other.host == server.host && other.session.as_ref().is_ok_and(|s| symptom(s).is_none())
        });
        let ours = may_be_ours(broken.trouble);
        if ours && (other || !is_open) {
            // Another address of the host answers, or nothing at all does: perhaps a firewall of ours.
            if !other {
                unknown = Some(Gap::undecidable(format!(
                    "{}: {broken}; port 25 may be blocked from here, so try from another network",
                    shown(server)
                )));
            }
            continue;
        }
        let summary = format!("{}: {broken}", shown(server));
        let mut problem = Problem::at(subject(server), summary).fix(format!(
            "open TCP port 25 of {} for everyone, or remove {} from the MX records",
            server.ip,
            host(server)
        ));
        problem.confidence = if ours { Confidence::Tentative } else { Confidence::Firm };
        if other || servers.iter().any(|s| s.session.as_ref().is_ok_and(|s| symptom(s).is_none())) {
            problem = problem.severity(Severity::Medium);
        }
        problems.push(problem);
    }
    match unknown {
        Some(gap) if problems.is_empty() => Err(gap),
        Some(gap) => Ok(Verdict::FailInPart(problems, gap)),
        None if servers.is_empty() => Ok(Verdict::NotApplicable("no MX host has an address")),
        _ => Ok(Verdict::from_problems(problems)),
    }
}

/// Why no connection stands, where none does.
fn symptom(session: &Session) -> Option<&Broken> {
    session.transcript.broken.as_ref().filter(|broken| broken.stage == "connect")
}
