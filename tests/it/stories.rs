//! What no log may do to a story: a missing hop is no delivery, a rotated log is
//! the same log, and lines of one second may stand in any order.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

/// Recipient, status and cause of each copy.
type Verdicts = Vec<(String, String, String)>;

/// The report, by the command as it is, in this process: hundreds of logs, several runs each.
fn told(files: &[&Path]) -> Option<Value> {
    let folder = files.first()?.parent()?;
    let report = folder.join("report.json");
    let mut args: Vec<OsString> =
        ["mailvet", "triage", "--offline", "--format", "json", "--now", "2026-11-29T12:00:00Z"]
            .iter()
            .chain(&["--timezone", "+00:00", "--output"])
            .map(OsString::from)
            .collect();
    args.push(report.clone().into());
    args.extend(files.iter().map(|file| file.as_os_str().to_owned()));
    let _ = std::fs::remove_file(&report);
    // The exit code speaks of what became of the mail; a log that cannot be read leaves no report.
    let _ = mailvet::cli::run(args);
    serde_json::from_slice(&std::fs::read(&report).ok()?).ok()
}

fn verdicts(report: &Value) -> Verdicts {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut out: Verdicts = report["messages"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|message| message["recipients"].as_array().unwrap())
        .map(|one| (text(&one["address"]), text(&one["status"]), text(&one["cause"])))
        .collect();
    out.sort();
    out
}

/// Logs of lines that stand for themselves: no headings, no documents, no dialogues.
fn logs() -> Vec<(String, String)> {
    let mut out = Vec::new();
    // Dialogues are written whole by one job, and rotated by none.
    let dialogue = |text: &str| text.contains("MAIL FROM:<") && !text.contains(" postfix/");
    for suite in ["field-triage", "logs-exim", "logs-postfix-grok", "logs-aso-tcd"] {
        let Some(folder) = crate::cases(suite) else { continue };
        for path in crate::files_below(&folder) {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let plain = |line: &str| line.starts_with(|c: char| c.is_ascii_alphanumeric());
            if text.len() < 64 << 10
                && text.lines().count() > 1
                && text.lines().all(plain)
                && !dialogue(&text)
            {
                out.push((path.display().to_string(), text));
            }
        }
    }
    out
}

fn write(folder: &Path, name: &str, lines: &[&str]) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    path
}

/// The stamp and what follows it: the same for lines of one second.
fn second(line: &str) -> &str {
    let iso = line.as_bytes().get(10).is_some_and(|b| matches!(b, b'T' | b' '));
    line.get(..if iso { 19 } else { 15 }).unwrap_or(line)
}

/// Lines of one second, those of other messages first; each message's own in their order.
fn shuffled<'l>(lines: &[&'l str], ids: &BTreeSet<String>) -> Vec<&'l str> {
    // The id that stands first: a notification names its parent too.
    let id = |line: &str| {
        let places = ids.iter().enumerate().filter_map(|(n, id)| Some((line.find(id.as_str())?, n)));
        places.min().map(|(_, number)| number)
    };
    let mut out: Vec<&str> = Vec::new();
    for same in lines.chunk_by(|a, b| second(a) == second(b)) {
        // A line of no message may begin or end one: it stays where it is.
        for run in same.chunk_by(|a, b| id(a).is_some() && id(b).is_some()) {
            let mut run = run.to_vec();
            run.sort_by_key(|line| std::cmp::Reverse(id(line)));
            out.extend(run);
        }
    }
    out
}

fn ids(report: &Value) -> BTreeSet<String> {
    let messages = report["messages"].as_array().unwrap();
    messages
        .iter()
        .flat_map(|message| message["ids"].as_array().unwrap())
        .filter_map(|id| id.as_str().map(str::to_owned))
        .collect()
}

/// What is wrong with one log; `None` where it is no log of a known dialect, or names nobody.
fn faults(name: &str, text: &str, folder: &Path) -> Option<Vec<String>> {
    let mut wrong = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    let whole = write(folder, "whole.log", &lines);
    let report = told(&[&whole])?;
    let before = verdicts(&report);
    if before.is_empty() {
        return None;
    }
    let (older, newer) = lines.split_at(lines.len() / 2);
    let (older, newer) = (write(folder, "mail.log.1", older), write(folder, "mail.log", newer));
    let split = told(&[&older, &newer]).map(|report| verdicts(&report));
    if split.as_ref() != Some(&before) {
        wrong.push(format!("{name}: split: {before:?}\n  {split:?}"));
    }
    let mixed = write(folder, "mixed.log", &shuffled(&lines, &ids(&report)));
    let mixed = told(&[&mixed]).map(|report| verdicts(&report));
    if mixed.as_ref() != Some(&before) {
        wrong.push(format!("{name}: shuffled: {before:?}\n  {mixed:?}"));
    }
    wrong.extend(without_last_hop(name, &lines, &report, folder));
    Some(wrong)
}

/// Over every log of the suites, none left out.
#[test]
fn no_cut_split_or_shuffle_makes_a_delivery() {
    let logs = logs();
    let (next, found) = (AtomicUsize::new(0), Mutex::new((0, Vec::new())));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, |cores| cores.get().min(8)) {
            scope.spawn(|| {
                let folder = tempfile::tempdir().unwrap();
                while let Some((name, text)) = logs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(wrong) = faults(name, text, folder.path()) {
                        let mut found = found.lock().unwrap();
                        found.0 += 1;
                        found.1.extend(wrong);
                    }
                }
            });
        }
    });
    let (tried, wrong) = found.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {tried} logs:\n{}", wrong.len(), wrong.join("\n"));
    if crate::cases("logs-exim").is_some() && crate::cases("field-triage").is_some() {
        assert!(tried >= 200, "only {tried} of {} logs name anybody", logs.len());
    }
}

/// By address, whether all copies are delivered; `unproven`: otherwise than to
/// a server of the recipient's domain.
fn delivered(report: &Value, unproven: bool) -> BTreeMap<String, bool> {
    let mut all = BTreeMap::new();
    for message in report["messages"].as_array().unwrap() {
        for one in message["recipients"].as_array().unwrap() {
            let party = one["custody"].as_array().unwrap().last().map(|hop| hop["party"].as_str());
            let counts = one["status"] == "delivered" && !(unproven && party == Some(Some("receiver")));
            *all.entry(one["address"].as_str().unwrap_or_default().to_owned()).or_insert(true) &= counts;
        }
    }
    all
}

/// Messages over several hops, told again without the lines of the last.
fn without_last_hop(name: &str, lines: &[&str], report: &Value, folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for message in report["messages"].as_array().unwrap() {
        let ids = message["ids"].as_array().unwrap();
        let Some(last) = ids.last().and_then(Value::as_str).filter(|_| ids.len() > 1) else { continue };
        let left: Vec<&str> = lines
            .iter()
            .copied()
            .filter(|line| !line.contains(&format!(" {last}:")) && !line.contains(&format!(" {last} ")))
            .collect();
        let Some(after) = told(&[&write(folder, "cut.log", &left)]) else { continue };
        let before = delivered(report, false);
        // A server of the recipient's own domain took it: more no sender can know.
        for (address, delivered) in delivered(&after, true) {
            if delivered && before.get(&address) == Some(&false) {
                wrong.push(format!("{name}: {address} is delivered once the lines of {last} are gone"));
            }
        }
    }
    wrong
}
