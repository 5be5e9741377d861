//! `portfolio` as a script meets it: order, shards, resuming, bad lists, silence and
//! deadlines, against servers on loopback that count.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::{Arc, Mutex};

use mailvet::model::{Absence, Answer, Name, Observation, Rdata, Record, RecordType};
use serde_json::Value;

use crate::cli::mailvet;
use crate::world::dns::{Say, serve};

const NOW: &str = "2026-11-29T12:00:00Z";

/// A folder with a list of domains.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn with(list: &str) -> Place {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("domains.txt"), list).unwrap();
        Place { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, more: &[&str]) -> Output {
        let list = self.path("domains.txt");
        let base = ["portfolio", list.to_str().unwrap(), "--now", NOW];
        mailvet(&[&base[..], more].concat())
    }
}

fn said(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(!text.contains("panicked"), "{text}");
    text
}

fn reports(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn domains(bytes: &[u8]) -> Vec<String> {
    reports(bytes).iter().map(|report| report["target"]["domain"].as_str().unwrap().to_owned()).collect()
}

fn outcome<'r>(report: &'r Value, code: &str) -> &'r str {
    let results = report["results"].as_array().unwrap();
    results.iter().find(|result| result["code"] == code).unwrap()["outcome"].as_str().unwrap()
}

fn numbered(count: usize) -> String {
    (1..=count).map(|number| format!("d{number}.example\n")).collect()
}

/// A sender's world: every domain includes one SPF record and has one MX host.
fn shared_world(name: &Name, rtype: RecordType) -> Say {
    let one = |rdata| Say::Answer(Answer::given(Observation::Seen(vec![Record::new(rdata)])));
    let txt = |text: &str| one(Rdata::Txt(vec![text.as_bytes().to_vec()]));
    match (name.as_str(), rtype) {
        ("_spf.shared.example", RecordType::Txt) => txt("v=spf1 ip4:192.0.2.0/24 -all"),
        ("mx.shared.example", RecordType::A) => one(Rdata::A([192, 0, 2, 1].into())),
        ("_spf.shared.example" | "mx.shared.example", _) => {
            Say::Answer(Answer::given(Observation::Absent(Absence::NoData)))
        }
        (_, RecordType::Txt) if name.label_count() == 2 => txt("v=spf1 include:_spf.shared.example -all"),
        (_, RecordType::Mx) if name.label_count() == 2 => {
            one(Rdata::Mx { preference: 10, exchange: Name::lenient("mx.shared.example") })
        }
        _ => Say::Answer(Answer::given(Observation::Absent(Absence::Nxdomain))),
    }
}

type Counts = Arc<Mutex<BTreeMap<(String, u16), usize>>>;

fn counting(script: impl Fn(&Name, RecordType) -> Say + Send + Sync + 'static) -> (SocketAddr, Counts) {
    let counts = Counts::default();
    let counted = counts.clone();
    let server = serve(move |name, rtype| {
        *counted.lock().unwrap().entry((name.to_string(), rtype.number())).or_default() += 1;
        script(name, rtype)
    });
    (server, counts)
}

