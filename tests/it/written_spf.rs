//! SPF records written otherwise: no address gets another result for it, nobody's term moves past one of
//! another qualifier, and what was meant is what stands there.

use std::collections::BTreeMap;
use std::net::IpAddr;

use mailvet::facts::Ledger;
use mailvet::facts::spf::{Limits, SpfInput, evaluate, plans};
use mailvet::model::{Absence, Answer, Name, Observation, Question, Rdata, Record, RecordType};
use serde_json::Value;

use crate::cli::mailvet_in;

type Answers = BTreeMap<Question, Answer>;

fn txt(answers: &mut Answers, name: &str, text: &str) {
    let record = Record::new(Rdata::Txt(text.as_bytes().chunks(255).map(<[u8]>::to_vec).collect()));
    let question = Question::Dns { name: Name::lenient(name), rtype: RecordType::Txt };
    answers.insert(question, Answer::given(Observation::Seen(vec![record])));
}

/// Four services of three look-ups each; `11.1.N.0/24` to `11.3.N.0/24` are theirs.
fn services() -> Answers {
    let mut answers = Answers::new();
    for n in 1..=4 {
        txt(
            &mut answers,
            &format!("s{n}.example"),
            &format!("v=spf1 include:a{n}.example include:b{n}.example ip4:11.1.{n}.0/24 ~all"),
        );
        txt(
            &mut answers,
            &format!("a{n}.example"),
            &format!("v=spf1 -ip4:11.2.{n}.7 ip4:11.2.{n}.0/24 ~all"),
        );
        txt(&mut answers, &format!("b{n}.example"), &format!("v=spf1 ip4:11.3.{n}.0/24 -all"));
    }
    answers
}

/// Everything that is missing does not exist.
fn complete(mut answers: Answers, record: &str) -> Answers {
    txt(&mut answers, "example.com", record);
    let none = BTreeMap::new();
    loop {
        let ledger = Ledger::new(&answers, &none);
        evaluate(&ledger, &SpfInput::policy(&Name::lenient("example.com"), 0), WIDE);
        let wanted = ledger.wanted();
        if wanted.is_empty() {
            return answers;
        }
        answers
            .extend(wanted.into_iter().map(|q| (q, Answer::given(Observation::Absent(Absence::Nxdomain)))));
    }
}

const WIDE: Limits = Limits { lookups: 1000, voids: 1000, names: 1000 };

