//! SPF from memory: the bound is 50 µs for a record with ten look-ups.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a bench fails by panicking"
)]

use std::collections::BTreeMap;
use std::hint::black_box;

use mailvet::facts::Ledger;
use mailvet::facts::spf::{Limits, SpfInput, SpfResult, evaluate};
use mailvet::model::{Answer, Observation, Question, Rdata, Record};
use mailvet::parse::spf::SpfRecord;

fn main() {
    divan::main();
}

/// Ten look-ups: three nested includes and hosts, the sender named by the last.
const ZONE: [(&str, &str); 12] = [
    (
        "example.com TXT",
        "v=spf1 ip4:192.0.2.0/24 a mx include:_spf.mail.example include:_spf.crm.example -all",
    ),
    ("_spf.mail.example TXT", "v=spf1 include:_a.mail.example include:_b.mail.example ~all"),
    ("_a.mail.example TXT", "v=spf1 ip4:198.51.100.0/25 ip4:198.51.100.128/26 ip6:2001:db8:1::/48 ~all"),
    ("_b.mail.example TXT", "v=spf1 ip4:203.0.113.0/27 ip4:203.0.113.64/27 ip6:2001:db8:2::/48 ~all"),
    (
        "_spf.crm.example TXT",
        "v=spf1 include:_c.crm.example a:out.crm.example exists:%{ir}.l.crm.example redirect=_d.crm.example",
    ),
    ("_c.crm.example TXT", "v=spf1 ip4:192.0.2.128/25 ip6:2001:db8:3::/48 ~all"),
    ("_d.crm.example TXT", "v=spf1 ip4:203.0.113.200 -all"),
    ("example.com A", "192.0.2.1"),
    ("example.com MX", "10 mx.example.com"),
    ("mx.example.com A", "192.0.2.2"),
    ("out.crm.example A", "198.51.100.250"),
    ("out.crm.example AAAA", "2001:db8:4::1"),
];

fn answers() -> BTreeMap<Question, Answer> {
    let mut answers: BTreeMap<Question, Answer> = BTreeMap::new();
    for (question, text) in ZONE {
        let question: Question = question.parse().unwrap();
        let Question::Dns { rtype, .. } = question else { unreachable!() };
        let record = Record::new(Rdata::from_text(rtype, text).unwrap());
        answers.insert(question, Answer::given(Observation::Seen(vec![record])));
    }
    for question in ["example.com AAAA", "mx.example.com AAAA", "200.113.0.203.l.crm.example A"] {
        let absent = Observation::Absent(mailvet::model::Absence::NoData);
        answers.insert(question.parse().unwrap(), Answer::given(absent));
    }
    answers
}

#[divan::bench]
fn ten_lookups(bencher: divan::Bencher) {
    let (answers, transcripts) = (answers(), BTreeMap::new());
    let ip = "203.0.113.200".parse().unwrap();
    let input = SpfInput::mail_from(Some(ip), "a@example.com", "mx.example.com", 0);
    let ledger = Ledger::new(&answers, &transcripts);
    let evaluation = evaluate(&ledger, &input, Limits::RFC);
    assert_eq!(evaluation.cost().lookups, 10);
    assert_eq!(evaluation.verdict.result, Ok(SpfResult::Pass));
    assert!(ledger.wanted().is_empty());
    bencher.bench_local(|| {
        let ledger = Ledger::new(black_box(&answers), &transcripts);
        evaluate(&ledger, &input, Limits::RFC)
    });
}

#[divan::bench]
fn parse_a_record() -> SpfRecord {
    SpfRecord::parse(black_box(ZONE[0].1.as_bytes()))
}
