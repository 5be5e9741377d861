//! `zone fix`: what is printed applies, what is written is what was printed, nothing else moves,
//! a second run has nothing left, and name servers take the result.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::cli::{mailvet_in, text};

fn mailvet(folder: &Path, args: &[&str]) -> Output {
    let fixed = ["--offline", "--now", "2026-11-23T12:00:00Z", "--root", "."];
    mailvet_in(folder, &[&["zone", "fix"], args, &fixed].concat())
}

const HEAD: &str = "$ORIGIN example.com.\n$TTL 3600\n@ IN SOA ns1.example.net. hostmaster 1 7200 3600 1209600 300\n\
                    @ IN NS ns1.example.net.\n@ IN MX 10 mx1\nmx1 IN A 203.0.113.10\n";
const SPF: &str = "@ IN TXT \"v=spf1 mx -all\"\n";
const DMARC: &str = "_dmarc IN TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\n";
const KEY: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// The lines after the head, and those that must stand there afterwards.
fn cases() -> Vec<(&'static str, String, String)> {
    let key = |text: &str| text.replace("KEY", KEY);
    vec![
        ("nothing to do", format!("{SPF}{DMARC}"), format!("{SPF}{DMARC}")),
        (
            "a slip in a term, with the comment and the blanks kept",
            format!("@\t60  IN   TXT\t\"v=spf1 mx ipv4:203.0.113.9 ~all\" ; ours\n{DMARC}"),
            format!("@\t60  IN   TXT\t\"v=spf1 mx ip4:203.0.113.9 ~all\" ; ours\n{DMARC}"),
        ),
        (
            "a colon for an equals sign",
            format!("{SPF}_dmarc IN TXT \"v=DMARC1; p:reject; rua=mailto:d@example.com\" ; ours\n"),
            format!("{SPF}_dmarc IN TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\" ; ours\n"),
        ),
        (
            "a record over several lines",
            format!(
                "{SPF}_dmarc IN TXT ( \"v=DMARC1; p=reject,\" ; one\n  \" rua=mailto:d@example.com\" ) ; two\nwww A 203.0.113.80\n"
            ),
            format!(
                "{SPF}_dmarc IN TXT ( \"v=DMARC1; p=reject; rua=mailto:d@example.com\" ) ; two\nwww A 203.0.113.80\n"
            ),
        ),
        (
            "the parenthesis opens between the strings",
            format!(
                "{SPF}_dmarc IN TXT \"v=DMARC1; p=reject,\" (\n  \" rua=mailto:d@example.com\" ) ; two\nwww A 203.0.113.80\n"
            ),
            format!(
                "{SPF}_dmarc IN TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\" ; two\nwww A 203.0.113.80\n"
            ),
        ),
        (
            "two policies, the stricter stays, and the entry below keeps its owner",
            format!(
                "{SPF}_dmarc IN TXT \"v=DMARC1; p=none; rua=mailto:d@example.com\"\n   IN TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\nwww A 203.0.113.80\n"
            ),
            format!(
                "{SPF}_dmarc   IN TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\nwww A 203.0.113.80\n"
            ),
        ),
        (
            "a text without quotes",
            format!("{SPF}_dmarc IN TXT v=DMARC1; p=reject; rua=mailto:d@example.com\n"),
            format!("{SPF}_dmarc IN TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\n"),
        ),
        (
            "words without quotes, with a comment that is one",
            format!("@ IN TXT v=spf1 mx -all ; ours\n{DMARC}"),
            format!("@ IN TXT \"v=spf1 mx -all\" ; ours\n{DMARC}"),
        ),
        (
            "quotes of a word processor",
            format!("{SPF}_dmarc IN TXT \u{201c}v=DMARC1; p=reject; rua=mailto:d@example.com\u{201d}\n"),
            format!("{SPF}_dmarc IN TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\n"),
        ),
        (
            "the final dot of an owner, whom the entry below follows",
            format!(
                "{SPF}_dmarc.example.com IN TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\n  IN TXT \"x\"\n"
            ),
            format!(
                "{SPF}_dmarc.example.com. IN TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\n  IN TXT \"x\"\n"
            ),
        ),
        (
            "the same record twice",
            format!("{SPF}{DMARC}www IN A 203.0.113.80\nwww IN A 203.0.113.80\n"),
            format!("{SPF}{DMARC}www IN A 203.0.113.80\n"),
        ),
        ("the null MX beside a host", format!("@ IN MX 0 .\n{SPF}{DMARC}"), format!("{SPF}{DMARC}")),
        (
            "a version that does not stand first",
            format!("{SPF}{DMARC}s1._domainkey IN TXT \"{}\"\n", key("k=ed25519; v=DKIM1; p=KEY")),
            format!("{SPF}{DMARC}s1._domainkey IN TXT \"{}\"\n", key("v=DKIM1; k=ed25519; p=KEY")),
        ),
        (
            "set aside by a remark",
            format!(
                "{SPF}_dmarc IN TXT \"v=DMARC1; P=reject; rua=mailto:d@example.com\" ; mailvet: ignore[dmarc-syntax] ours\n"
            ),
            format!(
                "{SPF}_dmarc IN TXT \"v=DMARC1; P=reject; rua=mailto:d@example.com\" ; mailvet: ignore[dmarc-syntax] ours\n"
            ),
        ),
        (
            "what a directive makes is not edited",
            format!("{SPF}{DMARC}$GENERATE 1-2 d$ TXT \"v=spf1 mx -all\" \"x\"\n"),
            format!("{SPF}{DMARC}$GENERATE 1-2 d$ TXT \"v=spf1 mx -all\" \"x\"\n"),
        ),
    ]
}

