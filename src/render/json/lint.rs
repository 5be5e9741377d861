//! `mailvet/lint/1`: one message; a line of NDJSON is the same object.

use serde::Serialize;

use super::result_line::ResultLine;
use super::v1::{AreaV1, DeductionV1, ResultV1};
use crate::facts::links::chains::{Hop, LinkChains};
use crate::facts::spam_score::SpamScore;
use crate::judge::finding::CheckResult;
use crate::judge::report::Report;
use crate::model::untrusted;
use crate::model::untrusted::Width;

#[derive(Serialize)]
pub(crate) struct LintV1<R = ResultV1> {
    schema: &'static str,
    file: String,
    /// 0 to 100 over what was judged.
    score: Option<u32>,
    /// What would be left if every check without an answer failed; the grade is of this.
    at_least: Option<u32>,
    grade: Option<&'static str>,
    /// What the score is of: message.
    scope: &'static str,
    /// Why there is no score.
    reason: Option<String>,
    coverage: f64,
    /// 0 to 100; from 50 on the message looks like spam.
    spam_score: Option<u8>,
    /// What the spam score is the sum of, heaviest first.
    spam_parts: Vec<SpamPartV1>,
    areas: Vec<AreaV1>,
    deductions: Vec<DeductionV1>,
    results: Vec<R>,
    /// With `--follow-links`.
    #[serde(skip_serializing_if = "Option::is_none")]
    followed_links: Option<FollowedV1>,
}

/// Where the links lead, and how many were not followed.
#[derive(Serialize)]
pub(crate) struct FollowedV1 {
    links: Vec<ChainV1>,
    left_out: LeftOutV1,
}

#[derive(Serialize)]
struct ChainV1 {
    hops: Vec<HopV1>,
    /// arrived, no-such-host, loop, too-long, elsewhere, unsubscribe or unknown.
    end: &'static str,
    /// Of an unknown end, why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Serialize)]
struct HopV1 {
    url: String,
    status: Option<u16>,
}

#[derive(Serialize)]
struct LeftOutV1 {
    unsubscribe: usize,
    forms: usize,
    excess: usize,
}

fn followed(chains: &LinkChains) -> FollowedV1 {
    let hop = |hop: &Hop| HopV1 { url: hop.url.to_string(), status: hop.status };
    let left = chains.left_out;
    FollowedV1 {
        links: chains
            .chains
            .iter()
            .map(|chain| ChainV1 {
                hops: chain.hops.iter().map(hop).collect(),
                end: chain.end.name(),
                reason: chain.end.reason(),
            })
            .collect(),
        left_out: LeftOutV1 { unsubscribe: left.unsubscribe, forms: left.forms, excess: left.excess },
    }
}

/// One addend of the spam score.
#[derive(Serialize)]
pub(crate) struct SpamPartV1 {
    name: String,
    points: f64,
    evidence: String,
}

#[derive(Serialize)]
pub(crate) struct RefusedV1 {
    schema: &'static str,
    file: String,
    score: Option<u32>,
    results: [(); 0],
    error: String,
}

/// What was found in one message.
pub(crate) fn message(
    file: &str,
    report: &Report,
    spam: Option<&SpamScore>,
    chains: Option<&LinkChains>,
) -> LintV1 {
    of(file, report, spam, chains, super::v1::result)
}

/// The same object as one line.
pub(crate) fn line(
    file: &str,
    report: &Report,
    spam: Option<&SpamScore>,
    chains: Option<&LinkChains>,
) -> String {
    let mut line = Vec::with_capacity(LINE_BYTES);
    // Writing to memory fails only where a map has keys that are no strings: none here.
    let _ = serde_json::to_writer(&mut line, &of(file, report, spam, chains, ResultLine::of));
    line.push(b'\n');
    String::from_utf8(line).unwrap_or_default()
}

/// What a line needs at most times.
const LINE_BYTES: usize = 60 << 10;

fn of<R>(
    file: &str,
    report: &Report,
    spam: Option<&SpamScore>,
    chains: Option<&LinkChains>,
    result: impl Fn(&CheckResult) -> R,
) -> LintV1<R> {
    let hundredths = |points: f64| (points * 100.0).round() / 100.0;
    let parts = spam.map(|spam| spam.parts.as_slice()).unwrap_or_default();
    let score = super::v1::score(&report.score);
    LintV1 {
        schema: "mailvet/lint/1",
        file: file.to_owned(),
        score: score.total,
        at_least: score.at_least,
        grade: score.grade,
        scope: score.scope,
        reason: score.reason.clone(),
        coverage: score.coverage,
        spam_score: spam.map(|spam| spam.total),
        spam_parts: parts
            .iter()
            .map(|part| SpamPartV1 {
                name: part.name.clone(),
                points: hundredths(part.points),
                evidence: part.evidence.clone(),
            })
            .collect(),
        areas: score.areas.into_iter().filter(|area| area.assessed).collect(),
        deductions: score.deductions,
        results: report.results.iter().map(result).collect(),
        followed_links: chains.map(followed),
    }
}

/// A file that is no message, with the reason.
pub(crate) fn refused(file: &str, error: &str) -> RefusedV1 {
    RefusedV1 {
        schema: "mailvet/lint/1",
        file: file.to_owned(),
        score: None,
        results: [],
        error: untrusted::plain(error, Width::Record),
    }
}
