//! The CFBL-Address header is not covered by the DKIM signature.

use super::signed_header;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
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
    signed_header::judge(facts, "CFBL-Address", "no CFBL-Address header")
}
