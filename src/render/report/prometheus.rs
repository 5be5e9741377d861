//! For the textfile collector. What is unknown is not-a-number, so that no
//! alert takes silence for an answer.

use crate::judge::finding::Outcome;
use crate::judge::report::Report;
use crate::model::Severity;
use crate::model::untrusted::plain;

pub fn prometheus(report: &Report) -> String {
    let domain = report.target.domain.as_ref().map(|name| name.to_string()).unwrap_or_default();
    let domain = plain(&domain, 300).replace('\\', "\\\\").replace('"', "\\\"");
    let mut out = String::new();
    let head = |out: &mut String, name: &str, help: &str| {
        out.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n"));
    };
    let number = |score: Option<u32>| score.map_or("NaN".to_owned(), |score| score.to_string());

    head(&mut out, "mailvet_audit_score", "0 to 100, NaN where nothing could be judged.");
    out.push_str(&format!("mailvet_audit_score{{domain=\"{domain}\"}} {}\n", number(report.score.total)));
    head(&mut out, "mailvet_audit_coverage_ratio", "Judged checks among those that apply.");
    out.push_str(&format!(
        "mailvet_audit_coverage_ratio{{domain=\"{domain}\"}} {:.3}\n",
        report.score.coverage
    ));
    head(&mut out, "mailvet_audit_area_score", "0 to 100 by area, NaN where not assessed.");
    for area in &report.score.areas {
        out.push_str(&format!(
            "mailvet_audit_area_score{{domain=\"{domain}\",area=\"{}\"}} {}\n",
            area.area.name(),
            number(area.score)
        ));
    }
    head(&mut out, "mailvet_audit_findings", "Findings by severity.");
    let findings = report.findings();
    for severity in Severity::ALL {
        let count = findings.iter().filter(|(_, finding)| finding.severity == severity).count();
        out.push_str(&format!(
            "mailvet_audit_findings{{domain=\"{domain}\",severity=\"{}\"}} {count}\n",
            severity.name()
        ));
    }
    head(&mut out, "mailvet_audit_check_failed", "1 failed, 0 passed, NaN unknown.");
    for result in &report.results {
        let value = match &result.outcome {
            Outcome::NotApplicable(_) => continue,
            Outcome::Unknown(_) => "NaN",
            Outcome::Pass => "0",
            Outcome::Fail { findings, .. } if findings.is_empty() => "0",
            Outcome::Fail { .. } => "1",
        };
        out.push_str(&format!(
            "mailvet_audit_check_failed{{domain=\"{domain}\",area=\"{}\",code=\"{}\"}} {value}\n",
            result.check.area.name(),
            result.check.code
        ));
    }
    head(&mut out, "mailvet_audit_timestamp_seconds", "When the evidence was taken.");
    out.push_str(&format!("mailvet_audit_timestamp_seconds{{domain=\"{domain}\"}} {}\n", report.taken_at));
    out
}
