//! Changes to zones with a resolver that answers nothing: what the files themselves show is still found, and
//! no run that lacks an essential answer ends with 0.

use std::path::Path;
use std::sync::Mutex;

use serde_json::Value;

use crate::cli::{mailvet_in, text};

/// A port of this machine that swallows every question.
struct Hole(std::net::UdpSocket);

impl Hole {
    fn new() -> Hole {
        Hole(std::net::UdpSocket::bind("127.0.0.1:0").unwrap())
    }

    fn run(&self, folder: &Path, args: &[&str]) -> (i32, Value) {
        let resolver = self.0.local_addr().unwrap().to_string();
        let bounds = ["--resolver", &resolver, "--timeout", "0.3", "--deadline", "15"];
        let judged = ["--skip", "ip-reputation", "--fail-on", "low", "--format", "json"];
        let output = mailvet_in(folder, &[args, &bounds, &judged].concat());
        let err = text(&output.stderr);
        let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {err}"));
        (output.status.code().unwrap(), json)
    }
}

/// Checks of a report of `zone check` that a failed question left unknown.
fn failed(report: &Value) -> Vec<String> {
    let zones = report["zones"].as_array().unwrap().iter();
    let names = zones.flat_map(|zone| zone["names"].as_array().unwrap());
    let results = names.flat_map(|name| name["results"].as_array().into_iter().flatten());
    let open = results.filter(|result| {
        let reason = result["reason"].as_str().unwrap_or_default();
        result["outcome"] == "unknown" && !(reason.starts_with("no ") && reason.ends_with(" was given"))
    });
    open.map(|result| format!("{}: {}", result["code"], result["reason"])).collect()
}

#[test]
fn a_dead_resolver_passes_no_change() {
    let Some(cases) = crate::cases("field-ci") else { return };
    let index: Value =
        serde_json::from_str(&std::fs::read_to_string(cases.join("index.json")).unwrap()).unwrap();
    let hole = Hole::new();
    let cases_of = |kind: &'static str| index[kind].as_array().unwrap().iter().map(move |case| (kind, case));
    let all: Vec<(&str, &Value)> = ["names", "pr"].into_iter().flat_map(cases_of).collect();
    assert!(all.len() > 30, "{}", all.len());
    let (queue, wrong) = (Mutex::new(all.iter()), Mutex::new(Vec::new()));
    // They mostly wait.
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let Some((kind, case)) = queue.lock().unwrap().next() else { return };
                    let found =
                        judged(&hole, &cases.join(kind).join(case["id"].as_str().unwrap()), kind, case);
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

/// What is wrong with the runs over one case.
fn judged(hole: &Hole, folder: &Path, kind: &str, case: &Value) -> Vec<String> {
    let (id, bad) = (&case["id"], case["bad"] == true && case["soft"] != true);
    let mut wrong = Vec::new();
    let (file, check): (_, &[&str]) = match kind {
        "names" => ("z.zone", &["zone", "check", "z.zone"]),
        _ => ("after.zone", &["zone", "check", "after.zone", "--against", "before.zone"]),
    };
    let (code, report) = hole.run(folder, check);
    let open = failed(&report);
    if code == 0 && (bad || !open.is_empty()) {
        wrong.push(format!("{kind} {id}: exit 0, bad: {bad}, unknown: {open:?}"));
    }
    // An audit of one domain: its sender's PTR record is essential, and nobody answers.
    let domain = case["origin"].as_str().or(case["domain"].as_str()).unwrap();
    let (code, report) = hole.run(folder, &["audit", domain, "--zone", file, "--ip", "192.0.2.25"]);
    let score = &report["score"];
    if code == 0 || !score["grade"].is_null() || !score["total"].is_null() {
        wrong.push(format!("{kind} {id}: audit exit {code}, {} {}", score["total"], score["grade"]));
    }
    wrong
}
