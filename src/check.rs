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
    pub area: Area,
    /// What is wrong when it fails: lower case, no period.
    pub title: &'static str,
    pub severity: Severity,
    /// The consequence for delivery.
    pub why: &'static str,
    /// The remedy in general; a problem carries the exact one.
    pub fix: &'static str,
    pub references: &'static [Reference],
    /// The topics its facts come from; nothing else is asked on its behalf.
    pub needs: &'static [Topic],
    /// The version it arrived in.
    pub since: &'static str,
    pub run: fn(&Facts, &Policy) -> Result<Verdict, Gap>,
}

/// Where it is written.
#[derive(Clone, Copy, Debug)]
pub enum Reference {
    Rfc {
        number: u16,
        section: &'static str,
    },
    /// `seen` is the day the page was read, `YYYY-MM-DD`; see [`pages`].
    Page {
        title: &'static str,
        url: &'static str,
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
    Pass,
    Fail(Vec<Problem>),
    NotApplicable(&'static str),
}

impl Verdict {
    /// Fail where there are problems, else pass.
    pub fn from_problems(problems: Vec<Problem>) -> Verdict {
        if problems.is_empty() { Verdict::Pass } else { Verdict::Fail(problems) }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub subject: Subject,
    /// The observed value first, then the consequence.
    pub summary: String,
    /// What proves it: the record, the line, the reply. Attacker-written parts escaped.
    pub proof: Option<String>,
    /// The exact record or header to publish, or the step to take.
    pub fix: Option<String>,
    /// Instead of the check's own severity.
    pub severity: Option<Severity>,
    pub confidence: Confidence,
    pub location: Option<Location>,
}

impl Problem {
    pub fn at(subject: Subject, summary: impl Into<String>) -> Problem {
        Problem {
            subject,
            summary: summary.into(),
            proof: None,
            fix: None,
            severity: None,
            confidence: Confidence::Certain,
            location: None,
        }
    }

    pub fn proof(mut self, proof: impl Into<String>) -> Problem {
        self.proof = Some(proof.into());
        self
    }

    pub fn fix(mut self, fix: impl Into<String>) -> Problem {
        self.fix = Some(fix.into());
        self
    }

    pub fn severity(mut self, severity: Severity) -> Problem {
        self.severity = Some(severity);
        self
    }

    pub fn confidence(mut self, confidence: Confidence) -> Problem {
        self.confidence = confidence;
        self
    }

    pub fn located(mut self, location: Option<Location>) -> Problem {
        self.location = location;
        self
    }
}
