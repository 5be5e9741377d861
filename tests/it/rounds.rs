//! The demand loop asks in as many rounds as its longest chain of dependent
//! questions, never one more: shown on recorded answers, without a network.

use std::collections::BTreeMap;

use mailvet::evidence::Evidence;
use mailvet::facts::{Facts, Prepared};
use mailvet::model::{
    Absence, Answer, Name, Observation, Question, Rdata, Record, RecordType, Scope, Target,
};

/// Answers a round at a time from `world`; what it lacks does not exist.
/// Gives the questions of each round.
fn rounds(target: Target, world: &BTreeMap<Question, Answer>) -> Vec<Vec<Question>> {
    rounds_within(target, &Scope::everything(), world)
}

/// The same for the topics of a scope.
fn rounds_within(target: Target, scope: &Scope, world: &BTreeMap<Question, Answer>) -> Vec<Vec<Question>> {
    let mut evidence = Evidence { target, taken_at: 1_795_435_200, ..Evidence::default() };
    let prepared = Prepared::new(&evidence);
    let mut rounds = Vec::new();
    loop {
        let wanted: Vec<Question> = Facts::build(&evidence, scope, &prepared).wanted().into_iter().collect();
        if wanted.is_empty() {
            return rounds;
        }
        assert!(rounds.len() < 30, "the loop does not end: {wanted:?}");
        for question in &wanted {
            if !matches!(question, Question::Dns { .. }) {
                let none = Observation::NotAttempted("not in this world".to_owned());
                evidence.transcripts.insert(question.clone(), none);
                continue;
            }
            let none = || Answer::given(Observation::Absent(Absence::Nxdomain));
            let answer = world.get(question).cloned().unwrap_or_else(none);
            evidence.answers.insert(question.clone(), answer);
        }
        rounds.push(wanted);
    }
}

fn world(records: &[(&str, &str)]) -> BTreeMap<Question, Answer> {
    let mut world: BTreeMap<Question, Vec<Record>> = BTreeMap::new();
    for (question, text) in records {
        let question: Question = question.parse().unwrap();
        let Question::Dns { rtype, .. } = question else { unreachable!() };
        let record = Record::new(Rdata::from_text(rtype, text).unwrap());
        world.entry(question).or_default().push(record);
    }
    world
        .into_iter()
        .map(|(question, records)| (question, Answer::given(Observation::Seen(records))))
        .collect()
}

fn target() -> Target {
    Target {
        domain: Some(Name::parse("example.com").unwrap()),
        ips: vec!["192.0.2.25".parse().unwrap()],
        helo: Some("mail.example.com".to_owned()),
        selectors: vec!["s1".to_owned()],
        bimi_selector: None,
        ..Target::default()
    }
}

#[test]
fn rounds_equal_the_longest_dependent_chain() {
    // Chain of four: the record, its include, the include's include, and the third.
    // PTR and its address, MX and its address, report authorisation take two.
    let deep = world(&[
        ("example.com TXT", "v=spf1 include:a.example -all"),
        ("a.example TXT", "v=spf1 include:b.example ~all"),
        ("b.example TXT", "v=spf1 include:c.example ~all"),
        ("c.example TXT", "v=spf1 ip4:192.0.2.25 ~all"),
        ("example.com MX", "10 mx.example.com"),
        ("mx.example.com A", "192.0.2.1"),
        ("_dmarc.example.com TXT", "v=DMARC1; p=reject; rua=mailto:r@example.net"),
        ("25.2.0.192.in-addr.arpa PTR", "mail.example.com"),
        ("mail.example.com A", "192.0.2.25"),
    ]);
    let found = rounds(target(), &deep);
    assert_eq!(found.len(), 4, "{found:#?}");
    let first = &found[0];
    for question in ["example.com TXT", "example.com MX", "25.2.0.192.in-addr.arpa PTR", "mail.example.com A"]
    {
        assert!(first.contains(&question.parse().unwrap()), "{question} waits needlessly: {first:#?}");
    }
}

#[test]
fn spf_of_three_nested_includes_takes_four_rounds() {
    let nested = world(&[
        ("example.com TXT", "v=spf1 include:a.example a mx include:z.example -all"),
        ("a.example TXT", "v=spf1 include:b.example ~all"),
        ("b.example TXT", "v=spf1 include:c.example ~all"),
        ("c.example TXT", "v=spf1 ip4:192.0.2.25 ~all"),
        ("z.example TXT", "v=spf1 ip4:198.51.100.0/24 ~all"),
        ("example.com A", "192.0.2.1"),
        ("example.com MX", "10 mx.example.com"),
        ("mx.example.com A", "192.0.2.2"),
    ]);
    let scope = Scope { topics: [mailvet::model::Topic::Spf].into(), ..Scope::everything() };
    // As `mailvet spf example.com` asks, without an address, and with one.
    for ips in [Vec::new(), target().ips] {
        let target = Target { domain: target().domain, ips, ..Target::default() };
        let found = rounds_within(target, &scope, &nested);
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(found[1].contains(&"z.example TXT".parse().unwrap()), "siblings travel together: {found:#?}");
        assert!(found[3].contains(&"c.example TXT".parse().unwrap()), "{found:#?}");
    }
}

