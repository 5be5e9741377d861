//! Signatures over the domain's records do not hold.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::zone::dnssec::Link;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, RecordType, Severity, Subject, Topic, ValidationOutcome};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dnssec-bogus",
    area: Area::Authentication,
    title: "DNSSEC signatures of the domain or its MX hosts do not hold",
    severity: Severity::High,
    why: "\
        Resolvers that validate answer SERVFAIL for a name whose signatures do not hold, as if its servers \
        were down. Receivers behind them can read neither SPF nor DKIM nor DMARC and defer or refuse the \
        mail, and replies find no MX host.",
    fix: "\
        Sign the zone anew, or make the DS record at the registrar match the zone's key. If signing is not \
        wanted, have the registrar remove the DS record first.",
    references: &[
        Reference::Rfc { number: 4035, section: "5" },
        Reference::Rfc { number: 6781, section: "4" },
    ],
    needs: &[Topic::Dnssec],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let (mut problems, mut gap, mut signed) = (Vec::new(), None, false);
    for link in facts.dnssec_links()? {
        match &link.validation {
            Err(why) => gap = gap.or(Some(why.clone())),
            Ok(validation) => match validation.outcome {
                ValidationOutcome::Bogus => {
                    problems.push(problem(
                        facts,
                        &link,
                        validation.reason.as_deref().unwrap_or("no reason known"),
                    ));
                }
                ValidationOutcome::Secure => signed = true,
                _ => {}
            },
        }
    }
    match gap {
        Some(gap) if problems.is_empty() => Err(gap),
        Some(gap) => Ok(Verdict::FailInPart(problems, gap)),
        _ if problems.is_empty() && !signed => {
            Ok(Verdict::NotApplicable("neither the domain nor its MX hosts are signed with DNSSEC"))
        }
        _ => Ok(Verdict::from_problems(problems)),
    }
}

fn problem(facts: &Facts, link: &Link, reason: &str) -> Problem {
    let own = facts.domain().is_ok_and(|domain| *domain == link.name);
    let subject = if own { facts.domain_subject() } else { Subject::Host(link.name.clone()) };
    let consequence = match (own, link.rtype) {
        (true, RecordType::Mx) => "validating senders cannot find where its mail goes",
        (_, RecordType::Tlsa) => "senders that check DANE keep its mail in their queue",
        (_, RecordType::Ptr) => "validating receivers cannot read the name of the address",
        (false, RecordType::Txt) => "validating receivers cannot read this record",
        (true, _) => "validating receivers cannot read its SPF, DKIM and DMARC records",
        _ if facts.scope().validates_asked => "who validates cannot reach this host",
        _ => "validating senders cannot reach this MX host",
    };
    let name = crate::model::untrusted::plain(link.name.as_str(), Width::Line);
    let reason = crate::model::untrusted::plain(reason, Width::Record);
    Problem::at(subject, format!("DNSSEC of {name} {} is bogus: {consequence}", link.rtype))
        .proof(reason.clone())
        .fix(format!("{}: {reason}", remedy(&reason)))
}

/// The step that mends what the reason names.
fn remedy(reason: &str) -> &'static str {
    if reason.contains("DS record") {
        "replace the DS record at the registrar by that of the key the zone publishes, or remove it"
    } else if reason.contains("expired") || reason.contains("valid only from") {
        "sign the zone anew, and find out why its signer stopped or whether its clock is wrong"
    } else {
        "sign the zone anew with the keys it publishes"
    }
}
