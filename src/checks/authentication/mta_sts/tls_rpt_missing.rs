//! The domain has no TLS reporting record.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "tls-rpt-missing",
    area: Area::Authentication,
    title: "the domain has no TLS reporting record",
    severity: Severity::Info,
    why: "\
        TLS-RPT makes large senders report failed encryption to the domain, the only way to learn of it. \
        Outgoing mail is not judged by it.",
    fix: "Publish a TXT record at _smtp._tls with the address that takes the reports.",
    references: &[Reference::Rfc { number: 8460, section: "3" }],
    needs: &[Topic::Transport],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let domain = facts.domain()?;
    let found = facts.transport()?.tls_rpt.as_ref().map_err(Gap::clone)?;
    if !found.is_empty() {
        return Ok(Verdict::Pass);
    }
    let summary = format!("_smtp._tls.{domain} holds no v=TLSRPTv1 record");
    let fix = format!(
        "Publish a TXT record at _smtp._tls.{domain} that says v=TLSRPTv1; rua=mailto:ADDRESS, with a mailbox you read \
         as ADDRESS"
    );
    Ok(Verdict::Fail(vec![Problem::at(Subject::Domain(domain.clone()), summary).fix(fix)]))
}
