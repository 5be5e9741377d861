//! Bounces other projects collected, by the verdicts they state.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use mailvet::parse::bounce::messages;
use mailvet::triage::bounce::{BounceVerdict, Kind, judge};

use super::bounce_deviations::DEVIATIONS;
use super::record;
use super::replies::cause_of_reason;

fn judged(path: &Path) -> Vec<BounceVerdict> {
    messages(&fs::read(path).unwrap()).into_iter().filter_map(judge).collect()
}

fn expected(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap()
}

/// True for Sisimai's own codes: a third part of 900 and above.
fn is_pseudo(code: &str) -> bool {
    code.rsplit('.').next().and_then(|part| part.parse::<u32>().ok()).is_some_and(|part| part >= 900)
}

/// The class of the status, else of the reply, says whether it is final.
fn permanent(status: &str, reply: &str) -> Option<Option<bool>> {
    let code = if status.is_empty() || is_pseudo(status) { reply } else { status };
    match code.chars().next() {
        Some('5') => Some(Some(true)),
        Some('4') => Some(Some(false)),
        Some('2') => Some(None),
        _ => None,
    }
}

#[test]
fn sisimai_bounces() {
    let Some(folder) = crate::cases("bounce-sisimai") else { return };
    let expected = expected(&folder);
    let (mut total, mut causes, mut argued, mut permanences, mut needed) = (0, 0, 0, 0, 0);
    for (file, verdicts) in expected.as_object().unwrap() {
        let found: Vec<_> = judged(&folder.join(file)).into_iter().flat_map(|v| v.recipients).collect();
        for (index, want) in verdicts.as_array().unwrap().iter().enumerate() {
            total += 1;
            let cause = cause_of_reason(want["reason"].as_str().unwrap());
            let got = found.get(index);
            let ours = DEVIATIONS.iter().find(|(name, at, ..)| *name == file && *at == index);
            let right = ours.map_or(cause, |(_, _, ours, _)| *ours);
            argued += usize::from(got.is_some_and(|r| r.cause.name() == right));
            needed +=
                usize::from(ours.is_some() && right != cause && got.is_some_and(|r| r.cause.name() == right));
            if got.is_some_and(|r| r.cause.name() == cause) {
                causes += 1;
                assert!(ours.is_none(), "{file} {index}: the label is met, and the deviation is not needed");
            } else if ours.is_none() {
                eprintln!("{file} {index}: {cause} wanted, {:?} got", got.map(|r| r.cause.name()));
            }
            let permanent = permanent(want["dsn"].as_str().unwrap(), want["reply"].as_str().unwrap());
            if permanent.is_none_or(|want| got.is_some_and(|r| r.permanent == want)) {
                permanences += 1;
            } else {
                eprintln!(
                    "{file} {index}: permanent {permanent:?} wanted, {:?} got",
                    got.map(|r| r.permanent)
                );
            }
        }
    }
    for file in ["is-not-bounce-01.eml", "is-not-bounce-02.eml"] {
        let verdicts = judged(&folder.join("not-bounces").join(file));
        assert!(verdicts.iter().all(|v| v.kind == Kind::None), "{file} is no bounce");
    }
    assert_eq!(needed, DEVIATIONS.len(), "a deviation that is argued and not what is judged");
    let least = (total * 97_usize).div_ceil(100);
    assert!(permanences >= least, "{permanences} of {total} right on permanence");
    record(
        "bounce-sisimai",
        causes.min(permanences),
        total,
        267,
        "cause by the suite's labels, and permanence by the class of the code; pseudo codes ignored",
    );
    record(
        "bounce-sisimai-argued",
        argued.min(permanences),
        total,
        296,
        "as bounce-sisimai, with the argued deviations of tests/it/conformance/bounce_deviations.rs",
    );
}

