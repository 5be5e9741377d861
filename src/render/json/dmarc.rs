//! `mailvet/dmarc/1`: the record, the walk and the verdict for programs.

use serde::Serialize;

use super::problem::{ProblemV1, problem};
use super::v1;
use crate::facts::dmarc::ladder::Rung;
use crate::facts::dmarc::report_targets::Consent;
use crate::facts::dmarc::sources::{Reported, Source};
use crate::facts::dmarc::verdict::{DmarcResult, DmarcVerdict};
use crate::facts::dmarc::walk::Step;
use crate::judge::finding::{CheckResult, Finding};
use crate::model::Subject;
use crate::parse::dmarc::Disposition;
use crate::parse::web::psl;
use crate::render::dmarc::DmarcView;

#[derive(Serialize)]
pub(crate) struct DmarcV1 {
    schema: &'static str,
    domain: String,
    /// The record that applies; `null` where there is none.
    record: Option<String>,
    /// The name whose `_dmarc` record it is.
    found_at: Option<String>,
    organizational_domain: Option<String>,
    /// The same by the public suffix list (RFC 7489).
    organizational_domain_by_list: String,
    policy: Option<Disposition>,
    subdomain_policy: Option<Disposition>,
    nonexistent_policy: Option<Disposition>,
    /// What applies to `domain`, with `t=y` taken into account.
    effective_policy: Option<Disposition>,
    problems: Vec<RecordProblemV1>,
    walk: Vec<StepV1>,
    reports: Vec<ReportV1>,
    #[serde(flatten)]
    verdict: Option<VerdictV1>,
    prediction: Option<PredictionV1>,
    /// The steps above the policy in force, the next one first.
    ladder: Vec<RungV1>,
    /// Who sends as the domain, by `--reports`.
    reported: Option<ReportedV1>,
    results: Vec<v1::ResultV1>,
    gap: Option<String>,
}

#[derive(Serialize)]
struct RecordProblemV1 {
    #[serde(flatten)]
    problem: ProblemV1,
    /// Octets of the record.
    span: Option<[usize; 2]>,
}

#[derive(Serialize)]
struct StepV1 {
    name: String,
    records: Vec<String>,
    /// Records that were meant as DMARC and are none.
    ignored: Vec<String>,
    gap: Option<String>,
}

#[derive(Serialize)]
struct ReportV1 {
    tag: &'static str,
    uri: String,
    domain: String,
    /// The name that needs a consent record; `null` where none is needed.
    consent_at: Option<String>,
    consent: Option<bool>,
    receives_mail: Option<bool>,
}

#[derive(Serialize)]
struct VerdictV1 {
    result: DmarcResult,
    disposition: Disposition,
    spf_aligned: bool,
    dkim_aligned: bool,
    reasons: Vec<String>,
    by_rfc9989: DmarcResult,
    by_rfc7489: DmarcResult,
}

#[derive(Serialize)]
struct PredictionV1 {
    direct: DmarcResult,
    forwarded: DmarcResult,
    assumptions: Vec<String>,
    reasons: Vec<String>,
}

#[derive(Serialize)]
struct RungV1 {
    policy: Disposition,
    /// `null`: not known.
    ready: Option<bool>,
    requirements: Vec<RequirementV1>,
    /// The record to publish once it is.
    record: String,
}

#[derive(Serialize)]
struct RequirementV1 {
    id: &'static str,
    text: &'static str,
    met: Option<bool>,
    detail: String,
}

#[derive(Serialize)]
struct ReportedV1 {
    messages: u64,
    pass: u64,
    days: usize,
    reporters: usize,
    subdomains: Vec<String>,
    sources: Vec<SourceV1>,
}

#[derive(Serialize)]
struct SourceV1 {
    ip: Option<String>,
    from: String,
    /// own, service, forwarder, unauthorised, undetermined.
    relation: &'static str,
    why: String,
    messages: u64,
    pass: u64,
    dkim_pass: u64,
    spf_pass: u64,
}

