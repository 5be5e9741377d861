//! The report in every format, of the bundled example: well-formed by the
//! format's own rules, complete, and the same bytes each time.

use std::process::Output;

use serde_json::Value;

use crate::cli::mailvet;

fn demo(format: &str, more: &[&str]) -> Output {
    mailvet(&[&["audit", "--demo", "--format", format], more].concat())
}

fn text(format: &str) -> String {
    let output = demo(format, &[]);
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, String::from_utf8(demo(format, &[]).stdout).unwrap(), "{format} differs between runs");
    assert!(!text.contains('\u{1b}'), "{format} holds an escape");
    text
}

/// Code, and file and line where the problem has them.
type Problem = (String, Option<(String, u64)>);

/// All problems of the JSON report.
fn problems() -> Vec<Problem> {
    let value: Value = serde_json::from_str(&text("json")).unwrap();
    let mut problems = Vec::new();
    for result in value["results"].as_array().unwrap() {
        for problem in result["problems"].as_array().unwrap() {
            let at = problem["location"]
                .as_object()
                .map(|at| (at["file"].as_str().unwrap().to_owned(), at["line"].as_u64().unwrap()));
            let code = result["code"].as_str().unwrap().to_owned();
            problems.push((code, at));
        }
    }
    assert!(problems.len() > 5, "the demo has findings");
    problems
}

#[test]
fn report_formats_sarif_points_to_lines() {
    let value: Value = serde_json::from_str(&text("sarif")).unwrap();
    assert_eq!(value["version"], "2.1.0");
    let run = &value["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    let problems = problems();
    assert_eq!(results.len(), problems.len());
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(result["partialFingerprints"]["mailvet/1"].as_str().unwrap().len() == 16);
    }
    let located = |code: &str, file: &str, line: u64| {
        results.iter().any(|result| {
            let place = &result["locations"][0]["physicalLocation"];
            result["ruleId"] == code
                && place["artifactLocation"]["uri"] == file
                && place["region"]["startLine"] == line
        })
    };
    for (code, at) in &problems {
        if let Some((file, line)) = at {
            assert!(located(code, file, *line), "{code} does not point to {file}:{line}");
        }
    }
}

#[test]
fn report_formats_junit_fails_by_fail_on() {
    let count = |xml: &str, name: &str| {
        let at = xml.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
        xml[at..].split('"').next().unwrap().parse::<usize>().unwrap()
    };
    let xml = text("junit");
    assert!(xml.starts_with("<?xml") && xml.contains("<testsuite name=\"authentication\""), "{xml}");
    assert!(count(&xml, "failures") > 0 && count(&xml, "skipped") > 0);
    let never = String::from_utf8(demo("junit", &["--fail-on", "never"]).stdout).unwrap();
    assert_eq!(count(&never, "failures"), 0);
    assert_eq!(count(&never, "tests"), count(&xml, "tests"));
    // An XML reader takes it, and finds as many cases as are counted.
    let mut reader = quick_xml::Reader::from_str(&xml);
    let mut cases = 0;
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                cases += usize::from(tag.name().as_ref() == "testcase");
            }
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(cases, count(&xml, "tests"));
}

#[test]
fn report_formats_for_people_and_pull_requests_are_complete() {
    let (markdown, html, csv, github) = (text("markdown"), text("html"), text("csv"), text("github"));
    for (code, at) in problems() {
        assert!(markdown.contains(&code) && html.contains(&code) && csv.contains(&code), "{code}");
        assert!(github.contains(&code), "{code}");
        if let Some((file, line)) = at {
            assert!(github.contains(&format!("file={file},line={line},")), "{code} at {file}:{line}");
        }
    }
    assert!(github.lines().all(|line| line.starts_with("::")), "{github}");
    assert!(github.contains("::error ") && github.contains("::warning "));
    assert!(csv.lines().count() > problems().len());
    // A page of its own: nothing is loaded, nothing runs.
    for loaded in ["<script", "src=", "@import", "url(", "<link", "<iframe"] {
        assert!(!html.contains(loaded), "the page has {loaded}");
    }
    assert!(html.contains("Content-Security-Policy") && html.trim_end().ends_with("</html>"));
}

