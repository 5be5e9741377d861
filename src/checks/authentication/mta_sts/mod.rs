//! MTA-STS and TLS-RPT: exactly one readable record, or senders ignore them all,
//! and a policy behind it.

use crate::check::{Problem, Verdict};
use crate::facts::Facts;
use crate::facts::transport::announced::Announced;
use crate::facts::transport::mta_sts::MtaSts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Gap, Severity, Subject};
use crate::parse::transport::mta_sts_policy::{Mode, Policy};

/// Every fault of the records found at one name; `advice` says what to do.
pub(super) fn judge_announced(found: &[Announced], advice: &str) -> Verdict {
    if found.is_empty() {
        return Verdict::NotApplicable("the domain publishes no such record");
    }
    let counted = found.iter().filter(|record| record.counts).count();
    if counted == 1 {
        let (real, others): (Vec<_>, Vec<_>) = found.iter().partition(|record| record.counts);
        let faults = real.into_iter().filter_map(problem).map(|problem| problem.fix(advice));
        return Verdict::from_problems(faults.chain(others.into_iter().map(leftover)).collect());
    }
    let mut problems: Vec<Problem> = found.iter().filter_map(problem).collect();
    if let [first, _, ..] = found {
        problems.push(
            Problem::at(
                Subject::Domain(first.name.clone()),
                format!("{} holds {} records, and senders then ignore them all", first.name, found.len()),
            )
            .located(first.location.clone()),
        );
    }
    let fixed = problems.into_iter().map(|problem| problem.fix(advice));
    Verdict::from_problems(fixed.collect())
}

/// A text that senders discard beside the record that counts.
fn leftover(record: &Announced) -> Problem {
    let text = String::from_utf8_lossy(&record.text).into_owned();
    let subject =
        Subject::Record { question: format!("{} TXT", record.name), text: text.clone(), span: None };
    Problem::at(subject, format!("a text beside the record at {} that senders discard", record.name))
        .severity(Severity::Low)
        .fix("Delete this text; the record that counts stays as it is")
        .proof(plain(&text, Width::Record))
        .located(record.location.clone())
}

fn problem(record: &Announced) -> Option<Problem> {
    let fault = record.fault.as_ref()?;
    let text = String::from_utf8_lossy(&record.text).into_owned();
    let subject =
        Subject::Record { question: format!("{} TXT", record.name), text: text.clone(), span: None };
    Some(
        Problem::at(subject, format!("the record at {} cannot be used: {fault}", record.name))
            .proof(plain(&text, Width::Record))
            .located(record.location.clone()),
    )
}

/// Judges what the policy host gives, where a record makes senders look there.
pub(super) fn announced(
    facts: &Facts,
    judge: impl FnOnce(&MtaSts) -> Result<Verdict, Gap>,
) -> Result<Verdict, Gap> {
    match facts.mta_sts()? {
        None => Ok(Verdict::NotApplicable("the domain publishes no MTA-STS record")),
        Some(sts) => judge(sts),
    }
}

/// Judges a policy that senders can read.
pub(super) fn readable(
    facts: &Facts,
    judge: impl FnOnce(&MtaSts, &Policy) -> Result<Verdict, Gap>,
) -> Result<Verdict, Gap> {
    announced(facts, |sts| match sts.policy()? {
        None => Ok(Verdict::NotApplicable("there is no usable policy, see mta-sts-policy-syntax")),
        Some(policy) => judge(sts, policy),
    })
}

/// Judges a policy that senders go by, enforced or only tested.
pub(super) fn in_force(
    facts: &Facts,
    judge: impl FnOnce(&MtaSts, &Policy) -> Result<Verdict, Gap>,
) -> Result<Verdict, Gap> {
    readable(facts, |sts, policy| match policy.mode {
        Mode::None => Ok(Verdict::NotApplicable("the policy is switched off (mode none)")),
        Mode::Enforce | Mode::Testing => judge(sts, policy),
    })
}

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod mta_sts_certificate_invalid;
mod mta_sts_id_unchanged;
mod mta_sts_max_age_short;
mod mta_sts_missing;
mod mta_sts_mx_refused;
mod mta_sts_mx_unlisted;
mod mta_sts_not_enforced;
mod mta_sts_policy_syntax;
mod mta_sts_policy_unreachable;
mod mta_sts_syntax;
mod tls_rpt_missing;
mod tls_rpt_syntax;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &mta_sts_certificate_invalid::CHECK,
    &mta_sts_id_unchanged::CHECK,
    &mta_sts_max_age_short::CHECK,
    &mta_sts_missing::CHECK,
    &mta_sts_mx_refused::CHECK,
    &mta_sts_mx_unlisted::CHECK,
    &mta_sts_not_enforced::CHECK,
    &mta_sts_policy_syntax::CHECK,
    &mta_sts_policy_unreachable::CHECK,
    &mta_sts_syntax::CHECK,
    &tls_rpt_missing::CHECK,
    &tls_rpt_syntax::CHECK,
];