#[test]
fn livebg_bounces() {
    let Some(folder) = crate::cases("bounce-email-livebg") else { return };
    let expected = expected(&folder);
    let (mut total, mut passed) = (0, 0);
    for file in crate::files_below(&folder) {
        let name = file.file_name().unwrap().to_str().unwrap();
        let kind = file.parent().unwrap().file_name().unwrap().to_str().unwrap();
        if !matches!(kind, "bounces" | "non_bounces") {
            continue;
        }
        total += 1;
        let verdicts = judged(&file);
        let verdict = &verdicts[0];
        let bounced = matches!(verdict.kind, Kind::Bounce | Kind::Delay);
        let recipient = verdict.recipients.first();
        let want = &expected[name];
        let code = want["code"].as_str().filter(|code| *code != "unknown");
        let right = bounced == (kind == "bounces")
            && code.is_none_or(|code| {
                recipient.is_some_and(|r| r.enhanced_code.is_some_and(|got| got.to_string() == code))
            })
            && match want["type"].as_str() {
                Some("HARD_FAIL") => recipient.is_some_and(|r| r.permanent == Some(true)),
                Some("SOFT_FAIL") => recipient.is_some_and(|r| r.permanent == Some(false)),
                _ => true,
            };
        if right {
            passed += 1;
        } else {
            eprintln!("{name}: {want} wanted, {:?} got", recipient.map(|r| (r.enhanced_code, r.permanent)));
        }
    }
    record(
        "bounce-email-livebg",
        passed,
        total,
        40,
        "bounce or not, code, hard or soft; one label is wrong upstream",
    );
}

#[test]
fn php_handler_bounces() {
    let Some(folder) = crate::cases("bounce-php-handler") else { return };
    let (mut total, mut passed) = (0, 0);
    for file in crate::files_below(&folder) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        // Real bounces are the .eml files; the others are complaints and an unsubscription.
        if !name.ends_with(".eml") {
            continue;
        }
        total += 1;
        let verdicts = judged(&file);
        let right = verdicts.iter().any(|v| {
            matches!(v.kind, Kind::Bounce | Kind::Delay)
                && !v.recipients.is_empty()
                && v.recipients.iter().all(|r| !r.address.is_empty() && r.enhanced_code.is_some())
        });
        if right {
            passed += 1;
        } else {
            eprintln!("{name}: {:?}", verdicts.first().map(|v| (v.kind, v.recipients.len())));
        }
    }
    for name in ["arf1.txt", "arf6.txt", "fbl-aol.txt", "fbl-comcast.txt", "fbl-hotmail.txt", "fbl-yahoo.txt"]
    {
        assert_eq!(judged(&folder.join(name))[0].kind, Kind::Complaint, "{name}");
    }
    record("bounce-php-handler", passed, total, total, "an action, a status and a recipient in every bounce");
}

#[test]
fn kumomta_reports() {
    let Some(folder) = crate::cases("dsn-arf-kumomta") else { return };
    let (mut total, mut passed) = (0, 0);
    for file in crate::files_below(&folder) {
        if file.extension().is_none_or(|e| e != "eml") {
            continue;
        }
        total += 1;
        let is_report = file.parent().is_some_and(|p| p.ends_with("rfc3464"));
        let verdicts = judged(&file);
        let verdict = &verdicts[0];
        let right = if is_report {
            matches!(verdict.kind, Kind::Bounce | Kind::Delay)
                && !verdict.recipients.is_empty()
                && verdict
                    .recipients
                    .iter()
                    .all(|r| !r.address.is_empty() && r.action.is_some() && r.enhanced_code.is_some())
        } else {
            verdict.kind == Kind::Complaint && verdict.feedback_type.as_deref() == Some("abuse")
        };
        if right {
            passed += 1
        } else {
            eprintln!("{}: {:?} {:?}", file.display(), verdict.kind, verdict.recipients)
        }
    }
    record("dsn-arf-kumomta", passed, total, total, "kind, recipient, action and status; feedback type");
}

/// Any mail whatsoever is judged without a panic.
#[test]
fn any_mail_is_survived() {
    for suite in ["mime-mail-parser", "mime-mimekit", "mime-zbateson", "dkim-mail-dkim"] {
        let Some(folder) = crate::cases(suite) else { continue };
        let files: Vec<PathBuf> = crate::files_below(&folder);
        assert!(!files.is_empty());
        for file in files {
            judged(&file);
        }
    }
}
