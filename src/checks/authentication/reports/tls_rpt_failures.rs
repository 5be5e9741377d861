//! Do senders report that TLS with the domain's mail hosts fails?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::reports::percent;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Name, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "tls-rpt-failures",
    area: Area::Authentication,
    title: "senders report failed TLS sessions",
    severity: Severity::Medium,
    why: "\
        A sender that meets an expired certificate or a wrong MTA-STS policy keeps the mail back: \
        replies, bounces and reports to you do not arrive.",
    fix: "Mend what the failure type names: the certificate, STARTTLS, the policy file or the TLSA record.",
    references: &[Reference::Rfc { number: 8460, section: "4.3" }],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

/// Sessions that break off for other reasons, in percent.
const TOLERATED: u64 = 1;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let summary = facts.reports()?;
    let domain = facts.domain()?;
    let about = summary.tls.iter().filter(|(name, _)| Name::lenient(name).is_within(domain));
    let mut problems = Vec::new();
    let mut seen = false;
    for (name, tally) in about {
        seen = true;
        let whole = tally.successful.saturating_add(tally.failed);
        if tally.failed == 0 || percent(tally.failed, whole) < TOLERATED {
            continue;
        }
        let kinds: Vec<String> = tally
            .failures
            .iter()
            .map(|(kind, count)| format!("{} {count}", crate::model::untrusted::plain(kind, Width::Name)))
            .collect();
        let kinds = if kinds.is_empty() { "no reason given".to_owned() } else { kinds.join(", ") };
        let summary =
            format!("{} of {whole} reported TLS sessions with {name} failed: {kinds}", tally.failed);
        let mut problem = Problem::at(Subject::Domain(Name::lenient(name)), summary);
        if let Some(fix) = tally.failures.keys().find_map(|kind| remedy(kind)) {
            problem = problem.fix(fix);
        }
        problems.push(problem);
    }
    if !seen {
        return Ok(Verdict::NotApplicable("no TLS report about the domain was given"));
    }
    Ok(Verdict::from_problems(problems))
}

/// RFC 8460 section 4.3.
fn remedy(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "starttls-not-supported" => "Offer STARTTLS on every MX host",
        "certificate-host-mismatch" => {
            "Use a certificate that names the MX host, and MX hosts that the policy names"
        }
        "certificate-expired" => "Renew the certificate, and let a job do it from now on",
        "certificate-not-trusted" => "Send the whole chain of a public certificate authority",
        "tlsa-invalid" | "dnssec-invalid" | "dane-required" => {
            "Publish TLSA records that match the certificate, in a zone whose DNSSEC validates"
        }
        "sts-policy-fetch-error" | "sts-policy-invalid" | "sts-webpki-invalid" => {
            "Serve https://mta-sts.DOMAIN/.well-known/mta-sts.txt with a valid certificate"
        }
        _ => return None,
    })
}
