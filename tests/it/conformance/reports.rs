//! Reports of receivers as other projects collected them: DMARC aggregate (XML,
//! packed, in mail), TLS-RPT and feedback reports.

use mailvet::parse::report::dmarc::{AggregateReport, Row};
use mailvet::parse::report::file::{self, Document};
use serde_json::Value;

use super::record;
use crate::{cases, files_below};

fn documents(path: &std::path::Path) -> Vec<Result<Document, file::Unread>> {
    let bytes = std::fs::read(path).unwrap();
    let mut found = Vec::new();
    file::read("file", &bytes, &mut |_, result| found.push(result));
    found
}

/// What differs between a report and the suite's summary of it.
fn differs(report: &AggregateReport, wanted: &Value) -> Option<String> {
    let text = |key: &str| wanted[key].as_str().unwrap_or_default().trim().to_owned();
    let seconds = |key: &str| text(key).trim_end_matches(".0").parse::<i64>().ok();
    let records = report.rows.len() as u64;
    let published = &report.published;
    let pairs = [
        (report.org.clone(), text("org_name")),
        (report.report_id.clone(), text("report_id")),
        (published.domain.clone(), text("domain").to_ascii_lowercase()),
        (published.p.clone(), text("p").to_ascii_lowercase()),
        (published.sp.clone(), text("sp").to_ascii_lowercase()),
        (published.pct.clone(), text("pct")),
        (
            format!("{:?} {:?}", report.begin, report.end),
            format!("{:?} {:?}", seconds("begin"), seconds("end")),
        ),
        (format!("{records}"), wanted["records"].to_string()),
        (report.messages().to_string(), wanted["messages"].to_string()),
        (report.count(Row::dkim_passes).to_string(), wanted["dkim_aligned_pass"].to_string()),
        (report.count(Row::spf_passes).to_string(), wanted["spf_aligned_pass"].to_string()),
        (report.passed().to_string(), wanted["dmarc_pass"].to_string()),
    ];
    let wrong = pairs.iter().find(|(got, wanted)| got != wanted)?;
    Some(format!("{} instead of {}", wrong.0, wrong.1))
}

/// Every file of a suite that its summary knows.
fn aggregate(suite: &str, note: &str) {
    let Some(folder) = cases(suite) else { return };
    let summary = std::fs::read_to_string(folder.join("derived-dmarc-summary.json")).unwrap();
    let summary: std::collections::BTreeMap<String, Value> = serde_json::from_str(&summary).unwrap();
    let mut wrong = Vec::new();
    for (name, wanted) in &summary {
        let found = documents(&folder.join(name));
        let fault = match (found.as_slice(), wanted.get("xml_error")) {
            // Broken XML is read as far as it goes, and says so; or it is refused with the reason.
            ([Ok(Document::Aggregate(report))], Some(_)) if !report.faults.is_empty() => None,
            ([Err(why)], Some(_)) if !why.why.is_empty() => None,
            ([Ok(Document::Aggregate(report))], None) => differs(report, wanted),
            (other, _) => Some(format!("{} documents: {other:?}", other.len()).chars().take(300).collect()),
        };
        wrong.extend(fault.map(|fault| format!("{name}: {fault}")));
    }
    assert!(wrong.is_empty(), "{suite}:\n  {}", wrong.join("\n  "));
    record(suite, summary.len() - wrong.len(), summary.len(), summary.len(), note);
}

#[test]
fn reports_parsedmarc() {
    aggregate(
        "reports-parsedmarc",
        "DMARC aggregate reports; broken XML partly read with its faults, or refused",
    );
}

#[test]
fn reports_tierpod() {
    aggregate("reports-tierpod", "DMARC aggregate reports, packed once and twice");
}

#[test]
fn reports_opendmarc() {
    aggregate(
        "reports-opendmarc",
        "DMARC aggregate reports of 2012; the broken one is partly read with its faults",
    );
}

#[test]
fn reports_tls_and_failure() {
    let Some(folder) = cases("reports-parsedmarc") else { return };
    let (mut tls, mut feedback, mut refused) = (0, 0, 0);
    for file in files_below(&folder.join("smtp_tls")) {
        match documents(&file).as_slice() {
            [Ok(Document::Tls(report))] => {
                assert!(!report.org.is_empty() && report.begin.is_some(), "{}", file.display());
                tls += 1;
            }
            other => panic!("{}: {other:?}", file.display()),
        }
    }
    for file in files_below(&folder.join("failure")) {
        match documents(&file).as_slice() {
            [Ok(Document::Complaint(complaint))] => {
                assert_eq!(complaint.feedback.kind, "auth-failure", "{}", file.display());
                feedback += 1;
            }
            // Prose in place of a feedback report.
            [Err(why)] if why.why.contains("no report") => refused += 1,
            other => panic!("{}: {other:?}", file.display()),
        }
    }
    let note = "TLS-RPT 4, failure reports 5; one failure report is prose without a machine-readable part and is \
                refused with that reason";
    assert_eq!(refused, 1);
    record("reports-parsedmarc (TLS, failure)", tls + feedback + refused, 9, 9, note);
}