/// The old text with the hunks of a unified diff in place; `None` where they do not fit.
fn patched(old: &str, diff: &str) -> Option<String> {
    let lines: Vec<&str> = old.split_inclusive('\n').collect();
    let (mut out, mut at, mut adds) = (String::new(), 0, false);
    for line in diff.split_inclusive('\n').skip(2) {
        if let Some(rest) = line.strip_prefix("@@ -") {
            let range = rest.split(' ').next()?;
            let (start, count) = range.split_once(',').unwrap_or((range, "1"));
            let start: usize = start.parse().ok()?;
            let start = if count == "0" { start } else { start - 1 };
            out.push_str(&lines.get(at..start)?.concat());
            at = start;
        } else if let Some(text) = line.strip_prefix('+') {
            out.push_str(text);
        } else if line.starts_with('\\') {
            if adds {
                out.pop();
            }
        } else {
            let (sign, text) = line.split_at(1);
            if lines.get(at)?.trim_end_matches('\n') != text.trim_end_matches('\n') {
                return None;
            }
            if sign == " " {
                out.push_str(text);
            }
            at += 1;
        }
        adds = line.starts_with('+');
    }
    out.push_str(&lines.get(at..)?.concat());
    Some(out)
}

fn checked(zone: &Path) -> Option<bool> {
    let path = ["/usr/bin/named-checkzone", "/usr/sbin/named-checkzone"].map(PathBuf::from);
    let program = path.into_iter().find(|path| path.exists())?;
    Some(
        Command::new(program)
            .args(["-q", "-i", "local", "example.com"])
            .arg(zone)
            .status()
            .unwrap()
            .success(),
    )
}

#[test]
fn each_fix_applies_and_nothing_else_moves() {
    let mut unchecked = 0;
    for (name, before, after) in cases() {
        for end in ["\n", "\r\n"] {
            let (before, after) =
                (format!("{HEAD}{before}").replace('\n', end), format!("{HEAD}{after}").replace('\n', end));
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("example.com.zone");
            std::fs::write(&file, &before).unwrap();
            let shown = mailvet(folder.path(), &["example.com.zone"]);
            let diff = text(&shown.stdout);
            let code = shown.status.code();
            // A directive's records are at fault and stay as they are: that is left, and says so.
            let is_left = name == "what a directive makes is not edited";
            assert!(
                !is_left || text(&shown.stderr).contains("left: example.com.zone:9: spf-syntax"),
                "{name}"
            );
            assert_eq!(
                code,
                Some(i32::from(before != after || is_left)),
                "{name}: {diff}{}",
                text(&shown.stderr)
            );
            assert_eq!(std::fs::read_to_string(&file).unwrap(), before, "{name}: the file was touched");
            if before == after {
                assert_eq!(diff, "", "{name}");
                continue;
            }
            assert!(diff.starts_with("--- a/example.com.zone\n+++ b/example.com.zone\n"), "{name}: {diff}");
            assert_eq!(patched(&before, &diff).as_deref(), Some(&*after), "{name}: {diff}");
            let written = mailvet(folder.path(), &["example.com.zone", "--write"]);
            assert_eq!(written.status.code(), Some(0), "{name}: {}", text(&written.stderr));
            assert_eq!(std::fs::read_to_string(&file).unwrap(), after, "{name}");
            let again = mailvet(folder.path(), &["example.com.zone"]);
            assert_eq!((again.status.code(), text(&again.stdout)), (Some(0), String::new()), "{name}");
            match checked(&file) {
                Some(taken) => assert!(taken, "{name}: named-checkzone refuses {after}"),
                None => unchecked += 1,
            }
        }
    }
    if unchecked > 0 {
        eprintln!("SKIPPED: named-checkzone is not installed");
    }
}

