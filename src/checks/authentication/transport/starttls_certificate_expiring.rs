//! A mail server's certificate expires within two weeks.

use super::{each_certificate, host, subject};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::day_of;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "starttls-certificate-expiring",
    area: Area::Authentication,
    title: "a mail server's certificate expires within two weeks",
    severity: Severity::Low,
    why: "\
        Programs renew certificates a month before their end. That this one was not renewed yet means \
        that renewal is forgotten or broken.",
    fix: "\
        Renew the certificate now, and find out why it was not done.",
    references: &[Reference::Rfc { number: 5280, section: "4.1.2.5" }],
    needs: &[Topic::Servers, Topic::Relay],
    since: "0.1.0",
    run,
};

/// Seconds. Let's Encrypt advises renewal 30 days before the end.
const TWO_WEEKS: i64 = 14 * 86_400;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each_certificate(facts, |server, _, _, own| {
        let left = own.not_after.saturating_sub(facts.now());
        // Authorities with certificates of six days are not late at all.
        let whole = own.not_after.saturating_sub(own.not_before);
        if !(0..=TWO_WEEKS).contains(&left) || whole < TWO_WEEKS * 2 {
            return Ok(Some(Vec::new()));
        }
        let host = host(server);
        let summary = format!(
            "the certificate of {host} expires on {}, in {} days",
            day_of(own.not_after),
            left / 86_400
        );
        Ok(Some(vec![Problem::at(subject(server), summary).fix(format!("renew the certificate for {host}"))]))
    })
}
