//! A mail server offers encryption that does not work.

use super::{Which, each, quoted, shown, subject, unfinished};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::transport::servers::StartTls;
use crate::facts::transport::servers::Trouble;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "starttls-broken",
    area: Area::Authentication,
    title: "a mail server offers encryption that does not work",
    severity: Severity::High,
    why: "\
        Senders try STARTTLS, fail and wait, or fall back to sending in the clear. Senders bound to TLS \
        never deliver.",
    fix: "\
        Repair TLS on the server: certificate and key that match, TLS 1.2 and 1.3 with current ciphers.",
    references: &[
        Reference::Rfc { number: 3207, section: "4" },
        Reference::Rfc { number: 9325, section: "3.1" },
    ],
    needs: &[Topic::Servers, Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each(facts, Which::All, |server, session| {
        let problem = |summary: String| {
            let first = if server.port == 465 { "" } else { "-starttls smtp " };
            let address = std::net::SocketAddr::new(server.ip, server.port);
            let fix = format!("try openssl s_client {first}-connect {address} and repair what it shows");
            Ok(Some(vec![Problem::at(subject(server), summary).fix(fix)]))
        };
        match session.starttls() {
            StartTls::Unseen => Err(unfinished(server, session)),
            StartTls::Refused(reply) => {
                problem(format!("{} offers STARTTLS and answers it with {}", shown(server), quoted(&reply)))
            }
            StartTls::Broken(broken) if broken.trouble == Trouble::Timeout => {
                Err(unfinished(server, session))
            }
            StartTls::Broken(broken) => {
                let summary = format!("{}: {broken}", shown(server));
                let Some(name) = server.takes_older() else { return problem(summary) };
                let name = crate::model::untrusted::plain(name, Width::Word);
                let problem = Problem::at(subject(server), format!("{summary}; it still takes {name}"));
                Ok(Some(vec![match server.takes_older_ciphers() {
                    true => problem
                        .severity(Severity::Medium)
                        .fix("allow TLS 1.2 with ECDHE and AES-GCM, and TLS 1.3: other libraries than OpenSSL speak nothing older"),
                    false => problem.fix("allow TLS 1.2 and 1.3 (Postfix: smtpd_tls_protocols = >=TLSv1.2)"),
                }]))
            }
            StartTls::NotOffered => Ok(None),
            StartTls::Done => Ok(Some(Vec::new())),
        }
    })
}
