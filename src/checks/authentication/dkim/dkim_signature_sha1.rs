//! Is a signature made with SHA-1?

use super::{field, judge_signatures, label};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::dkim::signature::Algorithm;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-signature-sha1",
    area: Area::Authentication,
    title: "a DKIM signature uses SHA-1",
    severity: Severity::High,
    why: "\
        rsa-sha1 can be forged and verifiers must not accept it: the mail counts as unsigned.",
    fix: "Set the signer to rsa-sha256.",
    references: &[Reference::Rfc { number: 8301, section: "3.1" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    judge_signatures(facts, |at, _| {
        (at.signature.algorithm == Algorithm::RsaSha1).then(|| {
            Problem::at(field(at), format!("{}: a=rsa-sha1 counts as no signature", label(at)))
                .fix("Set the algorithm to rsa-sha256 (OpenDKIM: SignatureAlgorithm rsa-sha256)")
        })
    })
}