pub(crate) fn dmarc(view: &DmarcView) -> DmarcV1 {
    let dmarc = &view.dmarc;
    let found = dmarc.walk.discover();
    let record = found.as_ref().ok().and_then(Option::as_ref);
    let organizational = dmarc.walk.organizational().ok().map(|(name, _)| name.to_string());
    // Worst first, as people read them.
    let mut findings: Vec<_> = view
        .results
        .iter()
        .flat_map(|result| result.findings().iter().map(move |one| (result, one)))
        .collect();
    findings.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.severity));
    DmarcV1 {
        schema: "mailvet/dmarc/1",
        domain: dmarc.domain.to_string(),
        record: record.map(|found| found.record.text.clone()),
        found_at: record.map(|found| found.step.name.to_string()),
        organizational_domain: organizational,
        organizational_domain_by_list: psl::organizational(&dmarc.domain).to_string(),
        policy: record.and_then(|found| found.record.policy()),
        subdomain_policy: record.and_then(|found| found.record.subdomain_policy()),
        nonexistent_policy: record.and_then(|found| found.record.nonexistent_policy()),
        effective_policy: dmarc.policy.clone().ok().flatten(),
        problems: findings.into_iter().map(|(result, finding)| of_record(result, finding)).collect(),
        walk: dmarc.walk.steps.iter().map(step).collect(),
        reports: dmarc.reports.iter().map(report).collect(),
        verdict: view.verdict.as_ref().map(verdict),
        prediction: view.prediction.as_ref().map(|prediction| PredictionV1 {
            direct: prediction.direct.result,
            forwarded: prediction.forwarded.result,
            assumptions: prediction.assumptions.clone(),
            reasons: prediction.direct.reasons.clone(),
        }),
        ladder: view.ladder.iter().map(rung).collect(),
        reported: view.reported.as_ref().map(reported),
        results: view.results.iter().map(v1::result).collect(),
        gap: found.err().map(|gap| gap.to_string()),
    }
}

fn rung(rung: &Rung) -> RungV1 {
    let requirement = |one: &crate::facts::dmarc::ladder::Requirement| RequirementV1 {
        id: one.id,
        text: one.text,
        met: one.met,
        detail: one.detail.clone(),
    };
    RungV1 {
        policy: rung.policy,
        ready: rung.ready(),
        requirements: rung.requirements.iter().map(requirement).collect(),
        record: rung.record.clone(),
    }
}

fn reported(reported: &Reported) -> ReportedV1 {
    let source = |one: &Source| SourceV1 {
        ip: one.ip.map(|ip| ip.to_string()),
        from: one.from.clone(),
        relation: one.relation.name(),
        why: one.why.clone(),
        messages: one.tally.tally.messages,
        pass: one.tally.tally.passed,
        dkim_pass: one.tally.tally.dkim,
        spf_pass: one.tally.tally.spf,
    };
    ReportedV1 {
        messages: reported.total.messages,
        pass: reported.total.passed,
        days: reported.days.len(),
        reporters: reported.reporters,
        subdomains: reported.subdomains.clone(),
        sources: reported.sources.iter().map(source).collect(),
    }
}

fn of_record(result: &CheckResult, finding: &Finding) -> RecordProblemV1 {
    RecordProblemV1 {
        problem: problem(result, finding),
        span: match &finding.problem.subject {
            Subject::Record { span: Some(span), .. } => Some([span.start, span.end]),
            _ => None,
        },
    }
}

fn step(step: &Step) -> StepV1 {
    let state = step.state.as_ref().ok();
    StepV1 {
        name: step.name.to_string(),
        records: state.map(|s| s.records.iter().map(|r| r.text.clone()).collect()).unwrap_or_default(),
        ignored: state
            .map(|s| s.near_misses.iter().map(|(text, _)| text.clone()).collect())
            .unwrap_or_default(),
        gap: step.state.as_ref().err().map(ToString::to_string),
    }
}

fn report(report: &crate::facts::dmarc::report_targets::ReportTarget) -> ReportV1 {
    let (consent_at, consent) = match &report.consent {
        Consent::NotNeeded => (None, None),
        Consent::Needed { name, given } => (Some(name.to_string()), given.clone().ok()),
    };
    ReportV1 {
        tag: report.tag,
        uri: report.uri.text.clone(),
        domain: report.domain.to_string(),
        consent_at,
        consent,
        receives_mail: report.receives.clone().ok(),
    }
}

fn verdict(verdict: &DmarcVerdict) -> VerdictV1 {
    VerdictV1 {
        result: verdict.result,
        disposition: verdict.disposition,
        spf_aligned: verdict.spf_aligned,
        dkim_aligned: verdict.dkim_aligned,
        reasons: verdict.reasons.clone(),
        by_rfc9989: verdict.by_walk,
        by_rfc7489: verdict.by_list,
    }
}
