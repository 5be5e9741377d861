//! For the textfile collector. What is unknown is not-a-number, so that no
//! alert takes silence for an answer.

use crate::judge::finding::Outcome;
use crate::judge::report::Report;
use crate::model::Severity;
use crate::model::untrusted::{Width, plain};

/// Several senders: each metric has one head and all its samples behind it, as the format asks.
pub(crate) fn several(reports: &[Report]) -> String {
    let mut heads: Vec<(String, String)> = Vec::new();
    for text in reports.iter().map(prometheus) {
        let mut at = None;
        for line in text.split_inclusive('\n') {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let name = rest.split(' ').next().unwrap_or_default();
                let key = format!("# HELP {name} ");
                at = heads.iter().position(|(head, _)| head.starts_with(&key));
                if at.is_none() {
                    heads.push((line.to_owned(), String::new()));
                    at = Some(heads.len() - 1);
                }
                continue;
            }
            let Some((head, samples)) = at.and_then(|at| heads.get_mut(at)) else { continue };
            match line.starts_with("# TYPE ") {
                true if head.contains("# TYPE ") => {}
                true => head.push_str(line),
                false => samples.push_str(line),
            }
        }
    }
    heads.into_iter().map(|(head, samples)| head + &samples).collect()
}

/// The gauges of one domain.
struct Gauges {
    domain: String,
    out: String,
}

impl Gauges {
    fn head(&mut self, name: &str, help: &str) {
        self.out.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n"));
    }

    /// `labels` stand behind the domain, each with a comma in front.
    fn sample(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        self.out.push_str(&format!("{name}{{domain=\"{}\"{labels}}} {value}\n", self.domain));
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl std::fmt::Display) {
        self.head(name, help);
        self.sample(name, "", value);
    }
}

pub(crate) fn prometheus(report: &Report) -> String {
    let domain = report.target.domain.as_ref().map(|name| name.to_string()).unwrap_or_default();
    let domain = plain(&domain, Width::Record).replace('\\', "\\\\").replace('"', "\\\"");
    let mut to = Gauges { domain, out: String::new() };
    let score = &report.score;
    let scored = u8::from(!report.says_too_little());
    to.gauge("mailvet_audit_scored", "1 where there is a score, 0 where it is withheld.", scored);
    // No sample at all where there is none: an alert on the last value must not go on.
    if let Some(points) = score.total.filter(|_| scored == 1) {
        to.gauge("mailvet_audit_score", "0 to 100, of what is known.", points);
    }
    if let Some(points) = score.at_least.filter(|_| scored == 1) {
        to.gauge("mailvet_audit_score_at_least", "0 to 100, had all that is unknown failed.", points);
    }
    to.gauge("mailvet_audit_ignored", "Findings set aside by the settings.", report.ignored().len());
    let coverage = format!("{:.3}", score.coverage);
    to.gauge("mailvet_audit_coverage_ratio", "Judged checks among those that apply.", coverage);
    to.head("mailvet_audit_area_score", "0 to 100 by area, NaN where not assessed.");
    for area in &score.areas {
        let points = area.score.map_or("NaN".to_owned(), |score| score.to_string());
        to.sample("mailvet_audit_area_score", &format!(",area=\"{}\"", area.area.name()), points);
    }
    to.head("mailvet_audit_findings", "Findings by severity.");
    let findings = report.findings();
    for severity in Severity::ALL {
        let count = findings.iter().filter(|(_, finding)| finding.severity == severity).count();
        to.sample("mailvet_audit_findings", &format!(",severity=\"{}\"", severity.name()), count);
    }
    to.head("mailvet_audit_check_failed", "1 failed or ignored, 0 passed, NaN unknown.");
    for result in &report.results {
        let value = match &result.outcome {
            Outcome::NotApplicable(_) => continue,
            Outcome::Unknown(_) => "NaN",
            Outcome::Pass => "0",
            Outcome::Fail { .. } => "1",
        };
        let (area, code) = (result.check.area.name(), result.check.code);
        to.sample("mailvet_audit_check_failed", &format!(",area=\"{area}\",code=\"{code}\""), value);
    }
    to.gauge("mailvet_audit_timestamp_seconds", "When the evidence was taken.", report.taken_at);
    to.out
}
