//! A mail server's certificate is cryptographically weak.

use super::{each_certificate, host, subject};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::transport::certificate::Key;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "starttls-certificate-weak",
    area: Area::Authentication,
    title: "a mail server's certificate is cryptographically weak",
    severity: Severity::Medium,
    why: "\
        Keys below 2048 bits (RSA) and signatures with MD5 or SHA-1 can be forged; current TLS libraries \
        refuse the handshake, and mail waits.",
    fix: "\
        Make a new key, EC P-256 or RSA 2048, and have it certified with SHA-256.",
    references: &[
        Reference::Rfc { number: 9325, section: "4.5" },
        Reference::Rfc { number: 8301, section: "3.2" },
    ],
    needs: &[Topic::Servers, Topic::Relay],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each_certificate(facts, |server, _, _, own| {
        let mut why = Vec::new();
        match own.key {
            Key::Rsa(bits) if bits < 2048 => why.push(format!("its RSA key has {bits} bits")),
            Key::Ec(bits) if bits < 224 => why.push(format!("its EC key has {bits} bits")),
            _ => {}
        }
        if matches!(own.signature.as_str(), "MD5" | "SHA-1") && !own.is_self_issued {
            why.push(format!("it is signed with {}", own.signature));
        }
        if why.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let host = host(server);
        let summary = format!("the certificate of {host} is weak: {}", why.join(", and "));
        let fix = format!("make an EC P-256 or RSA 2048 key for {host} and have it certified");
        Ok(Some(vec![Problem::at(subject(server), summary).fix(fix)]))
    })
}
