//! What the one-record announcements (MTA-STS, TLS-RPT) share: exactly one
//! readable record, or senders ignore them all.

use crate::check::{Problem, Verdict};
use crate::facts::transport::Announced;
use crate::model::Subject;
use crate::model::untrusted::plain;

/// Every fault of the records found at one name; `record` is what to publish there.
pub(super) fn judge(found: &[Announced], record: &str) -> Verdict {
    let mut problems: Vec<Problem> = found.iter().filter_map(problem).collect();
    match found {
        [] => return Verdict::NotApplicable("the domain publishes no such record"),
        [_] => {}
        [first, ..] => problems.push(
            Problem::at(
                Subject::Domain(first.name.clone()),
                format!("{} holds {} records, and senders then ignore them all", first.name, found.len()),
            )
            .located(first.location.clone()),
        ),
    }
    let name = found.first().map(|record| record.name.to_string()).unwrap_or_default();
    let fixed = problems.into_iter().map(|problem| problem.fix(format!("{name}. TXT \"{record}\"")));
    Verdict::from_problems(fixed.collect())
}

fn problem(record: &Announced) -> Option<Problem> {
    let fault = record.fault.as_ref()?;
    let text = String::from_utf8_lossy(&record.text).into_owned();
    let subject =
        Subject::Record { question: format!("{} TXT", record.name), text: text.clone(), span: None };
    Some(
        Problem::at(subject, format!("the record at {} cannot be used: {fault}", record.name))
            .proof(plain(&text, 300))
            .located(record.location.clone()),
    )
}
