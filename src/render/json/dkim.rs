//! `mailvet/dkim/1`: keys and signatures for programs.

use serde::Serialize;

use super::v1;
use crate::facts::dkim::canonical::BodyCheck;
use crate::facts::dkim::keys::{Key, Origin};
use crate::facts::dkim::result::{SignatureResult, Verified};
use crate::facts::dkim::signed_message::MessageSignature;
use crate::judge::finding::{CheckResult, Finding};
use crate::judge::report::rfc3339;
use crate::model::Subject;
use crate::render::dkim::DkimView;

#[derive(Serialize)]
pub(crate) struct DkimV1 {
    schema: &'static str,
    keys: Vec<KeyV1>,
    signatures: Vec<SignatureV1>,
    private_keys: Vec<PrivateKeyV1>,
    results: Vec<v1::ResultV1>,
}

#[derive(Serialize)]
struct KeyV1 {
    selector: String,
    domain: String,
    name: String,
    /// How the selector became known: given, message, log, report or guess.
    origin: &'static str,
    /// The line of the log that names it, `mail.log:123`; `null` where it is not from a log.
    source: Option<String>,
    /// Whether mail is known to be signed with it now; `null` where it is not known.
    in_use: Option<bool>,
    /// `null` where there is no usable key.
    algorithm: Option<String>,
    bits: Option<usize>,
    records: Vec<String>,
    aliases: Vec<String>,
    problems: Vec<KeyProblemV1>,
    gap: Option<String>,
}

#[derive(Serialize)]
struct KeyProblemV1 {
    code: &'static str,
    severity: &'static str,
    summary: String,
    fix: String,
    span: Option<[usize; 2]>,
}

#[derive(Serialize)]
struct SignatureV1 {
    domain: Option<String>,
    selector: String,
    result: SignatureResult,
    reason: String,
    algorithm: String,
    bits: Option<usize>,
    canonicalization: String,
    signed_headers: Vec<String>,
    body_length: Option<u64>,
    identity: Option<String>,
    signed_at: Option<String>,
    expires_at: Option<String>,
    body_matches: Option<bool>,
    header_matches: Option<bool>,
    testing: bool,
    line: u32,
    faults: Vec<String>,
}

#[derive(Serialize)]
struct PrivateKeyV1 {
    file: String,
    name: String,
    /// `null` where it is not known.
    matches: Option<bool>,
    detail: String,
}

pub(crate) fn dkim(view: &DkimView) -> DkimV1 {
    DkimV1 {
        schema: "mailvet/dkim/1",
        keys: view.keys.iter().map(|key| self::key(key, &view.results)).collect(),
        signatures: view.signatures.iter().map(|(at, verified)| signature(at, verified)).collect(),
        private_keys: view
            .private_keys
            .iter()
            .map(|one| PrivateKeyV1 {
                file: one.file.clone(),
                name: one.name.to_string(),
                matches: one.matches,
                detail: one.detail.clone(),
            })
            .collect(),
        results: view.results.iter().map(v1::result).collect(),
    }
}

fn key(key: &Key, results: &[CheckResult]) -> KeyV1 {
    let question = format!("{} TXT", key.name);
    let of_key = |finding: &&Finding| match &finding.problem.subject {
        Subject::Record { question: at, .. } => *at == question,
        _ => false,
    };
    let problems = results.iter().flat_map(|result| {
        result.findings().iter().filter(of_key).map(|finding| KeyProblemV1 {
            code: result.check.code,
            severity: finding.severity.name(),
            summary: finding.problem.summary.clone(),
            fix: finding.problem.fix.clone().unwrap_or_else(|| result.check.fix.to_owned()),
            span: match &finding.problem.subject {
                Subject::Record { span: Some(span), .. } => Some([span.start, span.end]),
                _ => None,
            },
        })
    });
    let algorithm = key.record().map(|record| record.key.algorithm().to_owned());
    let state = key.state.as_ref();
    KeyV1 {
        selector: key.selector.clone(),
        domain: key.domain.to_string(),
        name: key.name.to_string(),
        origin: match key.origin {
            Origin::Given => "given",
            Origin::Message => "message",
            Origin::Signer | Origin::Log => "log",
            Origin::Report => "report",
            Origin::Guess => "guess",
        },
        source: key.source.as_ref().map(|at| format!("{}:{}", at.file, at.line)),
        in_use: match key.origin {
            Origin::Given | Origin::Message | Origin::Signer => Some(true),
            Origin::Log | Origin::Report | Origin::Guess => None,
        },
        algorithm: algorithm.filter(|name| !name.is_empty()),
        bits: key.record().and_then(|record| record.key.bits()),
        records: state
            .map(|state| state.records.iter().map(|r| r.text.clone()).collect())
            .unwrap_or_default(),
        aliases: state
            .map(|state| state.aliases.iter().map(ToString::to_string).collect())
            .unwrap_or_default(),
        problems: problems.collect(),
        gap: key.state.as_ref().err().map(ToString::to_string),
    }
}

fn signature(at: &MessageSignature, verified: &Verified) -> SignatureV1 {
    let signature = &at.signature;
    let form = |form| match form {
        crate::parse::dkim::signature::Canonicalization::Simple => "simple",
        crate::parse::dkim::signature::Canonicalization::Relaxed => "relaxed",
    };
    let readable = signature.is_sound();
    SignatureV1 {
        domain: signature.domain.as_ref().map(ToString::to_string),
        selector: signature.selector.clone(),
        result: verified.result,
        reason: verified.reason.clone(),
        algorithm: signature.algorithm.name().to_owned(),
        bits: verified.bits,
        canonicalization: format!(
            "{}/{}",
            form(signature.header_canonicalization),
            form(signature.body_canonicalization)
        ),
        signed_headers: signature.signed_headers.clone(),
        body_length: signature.body_length,
        identity: signature.identity.as_ref().map(ToString::to_string),
        signed_at: signature.signed_at.map(rfc3339),
        expires_at: signature.expires_at.map(rfc3339),
        body_matches: readable.then_some(verified.body == BodyCheck::Matches),
        header_matches: verified.header_matches,
        testing: verified.testing,
        line: at.line,
        faults: signature.faults.iter().map(|fault| fault.text.clone()).collect(),
    }
}
