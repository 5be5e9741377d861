//! A mail server's certificate is outside its dates.

use super::{each_certificate, host, subject};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::day_of;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "starttls-certificate-expired",
    area: Area::Authentication,
    title: "a mail server's certificate is outside its dates",
    severity: Severity::Medium,
    why: "\
        Senders that check certificates (MTA-STS, DANE with usage 2, partners with forced TLS) do not \
        deliver; the others encrypt without knowing to whom.",
    fix: "\
        Renew the certificate, and let a program renew it from now on.",
    references: &[
        Reference::Rfc { number: 5280, section: "4.1.2.5" },
        Reference::Rfc { number: 7672, section: "3.1" },
    ],
    needs: &[Topic::Servers, Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each_certificate(facts, |server, _, _, own| {
        let now = facts.now();
        let host = host(server);
        let summary = if now > own.not_after {
            format!("the certificate of {host} expired on {}", day_of(own.not_after))
        } else if now < own.not_before {
            format!("the certificate of {host} is valid only from {}", day_of(own.not_before))
        } else {
            return Ok(Some(Vec::new()));
        };
        let issuer = crate::model::untrusted::plain(&own.issuer, Width::Line);
        Ok(Some(vec![
            Problem::at(subject(server), summary)
                .proof(format!("issued by {issuer}"))
                .fix(format!("renew the certificate for {host} and restart the mail server")),
        ]))
    })
}