#[test]
fn what_may_cost_somebody_something_is_left_until_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let zone =
        format!("{HEAD}{SPF}_dmarc IN TXT \"v=DMARC1; p=reject; np=none; rua=mailto:d@example.com\"\n");
    std::fs::write(folder.path().join("example.com.zone"), &zone).unwrap();
    let shown = mailvet(folder.path(), &["example.com.zone", "--format", "json"]);
    let report: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(report["schema"], "mailvet/zone-fix/1");
    assert_eq!(report["files"], serde_json::json!([]));
    assert_eq!(report["left"][0]["codes"], serde_json::json!(["dmarc-subdomain-open"]), "{report}");
    let shown = mailvet(folder.path(), &["example.com.zone", "--unsafe"]);
    assert!(text(&shown.stdout).contains("+_dmarc IN TXT \"v=DMARC1; p=reject; np=reject; rua"));
}

/// Whatever a form made of one record: all its tags come together, or nothing moves.
#[test]
fn pieces_of_a_policy_are_joined_whole_or_not_at_all() {
    let whole = "_dmarc IN TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\n";
    let rua = "rua=mailto:d@example.com";
    let cases: [(&[&str], Option<&str>); 8] = [
        (&["v=DMARC1", "p=reject", rua], Some(whole)),
        (&["v=DMARC1;", "p=reject;", "rua=mailto:d@example.com;"], Some(whole)),
        (&["v=DMARC1; p=reject", rua], Some(whole)),
        (&[rua, "v=DMARC1; p=reject;"], Some(whole)),
        (&["v=DMARC1", "rua=mailto:d@example.com; p=reject"], Some(whole)),
        // Which of two holds is not told.
        (&["v=DMARC1; p=reject; rua=mailto:e@example.com", rua], None),
        (&["v=DMARC1; p=reject", "v=DMARC1; p=none", rua], None),
        (&["v=DMARC1", "p=rejekt-all", rua], None),
    ];
    for (pieces, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        let lines: String = pieces.iter().map(|piece| format!("_dmarc IN TXT \"{piece}\"\n")).collect();
        let old = format!("{HEAD}{SPF}{lines}");
        std::fs::write(folder.path().join("z.zone"), &old).unwrap();
        mailvet(folder.path(), &["z.zone", "--write"]);
        let new = std::fs::read_to_string(folder.path().join("z.zone")).unwrap();
        assert_eq!(new, expected.map_or(old, |line| format!("{HEAD}{SPF}{line}")), "{pieces:?}");
    }
}

#[test]
fn what_a_remark_wants_as_written_is_left_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let zone = format!(
        "{HEAD}{SPF}_dmarc IN TXT \"v=DMARC1; P=reject; rua=mailto:d@example.com\" ; mailvet: ignore[dmarc-syntax] ours\n"
    );
    std::fs::write(folder.path().join("example.com.zone"), &zone).unwrap();
    let shown = mailvet(folder.path(), &["example.com.zone", "--format", "json"]);
    let report: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(report["files"], serde_json::json!([]));
    assert_eq!(report["left"][0]["codes"], serde_json::json!(["dmarc-policy-none"]), "{report}");
    assert_eq!(report["left"][0]["why"], "a remark wants the record as written");
}

