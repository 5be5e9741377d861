//! DMARC records, alignment and verdicts of other projects' suites, and the
//! public suffix list's own tests.

use mailvet::evidence::Evidence;
use mailvet::facts::dkim::result::SignatureResult;
use mailvet::facts::dmarc::alignment::aligned_by_list;
use mailvet::facts::dmarc::verdict::{DkimOutcome, DmarcResult, Results, SpfOutcome};
use mailvet::facts::{Facts, Prepared};
use mailvet::model::{
    Absence, Answer, Name, Observation, Question, Rdata, Record, RecordType, Scope, Target, Topic,
};
use mailvet::parse::dmarc::{DmarcRecord, Mode, nearest};
use mailvet::parse::message::Addresses;
use mailvet::parse::web::psl;
use serde::Deserialize;

use super::record;
use crate::cases;

#[derive(Deserialize)]
struct Kumo {
    cases: Vec<KumoCase>,
}

#[derive(Deserialize)]
struct KumoCase {
    name: String,
    txt: Vec<(String, String)>,
    input: KumoInput,
    expect: String,
}

#[derive(Deserialize)]
struct KumoInput {
    from_domain: String,
    mail_from_domain: String,
    dkim_domains: Vec<String>,
}

#[test]
fn dmarc_kumomta() {
    let Some(folder) = cases("dmarc-kumomta") else { return };
    let suite: Kumo =
        serde_json::from_str(&std::fs::read_to_string(folder.join("cases.json")).unwrap()).unwrap();
    let total = suite.cases.len();
    let (mut wrong, mut disputed) = (Vec::new(), 0);
    for case in &suite.cases {
        let name = |text: &String| Name::lenient(text);
        let target = Target { domain: Some(name(&case.input.from_domain)), ..Target::default() };
        let mut evidence = Evidence { target, ..Evidence::default() };
        let results = Results {
            spf: Some(SpfOutcome { result: "pass".to_owned(), domain: name(&case.input.mail_from_domain) }),
            dkim: case
                .input
                .dkim_domains
                .iter()
                .map(|domain| DkimOutcome {
                    result: SignatureResult::Pass,
                    domain: name(domain),
                    testing: false,
                })
                .collect(),
        };
        // The suite's SPF context: DKIM cases carry a MAIL FROM that did not pass.
        let results = match case.name.contains("spf") && !case.name.contains("dkim") {
            true => results,
            false => Results { spf: None, ..results },
        };
        let identities = results.dkim.iter().map(|one| one.domain.clone());
        let identities = identities.chain(results.spf.iter().map(|one| one.domain.clone())).collect();
        let scope = Scope { topics: [Topic::Dmarc].into(), identities, ..Scope::everything() };
        let prepared = Prepared::new(&evidence);
        let verdict = loop {
            let facts = Facts::build(&evidence, &scope, &prepared);
            let wanted = facts.wanted();
            if wanted.is_empty() {
                break facts.dmarc_verdict(&results).unwrap();
            }
            for question in wanted {
                let Question::Dns { name, rtype } = &question else { panic!("{question}") };
                let record =
                    case.txt.iter().find(|(at, _)| *rtype == RecordType::Txt && Name::lenient(at) == *name);
                let observation = match record {
                    Some((_, text)) => {
                        Observation::Seen(vec![Record::new(Rdata::Txt(vec![text.as_bytes().to_vec()]))])
                    }
                    None => Observation::Absent(Absence::NoData),
                };
                evidence.answers.insert(question, Answer::given(observation));
            }
        };
        disputed += usize::from(verdict.by_walk != verdict.by_list);
        let found = match verdict.result {
            DmarcResult::Pass => "pass".to_owned(),
            _ => verdict.disposition.name().to_owned(),
        };
        if !found.eq_ignore_ascii_case(&case.expect) {
            wrong.push(format!("{}: expected {}, got {verdict:?}", case.name, case.expect));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let note = format!(
        "verdicts; in {disputed} receivers of RFC 9989 to the letter differ, and the verdict says so"
    );
    record("dmarc-kumomta", total - wrong.len(), total, total, &note);
}

#[derive(Deserialize)]
struct ParseCase {
    record: String,
    expect: String,
}

#[derive(Deserialize)]
struct AlignmentCase {
    a: String,
    b: String,
    mode: String,
    aligned: bool,
}

#[derive(Deserialize)]
struct FromCase {
    raw: String,
    domain: String,
}

#[test]
fn dmarc_opendmarc() {
    let Some(folder) = cases("dmarc-opendmarc") else { return };
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    let (mut total, mut wrong) = (0, Vec::new());
    let records: Vec<ParseCase> = serde_json::from_str(&read("record-parse.json")).unwrap();
    for case in &records {
        total += 1;
        let found = reading(&case.record);
        if found != case.expect {
            wrong.push(format!("{:?}: expected {}, got {found}", case.record, case.expect));
        }
    }
    let alignments: Vec<AlignmentCase> = serde_json::from_str(&read("alignment.json")).unwrap();
    for case in &alignments {
        total += 1;
        let mode = if case.mode == "strict" { Mode::Strict } else { Mode::Relaxed };
        let name = |text: &str| Name::lenient(text.trim_matches('.'));
        if aligned_by_list(&name(&case.a), &name(&case.b), mode) != case.aligned {
            wrong.push(format!("{} with {} ({}): expected {}", case.a, case.b, case.mode, case.aligned));
        }
    }
    let froms: Vec<FromCase> = serde_json::from_str(&read("from-domain.json")).unwrap();
    for case in &froms {
        total += 1;
        let found = Addresses::read_text(&case.raw).domains();
        if found.first().map(Name::as_str) != Some(case.domain.as_str()) {
            wrong.push(format!("{:?}: expected {}, got {found:?}", case.raw, case.domain));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let note = "records, alignment by the public suffix list, From domains; p=n is read as the abbreviation \
                OpenDMARC expands, and reported as a fault; wrong rua and ruf addresses are warnings";
    record("dmarc-opendmarc", total - wrong.len(), total, total, note);
}

/// Our reading of a record in OpenDMARC's words.
fn reading(text: &str) -> &'static str {
    if text.is_empty() {
        return "DMARC_PARSE_ERROR_EMPTY";
    }
    let Some(record) = DmarcRecord::parse(text) else { return "DMARC_PARSE_ERROR_BAD_VERSION" };
    let Some(p) = record.list.get("p") else { return "DMARC_PARSE_ERROR_NO_REQUIRED_P" };
    // OpenDMARC takes the first letter for the word; we say what was meant and call it a fault.
    let abbreviated = |at: usize| {
        p.value_span.contains(&at)
            && nearest(&p.value).is_some_and(|policy| policy.name().starts_with(&p.value))
    };
    let report =
        |at: usize| ["rua", "ruf"].iter().filter_map(|n| record.list.get(n)).any(|t| t.span.contains(&at));
    let faults = record.faults.iter().filter(|f| !report(f.span.start) && !abbreviated(f.span.start));
    if faults.count() == 0 { "DMARC_PARSE_OKAY" } else { "DMARC_PARSE_ERROR_BAD_VALUE" }
}

#[test]
fn public_suffix_list() {
    let Some(folder) = cases("psl") else { return };
    let (mut total, mut wrong) = (0, Vec::new());
    for line in std::fs::read_to_string(folder.join("test_psl.txt")).unwrap().lines() {
        let Some(rest) = line.trim().strip_prefix("checkPublicSuffix(") else { continue };
        total += 1;
        let (input, expected) = rest.trim_end_matches(");").split_once(", ").unwrap();
        let text =
            |quoted: &str| quoted.strip_prefix('\'').map(|rest| rest.trim_end_matches('\'').to_owned());
        // The list speaks of names, so names are given to it: A-labels, lower case.
        let name = |text: &str| Name::parse(text).ok();
        let found = text(input).as_deref().and_then(name).and_then(|name| psl::registrable(&name));
        let expected = text(expected).as_deref().and_then(name);
        if found != expected {
            wrong.push(format!("{line}: got {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let note = "registrable domains by the list compiled in; the suite's other 4 of its 82 lines are commented out \
                by its makers (local is in no list any more)";
    record("psl", total - wrong.len(), total, total, note);
}
