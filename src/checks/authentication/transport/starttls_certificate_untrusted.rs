//! No public authority vouches for a mail server's certificate.

use super::{each_certificate, host, subject};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "starttls-certificate-untrusted",
    area: Area::Authentication,
    title: "no public authority vouches for a mail server's certificate",
    severity: Severity::Low,
    why: "\
        Senders with opportunistic TLS do not mind. Those bound to MTA-STS or forced TLS refuse to \
        deliver to a self-signed certificate or an incomplete chain.",
    fix: "\
        Install a certificate of a public authority with its intermediate certificates, or publish a \
        TLSA record for it.",
    references: &[
        Reference::Rfc { number: 8461, section: "4.2" },
        Reference::Rfc { number: 7672, section: "1.3" },
    ],
    needs: &[Topic::Servers, Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each_certificate(facts, |server, _, chain, own| {
        let Err(why) = &chain.trust else { return Ok(Some(Vec::new())) };
        let host = host(server);
        let kind = if own.is_self_issued { "is self-signed" } else { "is not trusted" };
        let summary = format!("the certificate of {host} {kind}: {why}");
        let issuer = crate::model::untrusted::plain(&own.issuer, Width::Line);
        Ok(Some(vec![
            Problem::at(subject(server), summary)
                .proof(format!("issued by {issuer}; certificates sent: {}", chain.certificates.len()))
                .fix(format!(
                    "install a certificate for {host} with its whole chain; --ca trusts a private one"
                )),
        ]))
    })
}
