//! What is not known, in one glance: grouped by what caused it, each cause once, with the remedy
//! that fits who was asked.

use std::collections::BTreeSet;

use crate::judge::finding::{CheckResult, Outcome};
use crate::model::untrusted::Width;
use crate::model::{Failure, Gap, Question};

/// One cause and everything it leaves unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownReason {
    /// The cause, in words.
    pub reason: String,
    /// One question or reason as an example, where the cause does not say it.
    pub example: String,
    /// What would make them known; empty where nothing.
    pub remedy: String,
    pub codes: Vec<&'static str>,
}

impl UnknownReason {
    /// `the resolver did not answer: 74 checks; run again ...`
    pub(crate) fn text(&self) -> String {
        let count = match self.codes.len() {
            1 => "1 check".to_owned(),
            many => format!("{many} checks"),
        };
        match self.remedy.as_str() {
            "" => format!("{}: {count}", self.reason),
            remedy => format!("{}: {count}; {remedy}", self.reason),
        }
    }
}

/// Why checks are unknown, the cause of most first. What is missing for a whole area stands with
/// the area already and comes only with `all`.
pub(crate) fn grouped(results: &[CheckResult], all: bool) -> Vec<UnknownReason> {
    let mut groups: Vec<UnknownReason> = Vec::new();
    for result in results {
        let (Outcome::Unknown(gap) | Outcome::Fail { hidden: Some(gap), .. }) = &result.outcome else {
            continue;
        };
        if gap.is_missing_input() && !all {
            continue;
        }
        let (reason, example) = cause(gap);
        let remedy = remedy(gap);
        match groups.iter_mut().find(|known| known.reason == reason && known.remedy == remedy) {
            Some(known) => known.codes.push(result.check.code),
            None => groups.push(UnknownReason { reason, example, remedy, codes: vec![result.check.code] }),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.codes.len()));
    groups
}

/// The cause without the question, and the question.
fn cause(gap: &Gap) -> (String, String) {
    match gap {
        Gap::Unasked(question) => ("the recording lacks the answer".to_owned(), question.to_string()),
        Gap::Failed { question, failure } => {
            let reason = match (question, failure) {
                (Question::Dns { .. }, Failure::Timeout) => "the resolver did not answer".to_owned(),
                (Question::Dns { .. }, Failure::Network(_)) => "the resolver cannot be reached".to_owned(),
                (Question::Dns { .. }, failure) => failure.to_string(),
                (question, failure) => format!("{}: {failure}", asked(question)),
            };
            (reason, question.to_string())
        }
        Gap::NotAttempted { question, why } => (why.clone(), question.to_string()),
        Gap::NotSupplied { what, .. } => (format!("no {what} was given"), String::new()),
        Gap::Undecidable(why) | Gap::TurnedAway(why) => (why.clone(), String::new()),
    }
}

/// What would help, by who was asked.
fn remedy(gap: &Gap) -> String {
    match gap {
        Gap::NotSupplied { flag, .. } => format!("give {}", flags([*flag])),
        Gap::Failed { question: Question::Dns { .. }, .. } => gap.remedy(),
        Gap::Failed { question: Question::Scan { engine }, .. } => {
            format!("start {engine}, or look at its address")
        }
        Gap::Failed { question, .. } => format!("see whether {} can be reached from here", asked(question)),
        _ => gap.remedy(),
    }
}

/// Who is asked.
fn asked(question: &Question) -> String {
    match question {
        Question::Scan { engine } => engine.clone(),
        other => crate::model::untrusted::plain(&other.to_string(), Width::Line),
    }
}

/// Flags joined by `or`, each once.
pub(crate) fn flags<'f>(flags: impl IntoIterator<Item = &'f str>) -> String {
    let mut seen = BTreeSet::new();
    let single = flags.into_iter().flat_map(|flag| flag.split(" or "));
    let once: Vec<&str> =
        single.map(|flag| flag.trim_matches([',', ' '])).filter(|flag| seen.insert(*flag)).collect();
    const SHOWN: usize = 3;
    match once.len() {
        0..=SHOWN => once.join(" or "),
        _ => format!("{} and more", once[..SHOWN].join(" or ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_stand_once() {
        assert_eq!(
            flags(["--probe", "--probe or --follow-links", "--ip IP"]),
            "--probe or --follow-links or --ip IP"
        );
    }
}
