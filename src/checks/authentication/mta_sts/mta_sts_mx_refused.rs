//! An MX host does not meet the domain's own MTA-STS policy.

use super::in_force;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::checks::authentication::transport::{Which, each, host, quoted, subject, unfinished};
use crate::facts::Facts;
use crate::facts::transport::certificate::fault;
use crate::facts::transport::servers::{StartTls, Trouble};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::transport::mta_sts_policy::Mode;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mta-sts-mx-refused",
    area: Area::Authentication,
    title: "an MX host does not meet the domain's own MTA-STS policy",
    severity: Severity::High,
    why: "\
        Senders that honour the policy deliver only over TLS with a valid certificate for the MX name. \
        Here they must not, so replies from Google, Microsoft and others bounce.",
    fix: "\
        Offer STARTTLS on the host with a certificate of a public authority for the MX name.",
    references: &[
        Reference::Rfc { number: 8461, section: "4.2" },
        Reference::Rfc { number: 8461, section: "5" },
    ],
    needs: &[Topic::MtaSts, Topic::Servers],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    in_force(facts, |_, policy| {
        let now = facts.now();
        each(facts, Which::Mx, |server, session| {
            let why = match (session.starttls(), &session.chain) {
                (StartTls::Unseen, _) => return Err(unfinished(server, session)),
                (StartTls::Done, Some(chain)) => match fault(chain, &server.host, now) {
                    None => return Ok(Some(Vec::new())),
                    Some(why) => format!("its certificate does not count: {why}"),
                },
                (StartTls::Done, None) => return Err(unfinished(server, session)),
                (StartTls::NotOffered, _) => "it offers no STARTTLS".to_owned(),
                (StartTls::Refused(reply), _) => format!("it refuses STARTTLS with {}", quoted(&reply)),
                // Silence proves nothing, and senders with OpenSSL get through where we do not.
                (StartTls::Broken(broken), _)
                    if broken.trouble == Trouble::Timeout || server.takes_older_ciphers() =>
                {
                    return Err(unfinished(server, session));
                }
                (StartTls::Broken(broken), _) => broken.to_string(),
            };
            let summary = format!("{} fails the policy (mode {}): {why}", host(server), policy.mode.name());
            let mut problem = Problem::at(subject(server), summary)
                .fix(format!("install a valid certificate for {} and offer STARTTLS", host(server)));
            if policy.mode == Mode::Testing {
                problem = problem.severity(Severity::Medium);
            }
            Ok(Some(vec![problem]))
        })
    })
}
