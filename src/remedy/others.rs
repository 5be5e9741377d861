//! What is no record of one's own: header fields to add, settings to change,
//! requests to others. The finding's own sentence says what; here it gets a kind
//! and somebody who acts.

use crate::judge::finding::{CheckResult, Finding, Outcome};
use crate::model::remedy::{Remedy, RemedyKind};
use crate::model::{Area, Severity, Subject};

/// Checks settled by header fields of the message.
const HEADERS: [&str; 6] =
    ["one-click-", "list-unsubscribe-", "unsubscribe-", "date-", "message-id-", "precedence-"];

/// Adds a remedy for each finding above info that no record settles.
pub(super) fn add(results: &mut [CheckResult], remedies: &mut Vec<Remedy>) {
    for result in results.iter_mut() {
        let (code, area, general) = (result.check.code, result.check.area, result.check.fix);
        let Outcome::Fail { findings, .. } = &mut result.outcome else { continue };
        for finding in findings.iter_mut() {
            if finding.remedy.is_some() || finding.severity == Severity::Info {
                continue;
            }
            let Some((kind, who)) = actor(code, area, finding) else { continue };
            let owner = finding.problem.subject.to_string();
            let id = format!("{}:{code}:{owner}", kind.name());
            finding.remedy = Some(id.clone());
            match remedies.iter_mut().find(|remedy| remedy.id == id) {
                Some(known) => known.settles.push(finding.fingerprint.clone()),
                None => remedies.push(Remedy {
                    id,
                    kind,
                    owner,
                    who,
                    record: None,
                    replaces: Vec::new(),
                    deletes: Vec::new(),
                    settles: vec![finding.fingerprint.clone()],
                    safe: kind == RemedyKind::Request,
                    note: finding.problem.fix.clone().unwrap_or_else(|| general.to_owned()),
                }),
            }
        }
    }
}

/// Who has to act; `None` where the sentence alone says it.
fn actor(code: &str, area: Area, finding: &Finding) -> Option<(RemedyKind, String)> {
    let subject = &finding.problem.subject;
    if HEADERS.iter().any(|start| code.starts_with(start)) {
        return Some((RemedyKind::Header, "whoever builds the message".to_owned()));
    }
    match (area, subject) {
        (Area::ReverseDns, Subject::Ip(ip)) if code.starts_with("ptr-") => Some((
            RemedyKind::Request,
            format!("the network that the address {ip} was assigned by, which runs its reverse zone"),
        )),
        (Area::ReverseDns, _) => Some((RemedyKind::Setting, "whoever runs the sending server".to_owned())),
        (Area::IpReputation, _) => Some((RemedyKind::Request, "whoever runs the list".to_owned())),
        (Area::Throttling | Area::SendingPractices, _) => {
            Some((RemedyKind::Setting, "whoever runs the sending server".to_owned()))
        }
        (Area::Authentication, _) if code == "dmarc-report-unauthorised" => {
            Some((RemedyKind::Request, "whoever receives the reports".to_owned()))
        }
        (Area::Authentication, _)
            if [
                "relay-",
                "smtp-",
                "starttls-",
                "tls-",
                "dkim-signature-",
                "dkim-canonicalization-",
                "dkim-header-",
                "dkim-body-",
                "ehlo-",
                "auth-",
            ]
            .iter()
            .any(|start| code.starts_with(start)) =>
        {
            Some((RemedyKind::Setting, "whoever runs the mail server".to_owned()))
        }
        _ => None,
    }
}
