//! The relay cannot be reached from here.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::checks::authentication::transport::{Which, each, shown, subject};
use crate::facts::Facts;
use crate::facts::transport::servers::Trouble;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "relay-unreachable",
    area: Area::Authentication,
    title: "the relay cannot be reached from here",
    severity: Severity::High,
    why: "\
        No mail can be handed over. What exactly fails tells where to look: a refusal comes from the \
        host or a firewall that answers, silence from one that drops.",
    fix: "\
        Let TCP through from this machine to the relay's port, or use the port the operator names.",
    references: &[Reference::Rfc { number: 5321, section: "3.1" }],
    needs: &[Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each(facts, Which::Relay, |server, session| {
        let Some(broken) = &session.transcript.broken else { return Ok(Some(Vec::new())) };
        if broken.stage != "connect" {
            return Ok(Some(Vec::new()));
        }
        let from = "this machine";
        let target = std::net::SocketAddr::new(server.ip, server.port).to_string();
        let fix = match broken.trouble {
            Trouble::Refused => format!(
                "nothing listens on {target}, or a firewall rejects: start the mail server there, or ask \
                 which port takes mail (25, 587, 465)"
            ),
            Trouble::Timeout => format!(
                "a firewall drops the packets, as many networks do on port 25: allow TCP from {from} to \
                 {target}, or use the submission port 587"
            ),
            Trouble::Unreachable => format!("give {from} a route to {target}"),
            Trouble::Forbidden => {
                format!("allow outgoing TCP to {target} in the firewall of {from} itself")
            }
            _ => format!("allow TCP from {from} to {target}, also in firewalls that inspect connections"),
        };
        let summary = format!("{}: {broken}", shown(server));
        Ok(Some(vec![Problem::at(subject(server), summary).fix(fix)]))
    })
}
