//! Support of the checks on MTA-STS: what has to be there before a policy can be judged.

use crate::check::Verdict;
use crate::facts::Facts;
use crate::facts::mta_sts::MtaSts;
use crate::model::Gap;
use crate::parse::transport::mta_sts_policy::{Mode, Policy};

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
