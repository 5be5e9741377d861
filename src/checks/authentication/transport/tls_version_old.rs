//! A mail server still speaks old TLS versions.

use super::{each_old_tls, shown, subject};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "tls-version-old",
    area: Area::Authentication,
    title: "a mail server still speaks old TLS versions",
    severity: Severity::Low,
    why: "\
        SSL 3.0, TLS 1.0 and 1.1 have known weaknesses and are forbidden by many rules of procedure. A \
        server that speaks newer ones too loses nothing by ending them.",
    fix: "\
        Allow TLS 1.2 and 1.3 only (Postfix: smtpd_tls_protocols = >=TLSv1.2).",
    references: &[
        Reference::Rfc { number: 8996, section: "3" },
        Reference::Rfc { number: 7568, section: "3" },
    ],
    needs: &[Topic::Servers, Topic::Relay],
    since: "0.1.0",
    run,
};

const VERSIONS: [&str; 3] = ["SSL 3.0", "TLS 1.0", "TLS 1.1"];

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each_old_tls(facts, |server, old| {
        let versions = old.offers.iter().filter(|offer| VERSIONS.contains(&offer.name.as_str()));
        let taken: Vec<&str> =
            versions.clone().filter(|offer| offer.accepted == Some(true)).map(|o| o.name.as_str()).collect();
        if taken.is_empty() {
            return match versions.clone().find(|offer| offer.accepted.is_none()) {
                None if versions.count() > 0 => Ok(Some(Vec::new())),
                _ => Err(Gap::undecidable(format!(
                    "{}: the old versions could not all be tried",
                    shown(server)
                ))),
            };
        }
        let summary = format!("{} takes {}", shown(server), taken.join(", "));
        let mut problem = Problem::at(subject(server), summary).fix("smtpd_tls_protocols = >=TLSv1.2");
        if taken.contains(&"SSL 3.0") {
            problem = problem.severity(Severity::Medium);
        }
        Ok(Some(vec![problem]))
    })
}
