//! Cost in instructions, not in seconds: every construct that a stranger can repeat is grown fourfold, and what
//! reading it costs beyond the empty input may grow fivefold at most.
//!
//! Under callgrind a debug build takes minutes, so that this runs where `MAILVET_GROWTH=1` asks for it.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

const HEAD: &str = "From: a@example.com\nTo: b@example.org\nSubject: x\nDate: Mon, 23 Nov 2026 12:00:00 +0000\n\
                    Message-ID: <1@example.com>\n";
const ZONE: &str = "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n";
const NOTICE: &str = "From: MAILER-DAEMON@x\nSubject: Undelivered\nMIME-Version: 1.0\n\
Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\
Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n";

/// A command, the name of its input, what stands before, the piece that is repeated, and what stands behind.
type Construct = (&'static str, &'static str, String, fn(usize) -> String, &'static str);

fn constructs() -> Vec<Construct> {
    let mail = |more: &str| format!("{HEAD}{more}");
    let multipart = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n";
    let html = "MIME-Version: 1.0\nContent-Type: text/html\n\n";
    vec![
        ("lint", "headers", mail(""), |i| format!("X-H{i}: v{i}\n"), "\nx\n"),
        (
            "lint",
            "parameters",
            mail("Content-Type: text/plain; "),
            |i| format!("p{i}=v{i};\n "),
            "x=y\n\nx\n",
        ),
        ("lint", "pieces", mail("Content-Type: text/plain; "), |i| format!("p*{i}=v;\n "), "x=y\n\nx\n"),
        ("lint", "addresses", mail("Cc: "), |i| format!("u{i}@example.org,\n "), "z@example.org\n\nx\n"),
        ("lint", "words", mail("X-S: "), |_| "=?utf-8?Q?a?=\n ".to_owned(), "x\n\nx\n"),
        (
            "lint",
            "parts",
            mail(multipart),
            |i| format!("--b\nContent-Type: text/plain\n\npart {i}\n"),
            "--b--\n",
        ),
        (
            "lint",
            "nesting",
            mail("MIME-Version: 1.0\n"),
            |i| format!("Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"),
            "\nx\n",
        ),
        (
            "lint",
            "attached",
            mail("MIME-Version: 1.0\n"),
            |i| format!("Content-Type: message/rfc822\n\nSubject: {i}\n"),
            "\nx\n",
        ),
        ("lint", "links", mail(html), |i| format!("<a href=\"http://h{i}.example.com/\">l{i}</a>\n"), "\n"),
        ("lint", "tags", mail(html), |_| "<div><b>\n".to_owned(), "x\n"),
        (
            "bounce",
            "recipients",
            NOTICE.to_owned(),
            |i| format!("Final-Recipient: rfc822; u{i}@example.org\nAction: failed\nStatus: 5.1.1\n\n"),
            "--b--\n",
        ),
        (
            "zone check --offline",
            "owner",
            ZONE.to_owned(),
            |i| format!("@ A 10.{}.{}.{}\n", i >> 16 & 255, i >> 8 & 255, i & 255),
            "",
        ),
        (
            "zone check --offline",
            "policies",
            ZONE.to_owned(),
            |i| format!("@ TXT \"v=spf1 ip4:192.0.{}.{} -all\" \"{i}\"\n", i / 250 % 256, i % 250),
            "",
        ),
        ("zone check --offline", "senders", ZONE.to_owned(), |i| format!("n{i} TXT \"v=spf1 a -all\"\n"), ""),
        ("zone check --offline", "exchanges", ZONE.to_owned(), |i| format!("n{i} MX 10 ns\n"), ""),
        ("zone check --offline", "unread", ZONE.to_owned(), |i| format!("n{i} A none\n"), ""),
        ("zone check --offline", "texts", ZONE.to_owned(), |i| format!("@ TXT \"t{i}\"\n"), ""),
        (
            "traffic",
            "chain",
            String::new(),
            |i| {
                format!(
                    "Nov 23 12:00:00 mx postfix/smtp[1]: {:X}: to=<a@example.net>, relay=r[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {:X})\n",
                    0x4A00_0000 + i,
                    0x4A00_0001 + i
                )
            },
            "",
        ),
        (
            "triage --offline",
            "queued",
            String::new(),
            |i| {
                format!(
                    "Nov 23 12:00:00 mx postfix/smtp[1]: {:X}: to=<a@example.net>, relay=r[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {:X})\n",
                    0x4A00_0000 + i,
                    0x4A00_0001 + i
                )
            },
            "",
        ),
        (
            "traffic",
            "distinct",
            String::new(),
            |i| {
                format!(
                    "Nov 23 12:00:00 mx postfix/smtp[1]: {:X}: to=<a@d{i}.example>, relay=r{i}[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host r{i}[192.0.2.1] said: 550 5.1.1 nobody {i} here)\n",
                    0x4A00_0000 + i
                )
            },
            "",
        ),
    ]
}

/// The input with so many octets of the piece.
fn grown((_, _, before, piece, behind): &Construct, octets: usize) -> String {
    let mut text = before.clone();
    let (from, mut at) = (text.len(), 0);
    while text.len() - from < octets {
        text.push_str(&piece(at));
        at += 1;
    }
    text.write_str(behind).unwrap();
    text
}

/// Instructions of a run, by callgrind.
fn instructions(folder: &Path, construct: &Construct, octets: usize) -> f64 {
    let file = folder.join(format!("{}-{octets}", construct.1));
    std::fs::write(&file, grown(construct, octets)).unwrap();
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env!("CARGO_BIN_EXE_mailvet"))
        .args(construct.0.split(' '))
        .args([file.to_str().unwrap(), "--jobs", "1"])
        .current_dir(folder)
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!err.contains("panicked"), "{}: {err}", construct.1);
    let collected = err.lines().find_map(|line| line.split("Collected : ").nth(1));
    collected.unwrap_or_else(|| panic!("{}: {err}", construct.1)).trim().parse().unwrap()
}

#[test]
fn no_construct_costs_the_square_of_its_size() {
    if !std::env::var("MAILVET_GROWTH").is_ok_and(|value| value == "1") {
        eprintln!("SKIPPED: MAILVET_GROWTH=1 grows every construct under callgrind, for some minutes");
        return;
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("SKIPPED: valgrind is missing");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    let only = std::env::var("MAILVET_GROWTH_OF").unwrap_or_default();
    let mut chosen = constructs();
    chosen.retain(|construct| construct.1.contains(&only));
    assert!(!chosen.is_empty(), "MAILVET_GROWTH_OF={only} is the name of no construct");
    for construct in chosen {
        let cost = |octets: usize| instructions(folder.path(), &construct, octets);
        let nothing = cost(0);
        let [small, middle, large] = [64 << 10, 256 << 10, 1 << 20].map(|octets| cost(octets) - nothing);
        println!("{}: {small:.0} {middle:.0} {large:.0}", construct.1);
        for (less, more) in [(small, middle), (middle, large)] {
            if more > 5.0 * less {
                wrong.push(format!(
                    "{} {}: {:.1} times for 4 times the input",
                    construct.0,
                    construct.1,
                    more / less
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
