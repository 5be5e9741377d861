//! The Feedback-ID header is not covered by the DKIM signature.

use super::signed_header;
use crate::check::{Check, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "feedback-id-unsigned",
    area: Area::FeedbackLoops,
    title: "the Feedback-ID header is not covered by the DKIM signature",
    severity: Severity::Low,
    why: "\
        Google takes a Feedback-ID only from a DKIM signature of the sender that covers it, \
        so that nobody can spoil another's figures.",
    fix: "Add `feedback-id` to the fields the signer covers (`h=`).",
    references: &[pages::GOOGLE_FEEDBACK_ID, Reference::Rfc { number: 6376, section: "5.4" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    signed_header::judge(facts, "Feedback-ID", "no Feedback-ID header")
}
