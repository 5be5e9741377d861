//! What the checks of a list of subscribers share: one problem for each of the first
//! recipients, one for the rest.

use jiff::Timestamp;

use crate::check::{Problem, Verdict};
use crate::facts::Facts;
use crate::facts::day_of;
use crate::model::consent::{ConsentSummary, MailedAddress, Recipients};
use crate::model::untrusted::{Width, plain};
use crate::model::{Confidence, Gap, Subject};

/// Recipients shown one by one.
const SHOWN: usize = 5;

/// A recipient with what is said of it.
pub(super) struct Shown<'a> {
    pub address: &'a MailedAddress,
    /// The address, safe to print.
    pub shown: String,
    /// ` on 2026-11-23`, or nothing.
    pub day: String,
    /// The list's file.
    pub list: String,
}

/// The comparison of logs and list; unknown where the logs name nobody.
pub(super) fn compared<'f>(facts: &'f Facts) -> Result<&'f ConsentSummary, Gap> {
    let consent = facts
        .traffic()?
        .consent
        .as_ref()
        .ok_or(Gap::NotSupplied { what: "list of subscribers", flag: "--consent FILE" })?;
    match consent.recipients {
        0 => Err(Gap::undecidable("the log names no recipient")),
        _ => Ok(consent),
    }
}

/// The verdict on one kind of recipients.
pub(super) fn problems(
    consent: &ConsentSummary,
    found: &Recipients,
    say: impl Fn(&Shown<'_>) -> (String, String),
    rest: impl Fn(u64) -> String,
) -> Result<Verdict, Gap> {
    if found.count == 0 && consent.cut {
        return Err(Gap::undecidable("the log names more recipients than are compared"));
    }
    let mut problems: Vec<Problem> = Vec::new();
    for address in found.examples.iter().take(SHOWN) {
        let shown = Shown {
            address,
            shown: address.address.plain(Width::Line),
            day: when(address.mailed).map(|day| format!(" {day}")).unwrap_or_default(),
            list: plain(&consent.file, Width::Name),
        };
        let (summary, fix) = say(&shown);
        let mut problem = Problem::at(Subject::Address(address.address.raw().to_owned()), summary)
            .fix(fix)
            // Logs may hold transactional mail, which needs no consent.
            .confidence(Confidence::Firm)
            .located(address.location.clone());
        if let Some(entry) = &address.entry {
            problem = problem.proof(format!("{}:{}", plain(&entry.file, Width::Name), entry.line));
        }
        problems.push(problem);
    }
    let more = found.count.saturating_sub(problems.len() as u64);
    if more > 0 {
        problems.push(Problem::at(Subject::Traffic, rest(more)).confidence(Confidence::Firm));
    }
    Ok(Verdict::from_problems(problems))
}

/// `on 2026-11-23`.
pub(super) fn when(time: Option<Timestamp>) -> Option<String> {
    time.map(|time| format!("on {}", day_of(time.as_second())))
}
