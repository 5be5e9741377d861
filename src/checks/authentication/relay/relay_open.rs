//! The relay passes mail for strangers.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::checks::authentication::transport::{Which, servers, shown, subject};
use crate::evidence::smtp::OpenRelayTranscript;
use crate::facts::Facts;
use crate::facts::listings::public::not_public;
use crate::facts::transport::servers::{Exchange, RelayAttempt, Server};
use crate::model::untrusted::Width;
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "relay-open",
    area: Area::Authentication,
    title: "the relay passes mail for strangers",
    severity: Severity::Critical,
    why: "\
        An open relay is found by spammers within hours. Its address then stands on the blocklists, and \
        every mail sent through it is refused.",
    fix: "\
        Allow relaying only for the own networks and for clients that have logged in.",
    references: &[
        Reference::Rfc { number: 5321, section: "7.9" },
        Reference::Rfc { number: 2505, section: "2.1" },
    ],
    needs: &[Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let (servers, gap) = servers(facts, Which::Relay);
    if let Some(gap) = gap {
        return Err(gap);
    }
    let mut problems = Vec::new();
    let mut tested = false;
    for server in servers {
        let Some(transcript) = &server.open_relay else { continue };
        let transcript = transcript.as_ref().map_err(Gap::clone)?;
        if transcript.attempts.is_empty() {
            let why = transcript.broken.as_ref().map_or("nothing was tried".to_owned(), ToString::to_string);
            return Err(Gap::undecidable(format!("{}: {why}", shown(server))));
        }
        tested = true;
        let accepted = |attempt: &&RelayAttempt| code(attempt).is_some_and(|code| code / 100 == 2);
        // A host that takes any local part takes the tricks too, and delivers to itself.
        let takes_anybody =
            transcript.attempts.iter().filter(accepted).any(|attempt| attempt.trick == "no such user here");
        let open: Vec<&RelayAttempt> = transcript
            .attempts
            .iter()
            .filter(accepted)
            .filter(|attempt| attempt.trick != "no such user here" && !(attempt.local && takes_anybody))
            .collect();
        let Some(first) = open.first() else {
            if let Some(broken) = &transcript.broken {
                return Err(Gap::undecidable(format!("{}: {broken}", shown(server))));
            }
            continue;
        };
        problems.push(problem(server, transcript, first, &open));
    }
    if !tested {
        return Err(Gap::NotSupplied { what: "order for the open-relay test", flag: "--open-relay-test" });
    }
    Ok(Verdict::from_problems(problems))
}

fn problem(
    server: &Server,
    transcript: &OpenRelayTranscript,
    first: &RelayAttempt,
    open: &[&RelayAttempt],
) -> Problem {
    let ours = crate::model::untrusted::plain(&transcript.local, Width::Name);
    let tricks: Vec<&str> = open.iter().map(|attempt| attempt.trick.as_str()).collect();
    let summary = format!(
        "{} takes mail from <{}> for <{}> ({} of {} attempts: {})",
        shown(server),
        crate::model::untrusted::plain(&first.mail_from, Width::Name),
        crate::model::untrusted::plain(&first.rcpt_to, Width::Name),
        open.len(),
        transcript.attempts.len(),
        crate::model::untrusted::plain(&tricks.join(", "), Width::Record)
    );
    let inside = transcript.local.parse().is_ok_and(|ip| not_public(ip).is_some_and(|not| !not.example));
    let plain_too = open.iter().any(|attempt| !attempt.local);
    let mut problem = Problem::at(subject(server), summary).fix(format!(
        "Postfix: smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject; \
         and keep {ours} out of mynetworks unless it may relay"
    ));
    if inside && plain_too {
        // The host may trust this address on purpose; strangers outside may fare differently.
        problem = problem
            .severity(Severity::High)
            .confidence(Confidence::Tentative)
            .proof(format!("tested from {ours}, which the host may trust: repeat from outside its network"));
    }
    problem
}

fn code(attempt: &RelayAttempt) -> Option<u16> {
    Exchange { reply: attempt.reply.clone(), ..Exchange::default() }.code()
}
