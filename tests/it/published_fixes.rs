//! Records as people publish them with a slip: the remedy that is printed, put into the zone file,
//! settles what was found and brings up nothing new; where no record can be computed, the sentence
//! says who acts.

use std::collections::{BTreeMap, BTreeSet};

use mailvet::model::{Name, Rdata};
use mailvet::parse::zone::{NoFiles, parse};
use serde_json::Value;

const HEAD: &str = "$ORIGIN acme.example.\n$TTL 3600\n";
/// A sound zone but for what a row replaces.
const SOUND: &str = "@ IN SOA ns1 host 1 3600 600 86400 300\n@ IN NS ns1\n@ IN NS ns2\nns1 IN A 11.22.33.53\n\
                     ns2 IN A 12.22.33.53\nmail IN A 11.22.33.44\n";
const MX: &str = "@ IN MX 10 mail\n";
const SPF: &str = "@ IN TXT \"v=spf1 ip4:11.22.33.44 -all\"\n";
const DMARC: &str = "_dmarc IN TXT \"v=DMARC1; p=reject; rua=mailto:d@acme.example\"\n";
/// Another organization's.
const VENDOR: &str = "$ORIGIN v.example.\n$TTL 3600\n@ IN SOA ns1 host 1 3600 600 86400 300\n@ IN NS ns1\n\
                      ns1 IN A 13.1.1.53\n_s IN TXT \"v=spf1 ip4:13.1.1.0/28 -all\"\n\
                      _t IN TXT \"v=spf1 ip4:13.1.1.64/28 -all\"\nspf IN TXT \"v=spf1 ip4:13.1.1.128/28 -all\"\n";

