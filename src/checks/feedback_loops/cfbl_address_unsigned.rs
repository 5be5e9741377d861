//! The CFBL-Address header is not covered by the DKIM signature.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::unsubscribe::signed_fields;
use crate::model::untrusted::plain;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "cfbl-address-unsigned",
    area: Area::FeedbackLoops,
    title: "the CFBL-Address header is not covered by the DKIM signature",
    severity: Severity::Low,
    why: "\
        RFC 9477 lets receivers send complaints only where a valid DKIM signature covers the \
        header, or anyone could direct them elsewhere.",
    fix: "Add `cfbl-address` to the fields the signer covers (`h=`).",
    references: &[
        Reference::Rfc { number: 9477, section: "3.1" },
        Reference::Rfc { number: 6376, section: "5.4" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("CFBL-Address") else {
        return Ok(Verdict::NotApplicable("no CFBL-Address header"));
    };
    let signed = signed_fields(message);
    let Some((domain, _)) = signed.first() else {
        return Err(Gap::undecidable("the sample carries no DKIM signature; give it as it left the signer"));
    };
    if signed.iter().any(|(_, names)| names.iter().any(|name| name == "cfbl-address")) {
        return Ok(Verdict::Pass);
    }
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(field),
            "no DKIM signature covers CFBL-Address; receivers ignore it",
        )
        .fix(format!(
            "add cfbl-address to the signed header fields (h=) of the signer for {}",
            plain(domain, 60)
        ))
        .located(message.location(field.line)),
    ]))
}
