//! What is not known, and why. Never a pass, never a fail, never "missing".

use std::fmt;

use super::{Failure, Question};

/// Why a check cannot judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Not asked yet; `gather` will. Left over only where a replay lacks the answer.
    Unasked(Question),
    /// Asked, without a usable answer.
    Failed {
        /// What was asked.
        question: Question,
        /// Why there is no usable answer.
        failure: Failure,
    },
    /// `--offline` or a scope that does not allow the question.
    NotAttempted {
        /// What would have had to be asked.
        question: Question,
        /// The bound in its way, as it follows a colon.
        why: String,
    },
    /// The user has not given what it would be judged by.
    NotSupplied {
        /// What is missing, such as "a sample message".
        what: &'static str,
        /// The argument that supplies it, such as `--message`.
        flag: &'static str,
    },
    /// The evidence is there and does not settle it.
    Undecidable(String),
    /// Whoever was asked turns this resolver away, or is nobody: no opinion that could be lost.
    TurnedAway(String),
}

impl Gap {
    /// [`Gap::Undecidable`], for `why` in any form of text.
    pub fn undecidable(why: impl Into<String>) -> Gap {
        Gap::Undecidable(why.into())
    }

    /// What the user can do about it.
    pub fn remedy(&self) -> String {
        match self {
            Gap::Unasked(_) => "record the run again, or run it with the network allowed".to_owned(),
            Gap::Failed { failure: Failure::Timeout | Failure::Deadline, .. } => {
                "run again, or raise --timeout and --deadline".to_owned()
            }
            Gap::Failed { failure: Failure::Refused, .. } => {
                "ask another resolver with --resolver".to_owned()
            }
            Gap::Failed {
                question: Question::Http { .. } | Question::Smtp { .. } | Question::Head { .. },
                ..
            } => "run again later".to_owned(),
            Gap::Failed { .. } => "run again later, or ask another resolver with --resolver".to_owned(),
            Gap::NotAttempted { question: Question::Head { .. }, why } if why.contains("--allow-private") => {
                "give --allow-private where the address is your own".to_owned()
            }
            Gap::NotAttempted { question: Question::Head { .. }, why } if !why.contains("offline") => {
                "open the link by hand, on a machine that may".to_owned()
            }
            Gap::NotAttempted { why, .. } if why.ends_with("leaves it open") => {
                "give the zone as it is published".to_owned()
            }
            Gap::NotAttempted { .. } => "run without --offline".to_owned(),
            Gap::NotSupplied { flag, .. } => format!("give {flag}"),
            Gap::Undecidable(_) | Gap::TurnedAway(_) => String::new(),
        }
    }

    /// True where a question should have settled it and did not: it failed, an offline run did not ask
    /// it, or the answer settles nothing. What was not given, or not allowed, is not asked.
    pub fn is_unanswered(&self) -> bool {
        match self {
            Gap::NotSupplied { .. } | Gap::TurnedAway(_) => false,
            Gap::NotAttempted { why, .. } => why.contains("offline") || why.contains("recording"),
            Gap::Unasked(_) | Gap::Failed { .. } | Gap::Undecidable(_) => true,
        }
    }

    /// True where only the user can fill the gap, so that asking again is no use.
    pub fn is_missing_input(&self) -> bool {
        matches!(self, Gap::NotSupplied { .. })
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gap::Unasked(question) => write!(f, "{question} is not in the recording"),
            Gap::Failed { question, failure } => write!(f, "{question}: {failure}"),
            Gap::NotAttempted { question, why } => write!(f, "{question} was not asked: {why}"),
            Gap::NotSupplied { what, .. } => write!(f, "no {what} was given"),
            Gap::Undecidable(why) | Gap::TurnedAway(why) => f.write_str(why),
        }
    }
}
