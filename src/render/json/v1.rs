//! `mailvet/audit/1` and the objects other commands share with it.

use serde::Serialize;

use crate::check::Check;
use crate::judge::finding::{CheckResult, Finding, Outcome};
use crate::judge::forecast::{ReceiverResult, RequirementResult};
use crate::judge::headline;
use crate::judge::report::{Report, rfc3339};
use crate::judge::score::Score;
use crate::model::{Location, Role, Severity, Subject, Target};

/// The audit report's schema.
pub(crate) const AUDIT: &str = "mailvet/audit/1";

#[derive(Serialize)]
pub(crate) struct AuditV1<R = ResultV1> {
    schema: &'static str,
    version: &'static str,
    target: Target,
    taken_at: String,
    /// One sentence: what will happen to the mail, the first fix, who acts.
    headline: String,
    /// sends, parked, receives-only, reverse-zone or none; null where it is not known.
    role: Option<&'static str>,
    score: ScoreV1,
    results: Vec<R>,
    receivers: Vec<ReceiverV1>,
    remedies: Vec<super::remedy::RemedyV1>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_remedies: Option<AfterV1>,
    questions: QuestionsV1,
    cannot_see: Vec<&'static str>,
    /// Of a `portfolio` line: why the domain could not be judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

/// What the remedies come to, judged again (`--prove`).
#[derive(Serialize)]
struct AfterV1 {
    /// The same as the terminal's line.
    summary: String,
    records: usize,
    /// Whether the policy file of MTA-STS is among them.
    file: bool,
    score: ScoreV1,
    receivers: Vec<ReceiverV1>,
    left: usize,
}

#[derive(Serialize)]
pub(crate) struct ScoreV1 {
    pub(super) total: Option<u32>,
    /// What would be left if every check without an answer failed; the grade is of this.
    pub(super) at_least: Option<u32>,
    pub(super) grade: Option<&'static str>,
    /// What it is of: records, sender, sender-and-message, message or logs.
    pub(super) scope: &'static str,
    /// Why there is none.
    pub(super) reason: Option<String>,
    unanswered: usize,
    pub(super) coverage: f64,
    capped_by: Option<String>,
    pub(super) areas: Vec<AreaV1>,
    pub(super) deductions: Vec<DeductionV1>,
}

#[derive(Serialize)]
pub(crate) struct AreaV1 {
    area: &'static str,
    score: Option<u32>,
    pub(super) assessed: bool,
    reason: Option<String>,
    judged: usize,
    failed: usize,
    ignored: usize,
    unknown: usize,
}

#[derive(Serialize)]
pub(crate) struct DeductionV1 {
    code: &'static str,
    area: &'static str,
    points: f64,
    severity: &'static str,
}

/// One check's outcome; shared by `audit` and `lint`.
#[derive(Serialize)]
pub(crate) struct ResultV1 {
    code: &'static str,
    area: &'static str,
    title: &'static str,
    severity: &'static str,
    outcome: &'static str,
    problems: Vec<ProblemV1>,
    ignored: Vec<IgnoredV1>,
    gap: Option<GapV1>,
    reason: Option<&'static str>,
    references: Vec<String>,
}

#[derive(Serialize)]
struct ProblemV1 {
    subject: String,
    summary: String,
    proof: Option<String>,
    fix: String,
    severity: &'static str,
    confidence: &'static str,
    location: Option<LocationV1>,
    span: Option<[usize; 2]>,
    fingerprint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

#[derive(Serialize)]
struct LocationV1 {
    file: String,
    line: u32,
}

#[derive(Serialize)]
struct IgnoredV1 {
    fingerprint: String,
    subject: String,
    summary: String,
    severity: &'static str,
    reason: String,
    owner: Option<String>,
    until: Option<String>,
}

#[derive(Serialize)]
struct GapV1 {
    reason: String,
    remedy: String,
}

#[derive(Serialize)]
struct ReceiverV1 {
    name: &'static str,
    /// The name for people.
    title: &'static str,
    /// refuse, suspect, accept or unknown.
    expected: &'static str,
    /// The reply it documents for the breach.
    code: Option<&'static str>,
    /// One or two reasons.
    because: String,
    requirements: Vec<RequirementV1>,
}

#[derive(Serialize)]
struct RequirementV1 {
    id: &'static str,
    title: &'static str,
    applies: String,
    /// met, not-met, unknown or not-applicable.
    outcome: &'static str,
    checks: Vec<&'static str>,
    detail: String,
}

#[derive(Serialize)]
struct QuestionsV1 {
    asked: usize,
    failed: Vec<FailedV1>,
}

#[derive(Serialize)]
struct FailedV1 {
    question: String,
    reason: String,
}

/// The audit report.
pub(crate) fn audit(report: &Report) -> AuditV1 {
    audit_with(report, result)
}

/// The same, each result in the shape that `result` gives it.
pub(super) fn audit_with<R>(report: &Report, result: impl Fn(&CheckResult) -> R) -> AuditV1<R> {
    AuditV1 {
        schema: AUDIT,
        version: env!("CARGO_PKG_VERSION"),
        target: report.target.clone(),
        taken_at: rfc3339(report.taken_at),
        headline: headline::sentence(report),
        role: report.role.map(Role::name),
        score: score(&report.score),
        results: report.results.iter().map(result).collect(),
        receivers: report.receivers.iter().map(receiver).collect(),
        remedies: super::remedy::remedies(&report.remedies),
        after_remedies: report.after.as_ref().map(|after| AfterV1 {
            summary: crate::render::report::after_line(report).unwrap_or_default(),
            records: after.records,
            file: after.file,
            score: score(&after.score),
            receivers: after.receivers.iter().map(receiver).collect(),
            left: after.findings,
        }),
        questions: QuestionsV1 {
            asked: report.questions.asked,
            failed: report
                .questions
                .failed
                .iter()
                .map(|(question, reason)| FailedV1 { question: question.to_string(), reason: reason.clone() })
                .collect(),
        },
        cannot_see: report.blind_spots.clone(),
        error: None,
    }
}

fn receiver(receiver: &ReceiverResult) -> ReceiverV1 {
    let requirement = |requirement: &RequirementResult| RequirementV1 {
        id: requirement.id,
        title: requirement.title,
        applies: requirement.applies.clone(),
        outcome: requirement.outcome.name(),
        checks: requirement.checks.clone(),
        detail: requirement.detail.clone(),
    };
    ReceiverV1 {
        name: receiver.id,
        title: receiver.name,
        expected: receiver.expected.name(),
        code: receiver.code,
        because: receiver.because.join("; "),
        requirements: receiver.requirements.iter().map(requirement).collect(),
    }
}

/// The score; shared by `audit` and `lint`.
pub(crate) fn score(score: &Score) -> ScoreV1 {
    ScoreV1 {
        total: score.total,
        at_least: score.at_least,
        grade: score.grade,
        scope: score.basis.name(),
        reason: score.reason.clone(),
        unanswered: score.unanswered,
        coverage: (score.coverage * 1000.0).round() / 1000.0,
        capped_by: score.capped_by.clone(),
        areas: score
            .areas
            .iter()
            .map(|area| AreaV1 {
                area: area.area.name(),
                score: area.score,
                assessed: area.assessed(),
                reason: area.reason.clone(),
                judged: area.judged,
                failed: area.failed,
                ignored: area.ignored,
                unknown: area.unknown,
            })
            .collect(),
        deductions: score
            .deductions
            .iter()
            .map(|deduction| DeductionV1 {
                code: deduction.code,
                area: deduction.area.name(),
                points: deduction.points,
                severity: deduction.severity.name(),
            })
            .collect(),
    }
}

/// One check's result.
pub(crate) fn result(result: &CheckResult) -> ResultV1 {
    let check = result.check;
    let (mut ignored, mut gap, mut reason) = (Vec::new(), None, None);
    match &result.outcome {
        Outcome::Pass => {}
        Outcome::NotApplicable(why) => reason = Some(*why),
        Outcome::Unknown(why) => gap = Some(GapV1 { reason: why.to_string(), remedy: why.remedy() }),
        Outcome::Fail { ignored: set_aside, .. } => {
            ignored = set_aside
                .iter()
                .map(|ignored| IgnoredV1 {
                    fingerprint: ignored.finding.fingerprint.clone(),
                    severity: ignored.finding.severity.name(),
                    owner: ignored.owner.clone(),
                    until: ignored.until.clone(),
                    subject: ignored.finding.problem.subject.to_string(),
                    summary: ignored.finding.problem.summary.clone(),
                    reason: ignored.reason.clone(),
                })
                .collect();
        }
    }
    ResultV1 {
        code: check.code,
        area: check.area.name(),
        title: check.title,
        severity: result.worst().unwrap_or(check.severity).name(),
        outcome: result.outcome_name(),
        problems: result.findings().iter().map(|finding| problem(check, finding)).collect(),
        ignored,
        gap,
        reason,
        references: check.references.iter().map(|reference| reference.url()).collect(),
    }
}

fn problem(check: &Check, finding: &Finding) -> ProblemV1 {
    let Finding { problem, severity, fingerprint, remedy } = finding;
    let severity: Severity = *severity;
    let span = match &problem.subject {
        Subject::Record { span: Some(span), .. } => Some([span.start, span.end]),
        _ => None,
    };
    ProblemV1 {
        subject: problem.subject.to_string(),
        summary: problem.summary.clone(),
        proof: problem.proof.clone(),
        fix: problem.fix.clone().unwrap_or_else(|| check.fix.to_owned()),
        severity: severity.name(),
        confidence: problem.confidence.name(),
        location: problem.location.clone().map(|Location { file, line }| LocationV1 { file, line }),
        span,
        fingerprint: fingerprint.clone(),
        remedy: remedy.clone(),
    }
}
