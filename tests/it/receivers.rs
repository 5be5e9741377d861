//! What receivers ask is judged by checks that exist, and each row follows their outcomes.

use mailvet::check::Problem;
use mailvet::data::receivers::catalogue;
use mailvet::judge::catalog;
use mailvet::judge::finding::{CheckResult, Finding, IgnoredFinding, Outcome};
use mailvet::judge::forecast::{Expected, Met, Posture, judge};
use mailvet::model::{Failure, Gap, Name, Question, RecordType, Severity, Subject};

use crate::cli::mailvet_in;

fn audit(args: &[&str]) -> serde_json::Value {
    let output = mailvet_in(crate::root(), &[&["audit", "--format", "json"], args].concat());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn outcome<'r>(report: &'r serde_json::Value, receiver: &str, id: &str) -> (&'r str, &'r str) {
    let receivers = report["receivers"].as_array().unwrap();
    let receiver = receivers.iter().find(|r| r["name"] == receiver).unwrap();
    let requirement = receiver["requirements"].as_array().unwrap().iter().find(|r| r["id"] == id).unwrap();
    (requirement["outcome"].as_str().unwrap(), requirement["detail"].as_str().unwrap())
}

#[test]
fn receivers_judge_the_demo() {
    let report = audit(&["--demo"]);
    let (found, detail) = outcome(&report, "google", "spf_or_dkim");
    assert_eq!(found, "not-met");
    assert!(detail.contains("spf-ip-unauthorised") && detail.contains("dkim-signature-missing"), "{detail}");
    assert_eq!(outcome(&report, "google", "dmarc_published").0, "met");
    assert_eq!(outcome(&report, "google", "fcrdns").0, "met");
    assert_eq!(outcome(&report, "yahoo", "ptr_non_generic").0, "not-met");
    assert_eq!(outcome(&report, "google", "one_click_unsubscribe").0, "not-applicable");
    let google = &report["receivers"][0];
    assert_eq!((&google["expected"], &google["code"]), (&"refuse".into(), &"421 4.7.26".into()));
    let only = audit(&["--demo", "--receiver", "Gmail.com", "--receiver", "gmx"]);
    let names: Vec<_> = only["receivers"].as_array().unwrap().iter().map(|r| r["name"].clone()).collect();
    assert_eq!(names, ["google", "gmx_webde_1and1"]);
}

#[test]
fn receivers_do_not_take_unknown_for_met() {
    let report = audit(&["example.com", "--offline", "--ip", "192.0.2.25"]);
    for receiver in report["receivers"].as_array().unwrap() {
        assert_eq!(receiver["expected"], "unknown", "{receiver}");
        for requirement in receiver["requirements"].as_array().unwrap() {
            assert!(requirement["outcome"] != "met", "{requirement}");
        }
    }
}

#[test]
fn receivers_name_checks_that_exist() {
    for receiver in &catalogue().receivers {
        for requirement in &receiver.requirements {
            for code in requirement.codes_of_checks() {
                let check = catalog::find(code);
                let check = check.unwrap_or_else(|| panic!("{} {}: {code}", receiver.id, requirement.id));
                // What is worth a word only is no breach, so nothing may hang on it.
                assert!(check.severity > Severity::Info, "{}: {code} never counts", requirement.id);
            }
        }
    }
}

fn unknown() -> Outcome {
    let question = Question::Dns { name: Name::lenient("example.com"), rtype: RecordType::Txt };
    Outcome::Unknown(Gap::Failed { question, failure: Failure::Timeout })
}

fn finding(severity: Severity) -> Finding {
    Finding {
        problem: Problem::at(Subject::Message, "wrong"),
        severity,
        fingerprint: "0".to_owned(),
        remedy: None,
    }
}

/// All checks pass, but for one.
fn world(code: &str, outcome: impl Fn() -> Outcome) -> Vec<CheckResult> {
    catalog::all()
        .map(|check| CheckResult {
            check,
            outcome: if check.code == code { outcome() } else { Outcome::Pass },
            set: None,
        })
        .collect()
}

#[test]
fn receivers_rows_follow_each_check() {
    let posture = Posture { sends: true, bulk: true, ipv6: Some(true), ..Posture::default() };
    let of = |results: &[CheckResult], receiver: &str, id: &str| {
        let all = judge(results, &posture);
        let receiver = all.into_iter().find(|r| r.id == receiver).unwrap();
        let row = receiver.requirements.iter().find(|r| r.id == id).unwrap().outcome;
        (row, receiver.expected)
    };
    let fails =
        || Outcome::Fail { findings: vec![finding(Severity::High)], ignored: Vec::new(), hidden: None };
    let set_aside = || Outcome::Fail {
        findings: Vec::new(),
        ignored: vec![IgnoredFinding {
            finding: finding(Severity::High),
            reason: "known".to_owned(),
            owner: None,
            until: None,
        }],
        hidden: None,
    };
    let mut wrong = Vec::new();
    for receiver in &catalogue().receivers {
        for requirement in receiver.requirements.iter().filter(|r| r.sees.is_none()) {
            // Alternatives: all of the other groups fail, so that this one decides.
            for (at, group) in requirement.groups().iter().enumerate() {
                let others: Vec<&String> = requirement
                    .groups()
                    .iter()
                    .enumerate()
                    .filter(|(index, _)| *index != at)
                    .filter_map(|(_, other)| other.iter().find(|code| !group.contains(code)))
                    .collect();
                for code in group {
                    let cases: [(&dyn Fn() -> Outcome, Met); 5] = [
                        (&|| Outcome::Pass, Met::Met),
                        (&fails, Met::NotMet),
                        (&set_aside, Met::NotMet),
                        (&unknown, Met::Unknown),
                        (&|| Outcome::NotApplicable("no"), Met::NotApplicable),
                    ];
                    for (outcome, expected) in cases {
                        let mut results = world(code, outcome);
                        for result in &mut results {
                            if others.iter().any(|other| *other == result.check.code) {
                                result.outcome = fails();
                            }
                        }
                        let expected = match expected {
                            // A group that does not apply leaves the one that fails.
                            Met::NotApplicable if !others.is_empty() => Met::NotMet,
                            expected => expected,
                        };
                        let (row, whole) = of(&results, &receiver.id, &requirement.id);
                        let place = format!("{} {} {code}", receiver.id, requirement.id);
                        if row != expected {
                            wrong.push(format!("{place}: {row:?}, not {expected:?}"));
                        }
                        let must = requirement.level == mailvet::data::receivers::Level::Must;
                        let policy_only = requirement.policy;
                        if row == Met::NotMet && must && !policy_only && whole == Expected::Accept {
                            wrong.push(format!("{place}: accepted all the same"));
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn receivers_refuse_by_the_sender_s_own_policy() {
    let policy = mailvet::judge::forecast::OwnPolicy::Reject;
    let posture = Posture { sends: true, policy: Some(policy), ..Posture::default() };
    let fails =
        || Outcome::Fail { findings: vec![finding(Severity::High)], ignored: Vec::new(), hidden: None };
    for receiver in judge(&world("dmarc-unpassable", fails), &posture) {
        assert_eq!(receiver.expected, Expected::Refuse, "{}", receiver.id);
    }
    let parked = Posture { sends: false, ..Posture::default() };
    for receiver in judge(&world("dmarc-unpassable", fails), &parked) {
        assert_eq!(receiver.expected, Expected::Unknown, "{}", receiver.id);
    }
}
