//! What is no record of one's own: header fields to add, settings to change,
//! requests to others. The finding's own sentence says what; here it gets a kind
//! and somebody who acts.

use crate::data::settings;
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
            let note = noted(kind, code, finding.problem.fix.as_deref().unwrap_or(general));
            if kind == RemedyKind::Setting {
                finding.problem.fix = Some(note.clone());
            }
            match remedies.iter_mut().find(|remedy| remedy.id == id) {
                Some(known) => known.settles.push(finding.fingerprint.clone()),
                None => remedies.push(Remedy {
                    id,
                    kind,
                    owner,
                    who,
                    record: None,
                    file: None,
                    replaces: Vec::new(),
                    deletes: Vec::new(),
                    settles: vec![finding.fingerprint.clone()],
                    safe: kind == RemedyKind::Request,
                    note,
                }),
            }
        }
    }
}

/// The step in words, and for a setting what to write in common servers.
fn noted(kind: RemedyKind, code: &str, fix: &str) -> String {
    // A check that knows numbers has written the lines itself.
    let is_wanted = kind == RemedyKind::Setting && !fix.contains('\n');
    let lines = settings::of(code).filter(|_| is_wanted).map(|setting| setting.lines());
    std::iter::once(fix.to_owned()).chain(lines.unwrap_or_default()).collect::<Vec<_>>().join("\n")
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
        (Area::IpReputation, _) if code == "ip-not-public" => {
            Some((RemedyKind::Request, "whoever runs this audit".to_owned()))
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_belongs_to_a_check() {
        for code in settings::all().iter().flat_map(|setting| &setting.codes) {
            assert!(crate::judge::catalog::find(code).is_some(), "{code} is no check");
        }
        let note = noted(RemedyKind::Setting, "helo-invalid", "Set the name.");
        assert!(note.starts_with("Set the name.\nPostfix: smtp_helo_name = HOST"), "{note}");
        assert_eq!(noted(RemedyKind::Request, "helo-invalid", "Ask."), "Ask.");
    }
}