/// What stands in the zone for one kind of record.
enum Part {
    Spf(&'static str),
    Dmarc(&'static str),
    Mx(&'static str),
    More(&'static str),
}
use Part::{Dmarc, More, Mx, Spf};

/// What the report must offer.
enum Offer {
    /// These lines, ready for the zone file.
    Lines(&'static [&'static str]),
    /// These records go, and none comes.
    Goes(&'static [&'static str]),
    /// No record for what is found: the fix says this.
    Says(&'static [&'static str]),
}
use Offer::{Goes, Lines, Says};

use crate::cli::{mailvet, mailvet_in};

/// Slip, its part of the zone, codes that must be found, what is offered.
const ROWS: &[(&str, Part, &[&str], Offer)] = &[
    (
        "strings without spaces",
        Spf(r#"@ IN TXT "v=spf1" "include:spf.v.example" "-all""#),
        &["spf-missing"],
        Lines(&[r#"acme.example. TXT "v=spf1 include:spf.v.example -all""#]),
    ),
    (
        "semicolons between terms",
        Spf(r#"@ IN TXT "v=spf1; include:_s.v.example; -all""#),
        &["spf-missing"],
        Lines(&[r#"acme.example. TXT "v=spf1 include:_s.v.example -all""#]),
    ),
    (
        "a URL in include:",
        Spf(r#"@ IN TXT "v=spf1 include:https://_s.v.example -all""#),
        &["spf-include-broken"],
        Lines(&[r#"acme.example. TXT "v=spf1 include:_s.v.example -all""#]),
    ),
    (
        "two redirect=",
        Spf(r#"@ IN TXT "v=spf1 redirect=_s.v.example redirect=_t.v.example""#),
        &["spf-syntax"],
        Lines(&[r#"acme.example. TXT "v=spf1 include:_s.v.example include:_t.v.example ~all""#]),
    ),
    (
        "P=REJECT",
        Dmarc(r#"_dmarc IN TXT "v=DMARC1; P=REJECT; rua=mailto:d@acme.example""#),
        &["dmarc-syntax"],
        Lines(&[r#"_dmarc.acme.example. TXT "v=DMARC1; p=reject; rua=mailto:d@acme.example""#]),
    ),
    (
        "p:reject",
        Dmarc(r#"_dmarc IN TXT "v=DMARC1; p:reject; rua=mailto:d@acme.example""#),
        &["dmarc-syntax"],
        Lines(&[r#"_dmarc.acme.example. TXT "v=DMARC1; p=reject; rua=mailto:d@acme.example""#]),
    ),
    (
        "a no-break space before p=",
        Dmarc("_dmarc IN TXT \"v=DMARC1; \u{a0}p=reject; rua=mailto:d@acme.example\""),
        &["dmarc-syntax"],
        Lines(&[r#"_dmarc.acme.example. TXT "v=DMARC1; p=reject; rua=mailto:d@acme.example""#]),
    ),
    (
        "a byte order mark before v=spf1",
        Spf("@ IN TXT \"\u{feff}v=spf1 include:_s.v.example ip4:11.22.33.44 -all\""),
        &["spf-missing"],
        Lines(&[r#"acme.example. TXT "v=spf1 include:_s.v.example ip4:11.22.33.44 -all""#]),
    ),
    (
        "a zero-width space before v=spf1",
        Spf("@ IN TXT \"\u{200b}v=spf1 include:_s.v.example ip4:11.22.33.44 -all\""),
        &["spf-missing"],
        Lines(&[r#"acme.example. TXT "v=spf1 include:_s.v.example ip4:11.22.33.44 -all""#]),
    ),
    (
        "rua= without mailto:",
        Dmarc(r#"_dmarc IN TXT "v=DMARC1; p=reject; rua=reports@acme.example""#),
        &["dmarc-syntax", "dmarc-report-missing"],
        Lines(&[r#"_dmarc.acme.example. TXT "v=DMARC1; p=reject; rua=mailto:reports@acme.example""#]),
    ),
    (
        "p= twice",
        Dmarc(r#"_dmarc IN TXT "v=DMARC1; p=reject; p=none; rua=mailto:d@acme.example""#),
        &["dmarc-syntax"],
        Lines(&[r#"_dmarc.acme.example. TXT "v=DMARC1; p=reject; rua=mailto:d@acme.example""#]),
    ),
    (
        "fo=x",
        Dmarc(r#"_dmarc IN TXT "v=DMARC1; p=reject; fo=x; rua=mailto:d@acme.example""#),
        &["dmarc-syntax"],
        Lines(&[r#"_dmarc.acme.example. TXT "v=DMARC1; p=reject; rua=mailto:d@acme.example""#]),
    ),
    (
        "psd=x",
        Dmarc(r#"_dmarc IN TXT "v=DMARC1; p=reject; psd=x; rua=mailto:d@acme.example""#),
        &["dmarc-syntax"],
        Lines(&[r#"_dmarc.acme.example. TXT "v=DMARC1; p=reject; rua=mailto:d@acme.example""#]),
    ),
    (
        "psd=y at an ordinary domain",
        Dmarc(r#"_dmarc IN TXT "v=DMARC1; p=reject; psd=y; rua=mailto:d@acme.example""#),
        &["dmarc-org-domain-disputed"],
        Lines(&[r#"_dmarc.acme.example. TXT "v=DMARC1; p=reject; rua=mailto:d@acme.example""#]),
    ),
    (
        "rua=__mailto:",
        Dmarc(r#"_dmarc IN TXT "v=DMARC1; p=reject; rua=__mailto:d@acme.example""#),
        &["dmarc-syntax", "dmarc-report-missing"],
        Lines(&[r#"_dmarc.acme.example. TXT "v=DMARC1; p=reject; rua=mailto:d@acme.example""#]),
    ),
    (
        "a size behind rua=",
        Dmarc(r#"_dmarc IN TXT "v=DMARC1; p=reject; rua=mailto:d@acme.example!10m""#),
        &["dmarc-syntax"],
        Lines(&[r#"_dmarc.acme.example. TXT "v=DMARC1; p=reject; rua=mailto:d@acme.example""#]),
    ),
    (
        "a capital V",
        Dmarc(r#"_dmarc IN TXT "V=DMARC1; p=reject; rua=mailto:d@acme.example""#),
        &["dmarc-syntax"],
        Lines(&[r#"_dmarc.acme.example. TXT "v=DMARC1; p=reject; rua=mailto:d@acme.example""#]),
    ),
    (
        "no p=",
        Dmarc(r#"_dmarc IN TXT "v=DMARC1; rua=mailto:d@acme.example""#),
        &["dmarc-syntax", "dmarc-policy-none"],
        Lines(&[r#"_dmarc.acme.example. TXT "v=DMARC1; p=none; rua=mailto:d@acme.example""#]),
    ),
    (
        "two DMARC records",
        Dmarc(
            "_dmarc IN TXT \"v=DMARC1; p=none; rua=mailto:a@acme.example\"\n\
             _dmarc IN TXT \"v=DMARC1; p=quarantine; rua=mailto:b@acme.example\"",
        ),
        &["dmarc-multiple"],
        Lines(&[
            r#"_dmarc.acme.example. TXT "v=DMARC1; p=quarantine; rua=mailto:a@acme.example,mailto:b@acme.example""#,
        ]),
    ),
    (
        "tags that DMARC no longer has",
        Dmarc(r#"_dmarc IN TXT "v=DMARC1; p=reject; pct=100; rf=afrf; ri=86400; rua=mailto:d@acme.example""#),
        &["dmarc-tag-removed"],
        Lines(&[r#"_dmarc.acme.example. TXT "v=DMARC1; p=reject; rua=mailto:d@acme.example""#]),
    ),
    (
        "a semicolon outside quotes",
        Dmarc("_dmarc IN TXT v=DMARC1; p=reject; rua=mailto:d@acme.example"),
        &["dmarc-syntax", "zone-text-cut"],
        Lines(&[r#"_dmarc.acme.example. TXT "v=DMARC1; p=reject; rua=mailto:d@acme.example""#]),
    ),
    (
        "two texts that a semicolon cuts to the same one",
        Dmarc(
            "_dmarc IN TXT v=DMARC1; p=none; rua=mailto:d@acme.example\n\
             _dmarc IN TXT v=DMARC1; p=reject; rua=mailto:d@acme.example",
        ),
        &["dmarc-syntax", "zone-text-cut"],
        Says(&["the meaning of", "p=none;", "p=reject;", "is not clear"]),
    ),
    (
        "the same two the other way round",
        Dmarc(
            "_dmarc IN TXT v=DMARC1; p=reject; rua=mailto:d@acme.example\n\
             _dmarc IN TXT v=DMARC1; p=none; rua=mailto:d@acme.example",
        ),
        &["dmarc-syntax", "zone-text-cut"],
        Says(&["the meaning of", "p=none;", "p=reject;", "is not clear"]),
    ),
    (
        "one text cut short, written twice",
        Dmarc(
            "_dmarc IN TXT v=DMARC1; p=reject; rua=mailto:d@acme.example\n\
             _dmarc IN TXT v=DMARC1; p=reject; rua=mailto:d@acme.example",
        ),
        &["dmarc-syntax", "zone-text-cut"],
        Lines(&[r#"_dmarc.acme.example. TXT "v=DMARC1; p=reject; rua=mailto:d@acme.example""#]),
    ),
    (
        "a semicolon outside quotes in an SPF record",
        Spf("@ IN TXT v=spf1; include:_s.v.example; -all"),
        &["zone-text-cut"],
        Lines(&[r#"acme.example. TXT "v=spf1 include:_s.v.example -all""#]),
    ),
    (
        "an MX host without its dot",
        Mx("@ IN MX 10 mail.acme.example"),
        &["mx-unresolvable", "zone-missing-dot"],
        Lines(&["acme.example. MX 10 mail.acme.example."]),
    ),
    (
        "one letter wrong in include:",
        Spf(
            "@ IN TXT \"v=spf1 include:_spd.acme.example -all\"\n_spf IN TXT \"v=spf1 ip4:11.22.33.44 -all\"",
        ),
        &["spf-include-broken"],
        Lines(&[r#"acme.example. TXT "v=spf1 include:_spf.acme.example -all""#]),
    ),
    (
        "a null MX beside a real one",
        Mx("@ IN MX 0 .\n@ IN MX 10 mail"),
        &["mx-null"],
        Goes(&["acme.example. MX 0 ."]),
    ),
    (
        "eleven look-ups of own hosts",
        Spf(
            "@ IN TXT \"v=spf1 a:h1.acme.example a:h2.acme.example a:h3.acme.example a:h4.acme.example a:h5.acme.example \
             a:h6.acme.example\" \" a:h7.acme.example a:h8.acme.example a:h9.acme.example a:h10.acme.example a:h11.acme.example -all\"\n\
             h1 A 11.22.33.1\nh2 A 11.22.33.3\nh3 A 11.22.33.5\nh4 A 11.22.33.7\nh5 A 11.22.33.9\nh6 A 11.22.33.11\n\
             h7 A 11.22.33.13\nh8 A 11.22.33.15\nh9 A 11.22.33.17\nh10 A 11.22.33.19\nh11 A 11.22.33.21",
        ),
        &["spf-lookup-limit"],
        Lines(&[
            "acme.example. TXT \"v=spf1 ip4:11.22.33.1 ip4:11.22.33.3 ip4:11.22.33.5 ip4:11.22.33.7 ip4:11.22.33.9 \
             ip4:11.22.33.11 ip4:11.22.33.13 ip4:11.22.33.15 ip4:11.22.33.17 ip4:11.22.33.19 ip4:11.22.33.21 -all\"",
        ]),
    ),
    (
        "TLS-RPT without its semicolon and mailto:",
        More(r#"_smtp._tls IN TXT "v=TLSRPTv1 rua=t@acme.example""#),
        &["tls-rpt-syntax"],
        Lines(&[r#"_smtp._tls.acme.example. TXT "v=TLSRPTv1; rua=mailto:t@acme.example""#]),
    ),
    (
        "an MTA-STS id with hyphens",
        More(r#"_mta-sts IN TXT "v=STSv1; id=2026-01-01;""#),
        &["mta-sts-syntax"],
        Lines(&[r#"_mta-sts.acme.example. TXT "v=STSv1; id=20260101;""#]),
    ),
    (
        "the selector is an alias of a dead name",
        More("s1._domainkey IN CNAME s1.dkim.v.example."),
        &["dkim-key-missing"],
        Says(&["is an alias (CNAME)", "ask whoever runs s1.dkim.v.example", "or delete the CNAME"]),
    ),
    (
        "_dmarc is an alias of a dead name",
        Dmarc("_dmarc IN CNAME acme.dmarc.v.example."),
        &["dmarc-missing"],
        Says(&["is an alias (CNAME)", "ask whoever runs acme.dmarc.v.example", "or delete the CNAME"]),
    ),
    (
        "the MX host is an alias of a dead name",
        Mx("@ IN MX 10 mx2\nmx2 IN CNAME gone.v.example."),
        &["mx-unresolvable", "mx-alias"],
        Says(&["is an alias (CNAME) of gone.v.example", "remove the MX record"]),
    ),
    (
        "p=none, and sp=none",
        Dmarc(r#"_dmarc IN TXT "v=DMARC1; p=none; sp=none; rua=mailto:d@acme.example""#),
        &["dmarc-policy-none"],
        Says(&["p=none to p=quarantine and sp=none to sp=quarantine"]),
    ),
    ("no MX at all", Mx(""), &["mx-missing"], Says(&["acme.example. MX 10 <the host that takes its mail>."])),
];

fn zone_of(part: &Part) -> Vec<String> {
    let (mut spf, mut dmarc, mut mx, mut more) = (SPF, DMARC, MX, "");
    match part {
        Spf(text) => spf = text,
        Dmarc(text) => dmarc = text,
        Mx(text) => mx = text,
        More(text) => more = text,
    }
    [SOUND, mx, spf, dmarc, more].iter().flat_map(|part| part.lines()).map(str::to_owned).collect()
}

fn audit(zone: &[String], args: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("acme.zone"), format!("{HEAD}{}\n", zone.join("\n"))).unwrap();
    std::fs::write(folder.path().join("v.zone"), VENDOR).unwrap();
    let always = [
        "audit",
        "acme.example",
        "--zone",
        "acme.zone",
        "--zone",
        "v.zone",
        "--offline",
        "--now",
        "2026-11-23T12:00:00Z",
        "--format",
        "json",
        "--selector",
        "s1",
    ];
    let output = mailvet_in(folder.path(), &[&always, args].concat());
    let told = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {told}"))
}

/// Code and subject to the fix, of all that is worth points.
fn found(report: &Value) -> BTreeMap<(String, String), String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of = |result: &Value| {
        let code = text(&result["code"]);
        let problems = result["problems"].as_array().cloned().unwrap_or_default();
        let counts = problems.into_iter().filter(|problem| problem["severity"] != "info");
        counts.map(|one| ((code.clone(), text(&one["subject"])), text(&one["fix"]))).collect::<Vec<_>>()
    };
    report["results"].as_array().unwrap().iter().flat_map(of).collect()
}

/// The records of zone lines, by owner.
fn records(lines: &str) -> BTreeSet<(Name, String)> {
    let parsed = parse("lines", format!("{HEAD}{lines}\n").as_bytes(), None, &mut NoFiles);
    let shown = |rdata: &Rdata| format!("{rdata:?}");
    parsed.zone.records().iter().map(|record| (record.owner.clone(), shown(&record.rdata))).collect()
}

fn lines_of<'v>(remedy: &'v Value, fields: &[&str]) -> Vec<&'v str> {
    let of = |field: &&str| remedy[*field].as_array().map(Vec::as_slice).unwrap_or_default();
    fields.iter().flat_map(of).filter_map(Value::as_str).collect()
}

/// The zone with what the remedies replace and delete gone, and their lines in it.
fn published(zone: &[String], remedies: &[Value]) -> Vec<String> {
    let mut zone = zone.to_vec();
    for remedy in remedies.iter().filter(|remedy| remedy["kind"] == "record") {
        let going = lines_of(remedy, &["replaces", "deletes"]);
        assert_eq!(going.iter().collect::<BTreeSet<_>>().len(), going.len(), "named twice: {remedy}");
        for old in going {
            let old = records(old);
            assert_eq!(old.len(), 1, "{remedy}");
            let before = zone.len();
            zone.retain(|line| records(line) != old);
            assert!(zone.len() < before, "what goes stands there: {remedy}");
        }
        zone.extend(lines_of(&remedy["record"], &["lines"]).into_iter().map(str::to_owned));
    }
    zone
}

fn wrong(row: &(&str, Part, &[&str], Offer)) -> Vec<String> {
    let (name, part, codes, offer) = row;
    let mut wrong = Vec::new();
    let zone = zone_of(part);
    let report = audit(&zone, &[]);
    let before = found(&report);
    for code in *codes {
        if !before.keys().any(|(found, _)| found == code) {
            wrong.push(format!("{name}: {code} is not found among {:?}", before.keys()));
        }
    }
    let remedies = report["remedies"].as_array().unwrap();
    let of_records: Vec<&Value> = remedies.iter().filter(|remedy| remedy["kind"] == "record").collect();
    let lines: Vec<&str> =
        of_records.iter().flat_map(|remedy| lines_of(&remedy["record"], &["lines"])).collect();
    let goes: Vec<&str> = of_records.iter().flat_map(|remedy| lines_of(remedy, &["deletes"])).collect();
    match offer {
        Lines(wanted) if lines == *wanted => {}
        Goes(wanted) if goes == *wanted && lines.is_empty() => {}
        Says(wanted) if lines.is_empty() && goes.is_empty() => {
            let fixes: Vec<&String> = before
                .iter()
                .filter(|((code, _), _)| codes.contains(&code.as_str()))
                .map(|(_, fix)| fix)
                .collect();
            if !fixes.iter().any(|fix| wanted.iter().all(|words| fix.contains(words))) {
                wrong.push(format!("{name}: the fixes say {fixes:?}"));
            }
            return wrong;
        }
        _ => wrong.push(format!("{name}: offered are {lines:?} for {goes:?}")),
    }
    let zone = published(&zone, remedies);
    let report = audit(&zone, &[]);
    let after = found(&report);
    // A policy that stays none is a decision of its owner, no slip of the record.
    let left = |code: &str| codes.contains(&code) && code != "dmarc-policy-none";
    for (code, subject) in after.keys() {
        if left(code) || !before.contains_key(&(code.clone(), subject.clone())) {
            wrong.push(format!("{name}: afterwards {code} at {subject}"));
        }
    }
    if report["remedies"].as_array().unwrap().iter().any(|remedy| remedy["kind"] == "record") {
        wrong.push(format!("{name}: a second round offers {}", report["remedies"]));
    }
    wrong
}

#[test]
fn a_slip_is_mended_by_what_is_printed() {
    let mut all = Vec::new();
    // The machine's cores share the rows.
    std::thread::scope(|scope| {
        let share = |at: usize| ROWS.iter().skip(at).step_by(2).flat_map(wrong).collect::<Vec<String>>();
        let other = scope.spawn(move || share(1));
        all.extend(share(0));
        all.extend(other.join().unwrap());
    });
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// No record is ever offered of a private name or address.
#[test]
fn nothing_private_is_published() {
    for (ip, helo) in [("10.1.1.5", "as400.local"), ("192.168.7.9", "as400"), ("fd00::5", "as400.lan")] {
        let zone = zone_of(&More(""));
        let report = audit(&zone, &["--ip", ip, "--helo", helo]);
        let before = found(&report);
        assert!(before.keys().any(|(code, _)| code == "ip-not-public"), "{ip}: {before:?}");
        for remedy in report["remedies"].as_array().unwrap() {
            assert!(remedy["record"].is_null(), "{ip} {helo}: {remedy}");
        }
        let of_spf: Vec<&String> = before
            .iter()
            .filter(|((code, _), _)| code == "spf-ip-unauthorised")
            .map(|(_, fix)| fix)
            .collect();
        assert!(!of_spf.is_empty(), "{ip}: {before:?}");
        assert!(
            of_spf.iter().all(|fix| fix.ends_with(": give the address that receivers see")),
            "{of_spf:?}"
        );
    }
}

/// The demo asks for a new selector where the old one's key is weak, and for the same one everywhere.
#[test]
fn the_fixes_of_the_demo_agree() {
    let output = mailvet(&["audit", "--demo", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut selectors = BTreeSet::new();
    for ((code, _), fix) in found(&report) {
        let mut words = fix.split_whitespace();
        while let Some(word) = words.next() {
            if word == "--selector" {
                let selector = words.next().unwrap_or_default().trim_end_matches(['.', ',', ';']);
                selectors.insert((selector.to_owned(), code.clone()));
            }
        }
    }
    assert!(!selectors.is_empty());
    let names: BTreeSet<&String> = selectors.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 1, "{selectors:?}");
    assert!(!names.contains(&"s1".to_owned()), "{selectors:?}");
}
