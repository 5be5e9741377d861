//! A mail server's certificate is for another name.

use super::{each_certificate, host, subject};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::transport::certificate::names;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "starttls-certificate-name-mismatch",
    area: Area::Authentication,
    title: "a mail server's certificate is for another name",
    severity: Severity::Medium,
    why: "\
        Senders that check certificates compare them with the MX name and do not deliver when they \
        differ; the others encrypt without knowing to whom.",
    fix: "\
        Get a certificate that lists the name in the MX record, or name the certificate's host in the MX \
        record.",
    references: &[
        Reference::Rfc { number: 9525, section: "6.3" },
        Reference::Rfc { number: 8461, section: "4.2" },
    ],
    needs: &[Topic::Servers, Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each_certificate(facts, |server, _, _, own| {
        // A relay named by its address shows no name to compare with.
        if server.host.parse::<std::net::IpAddr>().is_ok() {
            return Ok(None);
        }
        if own.is_for(&server.host) {
            return Ok(Some(Vec::new()));
        }
        let host = host(server);
        let summary = format!("the certificate of {host} is for {}", names(own));
        let fix = format!("get a certificate with the name {host}");
        Ok(Some(vec![Problem::at(subject(server), summary).fix(fix)]))
    })
}
