//! SPF over the answers so far (RFC 7208): the whole tree of records, what each
//! term costs and finds, and the verdict a receiver would reach. Pure: an answer
//! that is missing is noted as wanted and makes the verdict unknown.

mod allowance;
mod authorised;
mod cost;
mod domain;
pub(crate) mod fix;
mod input;
mod plan;
mod ranges;
mod strangers;
mod tree;
mod verdict;

use crate::model::Gap;

pub use allowance::Allowance;
pub use authorised::{Authorised, Others, TermShare, default_result};
pub use cost::Cost;
pub use domain::{HeloFacts, SpfFacts, TxtRecord};
pub use input::SpfInput;
pub(crate) use plan::terms_of;
pub use plan::{Plan, flat, plans};
pub use ranges::AddressSet;
pub(crate) use ranges::around;
pub use strangers::Anybody;
pub use tree::{Exchange, Explain, Hosts, Node, Published, Step, TermFound};
pub use verdict::{Hit, Trouble, Verdict};

use super::Ledger;

/// The bounds of section 4.6.4.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Terms that ask the DNS, over all records of one evaluation.
    pub lookups: usize,
    /// Terms whose questions may come back with nothing.
    pub voids: usize,
    /// Hosts of one `mx`, names of one `ptr`.
    pub names: usize,
}

impl Limits {
    /// What receivers hold to (RFC 7208 section 4.6.4).
    pub const RFC: Limits = Limits { lookups: 10, voids: 2, names: 10 };
}

/// A result of check_host() (section 2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpfResult {
    /// There is no policy to apply: no record, or no domain that could have one.
    None,
    /// The policy says nothing of the client (`?`, or no term matches).
    Neutral,
    /// The client may send for the domain.
    Pass,
    /// The client may not send for the domain (`-all`).
    Fail,
    /// The client probably may not (`~all`).
    SoftFail,
    /// A DNS question failed; a later try may succeed.
    TempError,
    /// The records cannot be evaluated: wrong, or past a limit.
    PermError,
}

impl SpfResult {
    /// The result word in lower case.
    pub fn name(self) -> &'static str {
        match self {
            SpfResult::None => "none",
            SpfResult::Neutral => "neutral",
            SpfResult::Pass => "pass",
            SpfResult::Fail => "fail",
            SpfResult::SoftFail => "softfail",
            SpfResult::TempError => "temperror",
            SpfResult::PermError => "permerror",
        }
    }

    /// The result spelled so, in any case.
    pub fn from_name(name: &str) -> Option<SpfResult> {
        use SpfResult::{Fail, Neutral, None, Pass, PermError, SoftFail, TempError};
        [None, Neutral, Pass, Fail, SoftFail, TempError, PermError]
            .into_iter()
            .find(|result| result.name().eq_ignore_ascii_case(name))
    }
}

/// One sender judged by one domain's policy.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Whose mail is judged.
    pub input: SpfInput,
    /// The record asked for first, with everything below it.
    pub root: Node,
    /// What a receiver concludes.
    pub verdict: Verdict,
    /// The tree was cut: it asks far more than any receiver would follow.
    pub cut: bool,
}

impl Evaluation {
    /// The result as a check may use it: an answer that failed makes it unknown,
    /// though a receiver with the same failure would say `temperror`.
    pub(crate) fn known(&self) -> Result<SpfResult, Gap> {
        match &self.verdict.uncertain {
            Some(gap) => Err(gap.clone()),
            None => self.verdict.result.clone(),
        }
    }

    /// What all terms together cost, reached or not.
    pub fn cost(&self) -> Cost {
        Cost::of(&self.root, self.input.ip)
    }
}

/// check_host(): explores all of the tree that can be answered, notes what is
/// still to be asked, and says the verdict as far as it is settled.
pub fn evaluate(ledger: &Ledger, input: &SpfInput, limits: Limits) -> Evaluation {
    evaluate_within(ledger, input, limits, &Allowance::audit())
}

/// The same, sharing with other evaluations what may be asked beyond the limits.
pub fn evaluate_within(
    ledger: &Ledger,
    input: &SpfInput,
    limits: Limits,
    allowance: &Allowance,
) -> Evaluation {
    let (root, cut) = tree::grow(ledger, input, limits, allowance);
    let verdict = verdict::judge(ledger, input, &root, limits);
    Evaluation { input: input.clone(), root, verdict, cut }
}
