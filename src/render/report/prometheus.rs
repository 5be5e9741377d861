//! For the textfile collector. What is unknown is not-a-number, so that no
//! alert takes silence for an answer.

use crate::judge::finding::Outcome;
use crate::judge::report::Report;
use crate::model::Severity;
use crate::model::untrusted::{Width, plain};

pub(crate) fn prometheus(report: &Report) -> String {
    let domain = report.target.domain.as_ref().map(|name| name.to_string()).unwrap_or_default();
    let domain = plain(&domain, Width::Record).replace('\\', "\\\\").replace('"', "\\\"");
    let mut out = String::new();
    let head = |out: &mut String, name: &str, help: &str| {
        out.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n"));
    };
    let number = |score: Option<u32>| score.map_or("NaN".to_owned(), |score| score.to_string());

    head(&mut out, "mailvet_audit_scored", "1 where there is a score, 0 where it is withheld.");
    let scored = u8::from(!report.says_too_little());
    out.push_str(&format!("mailvet_audit_scored{{domain=\"{domain}\"}} {scored}\n"));
    // No sample at all where there is none: an alert on the last value must not go on.
    let scores = [
        ("mailvet_audit_score", "0 to 100, of what is known.", report.score.total),
        ("mailvet_audit_score_at_least", "0 to 100, had all that is unknown failed.", report.score.at_least),
    ];
    for (name, help, points) in scores {
        if let Some(points) = points.filter(|_| scored == 1) {
            head(&mut out, name, help);
            out.push_str(&format!("{name}{{domain=\"{domain}\"}} {points}\n"));
        }
    }
    head(&mut out, "mailvet_audit_ignored", "Findings set aside by the settings.");
    out.push_str(&format!("mailvet_audit_ignored{{domain=\"{domain}\"}} {}\n", report.ignored().len()));
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
    head(&mut out, "mailvet_audit_check_failed", "1 failed or ignored, 0 passed, NaN unknown.");
    for result in &report.results {
        let value = match &result.outcome {
            Outcome::NotApplicable(_) => continue,
            Outcome::Unknown(_) => "NaN",
            Outcome::Pass => "0",
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