#[test]
fn what_domains_share_is_asked_once() {
    let (server, counts) = counting(shared_world);
    let place = Place::with(&numbered(60));
    let resolver = server.to_string();
    let only = ["--only", "spf-lookup-limit", "--only", "mx-unresolvable"];
    let output = place.run(&[&["--resolver", &resolver, "--fail-on", "never"][..], &only].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let expected: Vec<String> = (1..=60).map(|number| format!("d{number}.example")).collect();
    assert_eq!(domains(&output.stdout), expected);
    for report in reports(&output.stdout) {
        // The domain's own report counts what it rests on, shared or not.
        assert!(report["questions"]["asked"].as_u64().unwrap() >= 4, "{}", report["questions"]);
        assert_eq!(outcome(&report, "spf-lookup-limit"), "pass");
        assert_eq!(outcome(&report, "mx-unresolvable"), "pass");
    }
    let counts = counts.lock().unwrap();
    for (name, rtype) in [("_spf.shared.example", 16), ("mx.shared.example", 1), ("mx.shared.example", 28)] {
        // One question; on a loaded machine hickory may have sent it again.
        let seen = counts.get(&(name.to_owned(), rtype)).copied().unwrap_or_default();
        assert!((1..=3).contains(&seen), "{name} {rtype}: asked {seen} times for 60 domains");
    }
    assert!(said(&output).contains(&format!("{} questions asked", counts.len())), "{}", said(&output));
}

#[test]
fn bad_names_are_told_and_nothing_else_is_lost() {
    let list = "# ours\nb.example\n\nuser@c.example\na.example # main\r\n192.0.2.1\nB.example.\nhttps://x.example/\nd.example";
    let place = Place::with(list);
    let output = place.run(&["--offline"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(domains(&output.stdout), ["b.example", "a.example", "d.example"]);
    let said = said(&output);
    for part in
        ["domains.txt:4: ", "c.example", "domains.txt:6: 192.0.2.1", "--ip", "domains.txt:8: ", "x.example"]
    {
        assert!(said.contains(part), "{part:?} is not in: {said}");
    }
    let empty = Place::with("# nothing yet\n").run(&["--offline"]);
    assert_eq!(empty.status.code(), Some(2));
    let text = String::from_utf8(empty.stderr).unwrap();
    assert!(text.contains("holds no domain"), "{text}");
    let absent = mailvet(&["portfolio", "/nonexistent/list.txt", "--offline"]);
    assert_eq!(absent.status.code(), Some(2));
}

#[test]
fn options_that_do_not_fit_are_refused() {
    let place = Place::with("a.example\n");
    let file = place.path("out");
    let output = format!("csv={}", file.display());
    for (args, part) in [
        (&["--record", "x.json"][..], "mailvet audit DOMAIN"),
        (&["--resume"], "--output FILE"),
        (&["--resume", "--format", &output], "ndjson"),
        (&["--shard", "4/3"], "I from 1 to N"),
        (&["--format", "html"], "ndjson, json, csv, terminal, github, sarif, junit, gitlab, markdown"),
        (&["--ip", "192.0.2.300"], "no IP address"),
        (&["--output", place.path("domains.txt").to_str().unwrap()], "is the list itself"),
    ] {
        let output = place.run(&[&["--offline"], args].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(said(&output).contains(part), "{args:?}: {}", said(&output));
    }
    assert!(!file.exists() || std::fs::read(&file).unwrap().is_empty());
    assert_eq!(std::fs::read_to_string(place.path("domains.txt")).unwrap(), "a.example\n");
}

#[test]
fn shards_together_are_the_whole() {
    let place = Place::with(&(numbered(20) + "bad name\n" + &numbered(20)));
    let offline = ["--offline", "--only", "spf-missing"];
    let whole = domains(&place.run(&offline).stdout);
    assert_eq!(whole.len(), 20);
    let mut seen = BTreeSet::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let part = domains(&place.run(&[&offline[..], &["--shard", shard]].concat()).stdout);
        assert!((6..=7).contains(&part.len()), "{shard}: {part:?}");
        for domain in part {
            assert!(seen.insert(domain.clone()), "{domain} is in two shards");
        }
    }
    assert_eq!(seen, whole.into_iter().collect());
}

#[test]
fn json_is_one_object_around_the_lines() {
    let place = Place::with(&numbered(3));
    let offline = ["--offline", "--only", "spf-missing"];
    let lines = reports(&place.run(&offline).stdout);
    let whole = place.run(&[&offline[..], &["--format", "json"]].concat());
    let whole: Value = serde_json::from_slice(&whole.stdout).unwrap();
    assert_eq!(whole["schema"], "mailvet/portfolio/1");
    assert_eq!(*whole["reports"].as_array().unwrap(), lines);
}

fn written(place: &Place, file: &Path, more: &[&str]) -> Output {
    let base = ["--offline", "--only", "authentication", "--output", file.to_str().unwrap()];
    place.run(&[&base[..], more].concat())
}

#[test]
fn a_killed_run_is_resumed() {
    let place = Place::with(&numbered(12));
    let file = place.path("reports.ndjson");
    assert_eq!(written(&place, &file, &[]).status.code(), Some(3));
    let whole = std::fs::read(&file).unwrap();
    assert_eq!(reports(&whole).len(), 12);
    let ends: Vec<usize> =
        whole.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1).collect();
    // Killed between two lines, within one, one octet before its end, at its first octet.
    for cut in [0, ends[3], ends[3] + 1, ends[3] + 500, ends[4] - 1, ends[11]] {
        std::fs::write(&file, &whole[..cut]).unwrap();
        let output = written(&place, &file, &["--resume"]);
        let done = ends.iter().filter(|end| **end <= cut).count();
        let expected = if done == 12 { Some(0) } else { Some(3) };
        assert_eq!(output.status.code(), expected, "{}", said(&output));
        assert!(std::fs::read(&file).unwrap() == whole, "cut at {cut}: the file is not the whole");
        if done > 0 {
            assert!(
                said(&output).contains(&format!("{done} domains judged by an earlier run")),
                "{}",
                said(&output)
            );
        }
    }
    // Without --resume the file is written anew.
    std::fs::write(place.path("domains.txt"), "other.example\n").unwrap();
    written(&place, &file, &[]);
    assert_eq!(domains(&std::fs::read(&file).unwrap()), ["other.example"]);
}

#[test]
fn a_file_of_something_else_is_left_untouched() {
    let place = Place::with(&numbered(2));
    let file = place.path("precious");
    let lint = "{\"schema\":\"mailvet/lint/1\",\"target\":{\"domain\":\"a.example\"}}\n";
    for (content, line) in [
        ("my notes\n", ":1:"),
        ("my notes", ":1:"),
        (lint, ":1:"),
        ("{\"schema\":\"mailvet/audit/1\",\"target\":{\"domain\":\"d1.example\"}}\nnotes\n", ":2:"),
        ("{\"schema\":\"mailvet/audit/1\",\"target\":{\"domain\":\"d1.example\"}}\nnotes", ":2:"),
        ("{\"schema\":\"mailvet/audit/1\",\"target\":{}}\n", ":1:"),
    ] {
        std::fs::write(&file, content).unwrap();
        let output = written(&place, &file, &["--resume"]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{content:?}: {said}");
        assert!(said.contains(line) && said.contains("left as it is"), "{content:?}: {said}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
    }
}

/// Every line of a silent world says unknown; nothing is missing, nothing passes for it.
#[test]
fn silence_is_unknown_and_never_missing() {
    let server = serve(|_, _| Say::Silence).to_string();
    let place = Place::with(&numbered(3));
    let output = place.run(&["--resolver", &server, "--timeout", "1", "--only", "authentication"]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let reports = reports(&output.stdout);
    assert_eq!(reports.len(), 3);
    for report in reports {
        for result in report["results"].as_array().unwrap() {
            assert_ne!(result["outcome"], "fail", "{result}");
        }
        for code in ["spf-missing", "dmarc-missing", "mx-missing", "mta-sts-missing"] {
            assert_eq!(outcome(&report, code), "unknown");
        }
        let questions = &report["questions"];
        assert_eq!(
            questions["asked"].as_u64().unwrap(),
            questions["failed"].as_array().unwrap().len() as u64
        );
    }
    assert!(said(&output).contains("too little evidence for 3 domains: d1.example"), "{}", said(&output));
}

#[test]
fn one_silent_domain_costs_the_others_nothing() {
    let server = serve(|name, rtype| match name.as_str().ends_with("d2.example") {
        true => Say::Silence,
        false => shared_world(name, rtype),
    });
    let place = Place::with(&numbered(4));
    let resolver = server.to_string();
    let output = place.run(&[
        "--resolver",
        &resolver,
        "--timeout",
        "1",
        "--only",
        "spf-missing",
        "--only",
        "mx-missing",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(domains(&output.stdout), ["d1.example", "d2.example", "d3.example", "d4.example"]);
    for (at, report) in reports(&output.stdout).iter().enumerate() {
        let expected = if at == 1 { "unknown" } else { "pass" };
        assert_eq!(outcome(report, "spf-missing"), expected);
        assert_eq!(outcome(report, "mx-missing"), expected);
    }
}

#[test]
fn what_the_deadline_cuts_off_is_named_and_resumed() {
    let silent = serve(|name, rtype| match name.as_str() {
        "d1.example" | "_spf.shared.example" => shared_world(name, rtype),
        _ => Say::Silence,
    });
    let place = Place::with(&numbered(40));
    let file = place.path("reports.ndjson");
    let (silent, file_name) = (silent.to_string(), file.to_str().unwrap());
    let only = ["--only", "spf-missing", "--output", file_name];
    let bounds = ["--resolver", &silent, "--timeout", "60", "--deadline", "2"];
    let output = place.run(&[&only[..], &bounds].concat());
    let said = said(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert_eq!(domains(&std::fs::read(&file).unwrap()), ["d1.example"]);
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("unknown, 39 domains: d2.example, d3.example"), "{said}");
    assert!(words.contains("and 19 more; --resume"), "{said}");
    // Another day all answer.
    let server = serve(shared_world).to_string();
    let output = place.run(&[&only[..], &["--resolver", &server, "--resume"]].concat());
    assert_eq!(output.status.code(), Some(0));
    let all: Vec<String> = (1..=40).map(|number| format!("d{number}.example")).collect();
    assert_eq!(domains(&std::fs::read(&file).unwrap()), all);
}

#[test]
fn domains_that_were_never_begun_are_named_too() {
    let silent = serve(|_, _| Say::Silence).to_string();
    let place = Place::with(&numbered(300));
    let bounds = ["--resolver", &silent, "--timeout", "60", "--deadline", "1", "--only", "spf-missing"];
    let output = place.run(&bounds);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(output.stdout.is_empty());
    assert!(said(&output).contains("300 domains: d1.example"), "{}", said(&output));
}

/// The format's file has no word for what is unknown: an issue stands for it, also where something was found, and
/// none where all was answered.
#[test]
fn code_quality_says_where_too_little_was_answered() {
    let silent = serve(|_, _| Say::Silence).to_string();
    let answering = serve(shared_world).to_string();
    let place = Place::with("a.example\n");
    for (resolver, said_so) in [(&silent, true), (&answering, false)] {
        let more =
            ["--resolver", resolver, "--timeout", "0.3", "--only", "spf-missing", "--only", "dmarc-missing"];
        let output = place.run(&[&more[..], &["--fail-on", "never", "--format", "gitlab"]].concat());
        assert_eq!(output.status.code(), Some(if said_so { 3 } else { 0 }), "{}", said(&output));
        let issues: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        let open: Vec<&Value> = issues.iter().filter(|issue| issue["check_name"] == "not-judged").collect();
        assert_eq!(open.len(), usize::from(said_so), "{issues:?}");
        assert!(!issues.is_empty(), "{resolver}");
        for issue in open {
            let text = issue["description"].as_str().unwrap();
            assert!(text.starts_with("too little was answered to judge a.example: "), "{text}");
            assert!(issue["location"]["path"].as_str().unwrap().ends_with("domains.txt"), "{issue}");
            assert_eq!(issue["location"]["lines"]["begin"], 1);
        }
    }
}

#[test]
fn rows_for_people_and_spreadsheets() {
    let place = Place::with(&(numbered(2) + &format!("{}.example\n", "long-name.".repeat(9) + "end")));
    let csv = place.path("rows.csv");
    let server = serve(shared_world).to_string();
    let format = format!("csv={}", csv.display());
    let only = ["--resolver", &server, "--only", "spf-missing", "--only", "dmarc-missing"];
    let output = place.run(&[&only[..], &["--format", "terminal", "--format", &format]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let table = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(table.contains("d1.example") && table.contains("high dmarc-missing"), "{table}");
    for line in table.lines().chain(said(&output).lines()) {
        assert!(line.chars().count() <= 80 || line.contains("long-name"), "wider than 80 columns: {line}");
    }
    let rows = std::fs::read_to_string(&csv).unwrap();
    let lines: Vec<&str> = rows.split("\r\n").collect();
    assert_eq!(lines[0], "domain,score,grade,coverage,worst,codes,error");
    assert!(
        lines[1].starts_with("\"d1.example\",\"") && lines[1].contains("\"high\",\"dmarc-missing\",\"\""),
        "{rows}"
    );
    assert_eq!(lines.len(), 5);
    assert!(said(&output).contains("high     dmarc-missing"), "{}", said(&output));
}
