//! What a check is: one declaration, one question, one of four outcomes.

pub(crate) mod link_ends;
pub(crate) mod pages;
pub(crate) mod rate;
pub(crate) mod repeats;

use crate::facts::Facts;
use crate::model::{Area, Confidence, Gap, Location, Severity, Subject, Topic};
use crate::policy::Policy;

/// The only declaration of a check. A struct literal: a missing field does not compile.
#[derive(Debug)]
pub struct Check {
    /// `topic-fault`, equal to the file's stem.
    pub code: &'static str,
    /// Where the report lists it.
    pub area: Area,
    /// What is wrong when it fails: lower case, no period.
    pub title: &'static str,
    /// How bad a failure is, where the problem does not say otherwise.
    pub severity: Severity,
    /// The consequence for delivery.
    pub why: &'static str,
    /// The remedy in general; a problem carries the exact one.
    pub fix: &'static str,
    /// The standard or page that says so, the first one the most direct.
    pub references: &'static [Reference],
    /// The topics its facts come from; nothing else is asked on its behalf.
    pub needs: &'static [Topic],
    /// The version it arrived in.
    pub since: &'static str,
    /// The judgement: pure, so that the same facts and policy give the same verdict.
    pub run: fn(&Facts, &Policy) -> Result<Verdict, Gap>,
}

/// Where it is written.
#[derive(Clone, Copy, Debug)]
pub enum Reference {
    /// An RFC of the IETF.
    Rfc {
        /// Its number.
        number: u16,
        /// Such as `3.4`, empty for the whole document.
        section: &'static str,
    },
    /// `seen` is the day the page was read, `YYYY-MM-DD`; `check::pages` has those that several checks cite.
    Page {
        /// The page's own title, with its publisher.
        title: &'static str,
        /// Where it is read.
        url: &'static str,
        /// The day it was read.
        seen: Option<&'static str>,
    },
}

impl Reference {
    /// `RFC 7208 section 4.5`, or the page's title.
    pub fn label(&self) -> String {
        match self {
            Reference::Rfc { number, section: "" } => format!("RFC {number}"),
            Reference::Rfc { number, section } => format!("RFC {number} section {section}"),
            Reference::Page { title, seen: Some(day), .. } => format!("{title} (read {day})"),
            Reference::Page { title, seen: None, .. } => (*title).to_owned(),
        }
    }

    /// Where it is read: at rfc-editor.org for an RFC, with the section as anchor.
    pub fn url(&self) -> String {
        match self {
            Reference::Rfc { number, section: "" } => format!("https://www.rfc-editor.org/rfc/rfc{number}"),
            Reference::Rfc { number, section } => {
                format!("https://www.rfc-editor.org/rfc/rfc{number}#section-{section}")
            }
            Reference::Page { url, .. } => (*url).to_owned(),
        }
    }
}

/// What a check found. What it could not find out is a [`Gap`].
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The facts are known, and nothing is wrong.
    Pass,
    /// What is wrong, one entry a subject; never empty.
    Fail(Vec<Problem>),
    /// What was found, and the question without an answer behind which there may be more of it.
    FailInPart(Vec<Problem>, Gap),
    /// The rule has nothing to apply to, and why: lower case, no period.
    NotApplicable(&'static str),
}

impl Verdict {
    /// Fail where there are problems, else pass.
    pub fn from_problems(problems: Vec<Problem>) -> Verdict {
        if problems.is_empty() { Verdict::Pass } else { Verdict::Fail(problems) }
    }

    /// The verdict on several things of which one may be unknown.
    ///
    /// # Errors
    /// The gap, where nothing was found: it may hide what would have been.
    pub fn so_far(problems: Vec<Problem>, gap: Option<Gap>) -> Result<Verdict, Gap> {
        match gap {
            None => Ok(Verdict::from_problems(problems)),
            Some(gap) if problems.is_empty() => Err(gap),
            Some(gap) => Ok(Verdict::FailInPart(problems, gap)),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// What is wrong: points renderers to the record, header or host.
    pub subject: Subject,
    /// The observed value first, then the consequence.
    pub summary: String,
    /// What proves it: the record, the line, the reply. Attacker-written parts escaped.
    pub proof: Option<String>,
    /// The exact record or header to publish, or the step to take.
    pub fix: Option<String>,
    /// Instead of the check's own severity.
    pub severity: Option<Severity>,
    /// How sure it is that this is wrong.
    pub confidence: Confidence,
    /// The line of a file of the user that causes it.
    pub location: Option<Location>,
    /// How bad it is where the severity does not move with it (look-ups, missing bits): more is worse.
    pub measure: Option<i64>,
}

impl Problem {
    /// A certain problem of the check's own severity, with neither proof nor fix of its own.
    pub fn at(subject: Subject, summary: impl Into<String>) -> Problem {
        Problem {
            subject,
            summary: summary.into(),
            proof: None,
            fix: None,
            severity: None,
            confidence: Confidence::Certain,
            location: None,
            measure: None,
        }
    }

    /// The same with how bad it is; more is worse.
    pub fn measured(mut self, measure: impl TryInto<i64>) -> Problem {
        self.measure = measure.try_into().ok();
        self
    }

    /// The same with what proves it: the record, the line, the reply.
    pub fn proof(mut self, proof: impl Into<String>) -> Problem {
        self.proof = Some(proof.into());
        self
    }

    /// The same with the exact record to publish or step to take.
    pub fn fix(mut self, fix: impl Into<String>) -> Problem {
        self.fix = Some(fix.into());
        self
    }

    /// The same with a severity instead of the check's own.
    pub fn severity(mut self, severity: Severity) -> Problem {
        self.severity = Some(severity);
        self
    }

    /// The same with less than certainty.
    pub fn confidence(mut self, confidence: Confidence) -> Problem {
        self.confidence = confidence;
        self
    }

    /// The same with the line that causes it, if it is known.
    pub fn located(mut self, location: Option<Location>) -> Problem {
        self.location = location;
        self
    }
}
