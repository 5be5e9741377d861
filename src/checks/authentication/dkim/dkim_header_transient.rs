//! Does a signature cover fields that change on the way?

use super::{field, is_readable, judge_signatures, label};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-header-transient",
    area: Area::Authentication,
    title: "a DKIM signature covers fields that change on the way",
    severity: Severity::Low,
    why: "\
        Return-Path and Received are written by the systems the mail passes, so a signature over them \
        breaks in ordinary delivery; Comments, Keywords and Bcc are rewritten or removed at will.",
    fix: "Take these fields out of the list the signer covers.",
    references: &[Reference::Rfc { number: 6376, section: "5.4" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

const TRANSIENT: [&str; 8] = [
    "Return-Path",
    "Received",
    "Comments",
    "Keywords",
    "Bcc",
    "Resent-Bcc",
    "Authentication-Results",
    "Delivered-To",
];

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    judge_signatures(facts, |at, verified| {
        let covered: Vec<&str> =
            TRANSIENT.into_iter().filter(|name| at.signature.times_signed(name) > 0).collect();
        (is_readable(verified) && !covered.is_empty()).then(|| {
            Problem::at(field(at), format!("{}: h= covers {}", label(at), covered.join(", ")))
                .fix(format!("Remove {} from the fields the signer covers", covered.join(", ")))
        })
    })
}
