//! A mail server offers no encryption.

use super::{Which, each, host, shown, subject, unfinished};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::transport::servers::StartTls;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "starttls-missing",
    area: Area::Authentication,
    title: "a mail server offers no encryption",
    severity: Severity::Medium,
    why: "\
        Mail to this server travels in the clear for everyone on the way to read. Large senders mark it, \
        and senders bound to TLS do not deliver.",
    fix: "\
        Install a certificate and switch STARTTLS on (Postfix: smtpd_tls_security_level = may).",
    references: &[
        Reference::Rfc { number: 3207, section: "4" },
        Reference::Rfc { number: 8314, section: "3" },
    ],
    needs: &[Topic::Servers, Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each(facts, Which::All, |server, session| match session.starttls() {
        StartTls::Unseen => Err(unfinished(server, session)),
        StartTls::NotOffered => {
            let summary = format!("{} offers no STARTTLS in its EHLO reply", shown(server));
            let fix = format!(
                "on {}: install a certificate for its name and offer STARTTLS; if it does already, a \
                 firewall on the way strips it",
                host(server)
            );
            Ok(Some(vec![Problem::at(subject(server), summary).fix(fix)]))
        }
        _ => Ok(Some(Vec::new())),
    })
}