#[test]
fn rounds_of_an_empty_world_do_not_grow() {
    // Nothing exists: no answer can lead to another question but the tree walk's.
    let found = rounds(target(), &BTreeMap::new());
    assert!(found.len() <= 2, "{found:#?}");
}

#[test]
fn no_question_is_asked_twice_or_for_nothing() {
    let found = rounds(target(), &BTreeMap::new());
    let all: Vec<&Question> = found.iter().flatten().collect();
    let distinct: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(all.len(), distinct.len());
    let types = all.iter().filter(|q| matches!(q, Question::Dns { rtype: RecordType::Mx, .. })).count();
    assert!(types >= 1, "the MX record is asked for");
}

/// A record tree of ten includes a record, and of many hosts: what is asked beyond
/// a receiver's ten look-ups is bounded, and for strangers nothing is.
#[test]
fn an_spf_bomb_is_not_followed() {
    let mut bomb = BTreeMap::new();
    let mut put = |name: String, rtype: RecordType, texts: Vec<String>| {
        let record = |text: &String| Record::new(Rdata::from_text(rtype, text).unwrap());
        let answer = Answer::given(Observation::Seen(texts.iter().map(record).collect()));
        bomb.insert(Question::Dns { name: Name::lenient(&name), rtype }, answer);
    };
    let includes = |at: &str| (0..10).map(|n| format!("include:{n}.{at}")).collect::<Vec<_>>().join(" ");
    let mut level = vec!["example.com".to_owned()];
    for depth in 0..4 {
        for at in std::mem::take(&mut level) {
            let own = if depth == 0 { "a:h0.example mx:m.example " } else { "mx:m.example " };
            put(at.clone(), RecordType::Txt, vec![format!("v=spf1 {own}{} -all", includes(&at))]);
            level.extend((0..10).map(|n| format!("{n}.{at}")).take(if depth < 2 { 10 } else { 1 }));
        }
    }
    put("m.example".to_owned(), RecordType::Mx, (0..10).map(|n| format!("10 h{n}.example")).collect());
    for n in 0..10 {
        put(format!("h{n}.example"), RecordType::A, vec![format!("198.51.100.{n}")]);
    }
    let asked = |as_receiver| {
        let topics = [mailvet::model::Topic::Spf].into();
        let scope = Scope { topics, as_receiver, ..Scope::everything() };
        let target = Target { domain: target().domain, ips: target().ips, ..Target::default() };
        rounds_within(target, &scope, &bomb).concat().len()
    };
    // The record and its old type, ten look-ups, one of them an `mx` of ten hosts and one
    // an `a`; and what travels with them before it is known how deep the first ones lead.
    let receiver = asked(true);
    assert!(receiver <= (2 + 10 + 20 + 2) + 3 * 10, "{receiver}");
    let audit = asked(false);
    assert!(audit > receiver && audit <= receiver + 2 * 100, "{receiver} {audit}");
}

/// Absence in a given zone is knowledge, though the registry above was not asked.
#[test]
fn a_record_missing_from_its_own_zone_is_missing() {
    for (source, outcome) in [
        (mailvet::model::Source::ZoneFile("z".to_owned()), "fail"),
        (mailvet::model::Source::Resolver("r".to_owned()), "unknown"),
    ] {
        let mut evidence = Evidence { target: target(), taken_at: 1_795_435_200, ..Evidence::default() };
        let absent = Answer { source, ..Answer::given(Observation::Absent(Absence::Nxdomain)) };
        evidence.answers.insert("_dmarc.example.com TXT".parse().unwrap(), absent);
        let offline = Answer::given(Observation::NotAttempted("the run is offline".to_owned()));
        evidence.answers.insert("_dmarc.com TXT".parse().unwrap(), offline);
        let scope = Scope { topics: [mailvet::model::Topic::Dmarc].into(), ..Scope::everything() };
        let prepared = Prepared::new(&evidence);
        let facts = Facts::build(&evidence, &scope, &prepared);
        let results = mailvet::judge::judge(&facts, &mailvet::policy::Policy::default());
        let found = results.iter().find(|result| result.check.code == "dmarc-missing").unwrap();
        assert_eq!(found.outcome_name(), outcome);
    }
}