#[test]
fn report_formats_for_monitors() {
    let output = demo("nagios", &[]);
    let line = String::from_utf8(output.stdout).unwrap();
    assert!(line.starts_with("MAILVET CRITICAL - doedomain.example: "), "{line}");
    assert_eq!((line.lines().count(), output.status.code()), (1, Some(2)));
    let (_, data) = line.split_once(" | score=").expect("performance data");
    assert!(data.contains("coverage=") && data.contains("critical="), "{data}");
    let output = demo("nagios", &["--fail-on", "never"]);
    assert!(output.stdout.starts_with(b"MAILVET WARNING") && output.status.code() == Some(1));

    let prometheus = text("prometheus");
    for line in prometheus.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("mailvet_audit_") && name.ends_with('}'), "{line}");
        assert!(value == "NaN" || value.parse::<f64>().is_ok(), "{line}");
    }
    assert!(prometheus.contains("mailvet_audit_check_failed{domain=\"doedomain.example\",area=\"feedback-loops\",code=\"complaint-rate-high\"} NaN"));
}

#[test]
fn report_formats_let_nothing_break_out() {
    let folder = std::env::temp_dir().join(format!("mailvet-formats-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let zone = folder.join("evil.zone");
    let spf = "v=spf1 <script>alert(1)</script> ]]>%0A::error::x \\027[31m|`$(x)` -all";
    std::fs::write(
        &zone,
        format!("$ORIGIN example.com.\n@ 300 IN SOA ns hostmaster 1 1 1 1 1\n@ 300 IN NS ns1.example.net.\n@ 300 IN TXT \"{spf}\"\n"),
    )
    .unwrap();
    let path = zone.display().to_string();
    for format in ["sarif", "junit", "markdown", "html", "github", "nagios", "prometheus", "csv"] {
        let output = mailvet(&["audit", "example.com", "--offline", "--zone", &path, "--format", format]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.is_empty(), "{format}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!text.contains('\u{1b}'), "{format} holds an escape");
        if matches!(format, "html" | "markdown" | "junit") {
            assert!(!text.contains("<script>"), "{format} holds a script");
        }
        if format == "github" {
            assert!(
                text.lines().all(|line| line.starts_with("::")) && !text.contains("\n::error::x"),
                "{text}"
            );
        }
        if format == "nagios" {
            assert_eq!(text.matches('|').count(), 1, "{text}");
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn report_formats_are_redacted_on_request() {
    let refusal = String::from_utf8(demo("none", &[]).stderr).unwrap();
    let (_, offered) = refusal.trim_end().split_once("this command offers ").expect("the refusal lists them");
    assert!(offered.split(", ").count() >= 10, "{offered}");
    for format in offered.split(", ") {
        let plain = String::from_utf8(demo(format, &["--color", "never"]).stdout).unwrap();
        let masked = String::from_utf8(demo(format, &["--redact", "--color", "never"]).stdout).unwrap();
        let shows = plain.contains("purchasing@northwind") || plain.contains("purchasing&#64;northwind");
        assert!(shows || matches!(format, "nagios" | "prometheus"), "{format} shows no address");
        assert!(!masked.contains("purchasing") && (!shows || masked.contains("p***")), "{format}: {masked}");
    }
    let folder = std::env::temp_dir().join(format!("mailvet-redact-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (message, record) = (folder.join("m.eml"), folder.join("run.json"));
    std::fs::write(
        &message,
        "From: Jan <jan.doe@example.com>\r\nTo: secret@example.org\r\nSubject: x\r\n\r\nhi\r\n",
    )
    .unwrap();
    let (message, record) = (message.display().to_string(), record.display().to_string());
    mailvet(&["audit", "example.com", "--offline", "--message", &message, "--record", &record, "--redact"]);
    let loaded = mailvet::evidence::load(&record, &std::fs::read_to_string(&record).unwrap()).unwrap();
    let raw = String::from_utf8(loaded.message.unwrap().raw.to_vec()).unwrap();
    assert!(raw.contains("<j***@example.com>") && !raw.contains("secret"), "{raw}");
    let replayed = mailvet(&["audit", "--replay", &record, "--format", "json"]);
    assert!(replayed.stdout.starts_with(b"{"), "{}", String::from_utf8_lossy(&replayed.stderr));
    std::fs::remove_dir_all(&folder).unwrap();
}