/// Both ends of every range in the tree, and their neighbours.
fn probes() -> Vec<IpAddr> {
    let mut all = vec!["11.9.9.9".to_owned(), "11.2.1.7".to_owned()];
    for n in 1..=4 {
        for net in 1..=3 {
            for last in [0, 1, 6, 7, 8, 128, 255] {
                all.push(format!("11.{net}.{n}.{last}"));
            }
            all.push(format!("11.{net}.{}.255", n - 1));
        }
    }
    all.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn a_split_keeps_every_result_and_every_order() {
    // Terms of other qualifiers before, between and behind the services.
    let others =
        ["-ip4:11.1.2.128/25", "~include:s3.example", "?ip4:11.3.1.0/28", "ip4:11.2.1.7", "-ip4:11.2.4.0/24"];
    let mut records = Vec::new();
    for (index, other) in others.iter().enumerate() {
        for at in 0..=4 {
            for end in ["-all", "~all", "?all"] {
                let mut terms: Vec<String> = (1..=4).map(|n| format!("include:s{n}.example")).collect();
                terms.insert(at, (*other).to_owned());
                terms.insert((at + index) % 5, others[(index + 1) % others.len()].to_owned());
                records.push(format!("v=spf1 {} {end}", terms.join(" ")));
            }
        }
    }
    let domain = Name::lenient("example.com");
    let (none, mut shown) = (BTreeMap::new(), 0);
    for record in &records {
        let answers = complete(services(), record);
        let ledger = Ledger::new(&answers, &none);
        let policy = evaluate(&ledger, &SpfInput::policy(&domain, 0), Limits::RFC);
        assert!(policy.cost().lookups > 10, "{record}");
        for plan in plans(&ledger, &policy) {
            shown += 1;
            assert!(plan.proof.contains("no term moves past one of another qualifier"), "{}", plan.proof);
            for ip in probes() {
                let result = |limits, given: bool, at: &Name| {
                    let mut input = SpfInput::policy(at, 0);
                    input.ip = Some(ip);
                    for (name, text) in plan.records.iter().filter(|_| given) {
                        input.given.insert(name.clone(), text.clone().into_bytes());
                    }
                    evaluate(&ledger, &input, limits).verdict.result.unwrap().name()
                };
                let (before, after) = (result(WIDE, false, &domain), result(Limits::RFC, true, &domain));
                // What moves to a name of its own passes there, and nothing else passes anywhere.
                let names = plan
                    .records
                    .iter()
                    .map(|(name, _)| name)
                    .filter(|name| name.as_str().starts_with("mail"));
                let passes_elsewhere = names.clone().any(|name| result(Limits::RFC, true, name) == "pass");
                let same = before == after || before == "pass" && passes_elsewhere;
                assert!(
                    same && (before == "pass" || !passes_elsewhere),
                    "{record}\n{:?}\n{ip}: {before}, then {after}",
                    plan.records
                );
            }
        }
    }
    assert!(shown > records.len() / 2, "{shown} plans for {} records", records.len());
}

/// The record of the fix for a zone, and the codes it settles.
fn fixed(spf_lines: &str) -> (Option<String>, Value) {
    let zone = format!(
        "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 1 1 1 1\n@ NS ns.example.net.\n@ MX 10 mail\nmail A 11.22.33.44\n\
         _a TXT \"v=spf1 ip4:11.22.33.1 -all\"\n_b TXT \"v=spf1 ip4:11.22.33.2 -all\"\n_x TXT \"v=spf1 gibberish -all\"\n\
         h1 A 11.22.33.3\nh2 A 11.22.33.4\nm MX 10 h1\nm2 MX 10 h2\n{spf_lines}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("z.zone"), zone).unwrap();
    let args = ["spf", "example.com", "--zone", "z.zone", "--offline", "--format", "json"];
    let output = mailvet_in(folder.path(), &args);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let remedies = report["remedies"].as_array().cloned().unwrap_or_default();
    let record = remedies.iter().find(|one| one["kind"] == "record").cloned();
    let value = record.as_ref().and_then(|one| one["record"]["values"][0].as_str().map(str::to_owned));
    (value, report)
}

#[test]
fn terms_are_written_as_they_were_meant() {
    let cases: &[(&str, Option<&str>)] = &[
        // A comma or semicolon between hosts.
        (
            "@ TXT \"v=spf1 include:_a.example.com,_b.example.com -all\"",
            Some("v=spf1 include:_a.example.com include:_b.example.com -all"),
        ),
        (
            "@ TXT \"v=spf1 a:h1.example.com,h2.example.com -all\"",
            Some("v=spf1 a:h1.example.com a:h2.example.com -all"),
        ),
        (
            "@ TXT \"v=spf1 ip4:11.22.33.9 mx:m.example.com,m2.example.com ~all\"",
            Some("v=spf1 ip4:11.22.33.9 mx:m.example.com mx:m2.example.com ~all"),
        ),
        (
            "@ TXT \"v=spf1 ?include:_a.example.com,_b.example.com mx -all\"",
            Some("v=spf1 ?include:_a.example.com ?include:_b.example.com mx -all"),
        ),
        // One of them is nothing: nobody can tell what was meant.
        ("@ TXT \"v=spf1 include:_a.example.com,_gone.example.com mx -all\"", None),
        ("@ TXT \"v=spf1 include:_a.example.com,_x.example.com mx -all\"", None),
        ("@ TXT \"v=spf1 a:h1.example.com,_a.example.com mx -all\"", None),
        // The record of a service in the place of a host.
        ("@ TXT \"v=spf1 mx a:_a.example.com -all\"", Some("v=spf1 mx include:_a.example.com -all")),
        ("@ TXT \"v=spf1 mx mx:_a.example.com -all\"", Some("v=spf1 mx include:_a.example.com -all")),
        ("@ TXT \"v=spf1 mx -a:_a.example.com -all\"", Some("v=spf1 mx -all")),
        // A semicolon that the zone file takes for a comment.
        (
            "@ TXT v=spf1 include:_a.example.com; ip4:11.22.33.9 -all",
            Some("v=spf1 include:_a.example.com ip4:11.22.33.9 -all"),
        ),
        ("@ TXT v=spf1 mx; include:_b.example.com; -all", Some("v=spf1 mx include:_b.example.com -all")),
        ("@ TXT v=spf1;mx -all", Some("v=spf1 mx -all")),
        ("@ TXT v=spf1 mx -all;our own server", None),
    ];
    let mut wrong = Vec::new();
    for (line, wanted) in cases {
        let (record, report) = fixed(line);
        let shown = record.as_deref().map(|text| text.replace('"', ""));
        if shown.as_deref() != *wanted {
            wrong.push(format!("{line}: {shown:?} in the place of {wanted:?}; {}", report["results"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn records_put_together_keep_their_order() {
    let lines = "@ TXT \"v=spf1 -a:h1.example.com mx -all\"\n@ TXT \"v=spf1 ip4:11.22.33.0/24 -all\"";
    let (record, report) = fixed(lines);
    let record = record.unwrap_or_else(|| panic!("{}", report["results"])).replace('"', "");
    assert_eq!(record, "v=spf1 -a:h1.example.com mx ip4:11.22.33.0/24 -all");
}

#[test]
fn a_host_in_the_place_of_a_record_is_named_as_one() {
    let cases = [
        ("@ TXT \"v=spf1 mx include:h1.example.com -all\"", Some("v=spf1 mx a:h1.example.com -all")),
        // One letter from a record that is there: that was meant.
        (
            "@ TXT \"v=spf1 mx include:_spd.example.com -all\"\n_spf TXT \"v=spf1 ip4:11.22.33.7 -all\"",
            Some("v=spf1 mx include:_spf.example.com -all"),
        ),
        ("@ TXT \"v=spf1 mx include:gone.example.com -all\"", Some("v=spf1 mx -all")),
    ];
    for (line, wanted) in cases {
        let (record, report) = fixed(line);
        assert_eq!(
            record.map(|text| text.replace('"', "")).as_deref(),
            wanted,
            "{line}: {}",
            report["remedies"]
        );
    }
}

#[test]
fn a_name_that_takes_and_sends_nothing_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let head = "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 1 1 1 1\n@ NS ns.example.net.\n";
    let cases = [
        ("@ MX 0 .\n_dmarc TXT \"v=DMARC1; p=reject\"\n", "example.com. TXT \"v=spf1 -all\"", true),
        (
            "@ MX 0 .\n@ TXT \"v=spf1 -all\"\n_dmarc TXT \"v=DMARC1; p=reject; sp=none\"\n",
            "_dmarc.example.com. TXT \"v=DMARC1; p=reject; sp=reject; np=reject\"",
            false,
        ),
    ];
    for (lines, wanted, safe) in cases {
        std::fs::write(folder.path().join("z.zone"), format!("{head}{lines}")).unwrap();
        let args = ["audit", "example.com", "--zone", "z.zone", "--offline", "--format", "json"];
        let output = mailvet_in(folder.path(), &args);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let remedies = report["remedies"].as_array().unwrap();
        let found = remedies.iter().find(|one| one["record"]["lines"][0] == wanted);
        assert_eq!(found.map(|one| one["safe"] == true), Some(safe), "{wanted}: {remedies:?}");
    }
}
