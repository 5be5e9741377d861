//! A mail server takes passwords in plain text.

use super::{Which, each, shown, subject, unfinished};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::transport::servers::Session;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "auth-before-tls",
    area: Area::Authentication,
    title: "a mail server takes passwords in plain text",
    severity: Severity::Medium,
    why: "\
        The server offers AUTH before STARTTLS, so clients send passwords that everyone on the way can \
        read. Stolen accounts are what most spam is sent through.",
    fix: "\
        Offer AUTH only inside TLS (Postfix: smtpd_tls_auth_only = yes).",
    references: &[
        Reference::Rfc { number: 4954, section: "4" },
        Reference::Rfc { number: 8314, section: "3" },
    ],
    needs: &[Topic::Servers, Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each(facts, Which::All, |server, session| {
        let Some(ehlo) = session.ehlo().filter(|ehlo| ehlo.code().is_some()) else {
            // With TLS from the first byte there is no plain text to offer it in.
            return if session.is_encrypted() {
                Ok(Some(Vec::new()))
            } else {
                Err(unfinished(server, session))
            };
        };
        let auth = Session::keywords(ehlo).find(|line| {
            let word = line.split([' ', '=']).next().unwrap_or_default();
            word.eq_ignore_ascii_case("AUTH")
        });
        // Mechanisms that show no password on the wire are no danger.
        let Some(auth) = auth.filter(|line| {
            let upper = line.to_ascii_uppercase();
            upper.split([' ', '=']).any(|word| matches!(word, "PLAIN" | "LOGIN" | "XOAUTH2" | "OAUTHBEARER"))
        }) else {
            return Ok(Some(Vec::new()));
        };
        let shown_auth = crate::model::untrusted::plain(auth, Width::Name);
        let summary = format!("{} offers {shown_auth} before encryption", shown(server));
        Ok(Some(vec![Problem::at(subject(server), summary).fix("smtpd_tls_auth_only = yes")]))
    })
}