/// The servers of the zone split long strings and flatten the alias: neither is mended, and what
/// stands beside them is.
#[test]
fn what_the_servers_take_is_left_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let long = "k".repeat(300);
    let zone = format!(
        "{}@ IN CNAME site.example.net.\nlong IN TXT \"{long}\"\n{SPF}_dmarc IN TXT \"v=DMARC1; P=reject; rua=mailto:d@example.com\"\n",
        HEAD
    );
    let file = folder.path().join("example.com.zone");
    std::fs::write(&file, &zone).unwrap();
    std::fs::write(
        folder.path().join("mailvet.toml"),
        "[[zone]]\nname = \"example.com\"\nserved-by = \"cloudflare\"\n",
    )
    .unwrap();
    let shown = mailvet(folder.path(), &["example.com.zone", "--config", "mailvet.toml", "--write"]);
    assert_eq!(shown.status.code(), Some(0), "{}", text(&shown.stderr));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), zone.replace("P=reject", "p=reject"));
    assert!(!text(&shown.stderr).contains("left"), "{}", text(&shown.stderr));
}

#[test]
fn a_record_that_is_missing_comes_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let zone = "$ORIGIN example.com.\n$TTL 300\n@ IN SOA ns1.example.net. hostmaster 1 7200 3600 1209600 300\n\
                @ IN NS ns1.example.net.\n@ IN MX 0 .\n@ IN TXT \"v=spf1 -all\"\n$ORIGIN other.example.com.\na A 203.0.113.1";
    let file = folder.path().join("example.com.zone");
    std::fs::write(&file, zone).unwrap();
    let shown = mailvet(folder.path(), &["example.com.zone"]);
    let after = format!(
        "{zone}\n_dmarc.example.com. 300 IN TXT \"v=DMARC1; p=reject; sp=reject; adkim=s; aspf=s\"\n"
    );
    let diff = text(&shown.stdout);
    assert_eq!(patched(zone, &diff).as_deref(), Some(&*after), "{diff}{}", text(&shown.stderr));
    assert_eq!(mailvet(folder.path(), &["example.com.zone", "--write"]).status.code(), Some(0));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), after);
    assert_ne!(checked(&file), Some(false));
}

#[test]
fn a_cloudflare_export_keeps_its_own_writing() {
    let folder = tempfile::tempdir().unwrap();
    let zone = ";; Domain:     example.com.\n;; Exported:   2026-11-23\nexample.com 3600 IN SOA ns1.example.net. h.example.com. 1 2 3 4 5\n\
                example.com. 1 IN MX 10 mx.example.net.\nexample.com. 1 IN TXT \"v=spf1 mx -all\" ; cf_tags=x\n\
                _dmarc.example.com. 1 IN TXT \"v=DMARC1; P=reject; rua=mailto:d@example.com\" ; cf_tags=y\n";
    std::fs::write(folder.path().join("z.txt"), zone).unwrap();
    let written = mailvet(folder.path(), &["z.txt", "--write"]);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    assert_eq!(
        std::fs::read_to_string(folder.path().join("z.txt")).unwrap(),
        zone.replace("P=reject", "p=reject")
    );
}

#[test]
fn what_is_not_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("example.com.yaml"),
        "---\n'':\n  type: TXT\n  value: v=spf1 mx -all\n",
    )
    .unwrap();
    let refused = mailvet(folder.path(), &["example.com.yaml"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("is octodns, which is not written"), "{}", text(&refused.stderr));
    assert_eq!(mailvet(folder.path(), &["-"]).status.code(), Some(2));
    // A control character near an edit could forge a line of the terminal or log.
    let zone =
        format!("{HEAD}{SPF}; \u{1b}[2J\n_dmarc IN TXT \"v=DMARC1; P=reject; rua=mailto:d@example.com\"\n");
    std::fs::write(folder.path().join("example.com.zone"), zone).unwrap();
    let refused = mailvet(folder.path(), &["example.com.zone"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(refused.stdout.is_empty() && !text(&refused.stderr).contains('\u{1b}'));
}

#[test]
fn many_fixes_take_linear_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut zone = format!("{HEAD}{SPF}{DMARC}");
    for number in 0..3_000 {
        zone.push_str(&format!("h{number} IN A 203.0.113.9\nh{number} IN A 203.0.113.9\n"));
    }
    std::fs::write(folder.path().join("example.com.zone"), zone).unwrap();
    let started = std::time::Instant::now();
    mailvet(folder.path(), &["example.com.zone"]);
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
