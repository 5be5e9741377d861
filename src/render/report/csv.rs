//! A row a finding, and one for each check that is unknown, for spreadsheets.

use crate::check::Problem;
use crate::judge::finding::Outcome;
use crate::judge::report::Report;
use crate::render::escape;

/// RFC 4180, with a header line.
pub(crate) fn csv(report: &Report) -> String {
    let mut out = String::from("area,code,outcome,severity,subject,summary,fix,file,line,fingerprint\r\n");
    let mut row = |cells: [&str; 10]| {
        let cells: Vec<String> = cells.iter().map(|cell| escape::csv(cell)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    };
    for (result, finding) in report.findings() {
        let problem = &finding.problem;
        let (file, line) = place(problem);
        row([
            result.check.area.name(),
            result.check.code,
            "fail",
            finding.severity.name(),
            &problem.subject.to_string(),
            &problem.summary,
            problem.fix.as_deref().unwrap_or(result.check.fix),
            &file,
            &line,
            &finding.fingerprint,
        ]);
    }
    for (result, one) in report.ignored() {
        let problem = &one.finding.problem;
        let (file, line) = place(problem);
        row([
            result.check.area.name(),
            result.check.code,
            "ignored",
            one.finding.severity.name(),
            &problem.subject.to_string(),
            &problem.summary,
            &format!("ignored: {}", one.why()),
            &file,
            &line,
            &one.finding.fingerprint,
        ]);
    }
    for result in &report.results {
        if let Outcome::Unknown(gap) = &result.outcome {
            let (area, code) = (result.check.area.name(), result.check.code);
            row([area, code, "unknown", "", "", &gap.to_string(), &gap.remedy(), "", "", ""]);
        }
    }
    out
}

/// File and line, empty where the finding has none.
fn place(problem: &Problem) -> (String, String) {
    match &problem.location {
        Some(location) => (location.file.clone(), location.line.to_string()),
        None => Default::default(),
    }
}
