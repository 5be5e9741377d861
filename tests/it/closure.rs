//! Remedies close what they say they close: published, the findings they settle are
//! gone, nothing that passed fails, nobody loses the right to send, no policy is
//! weaker, no address is invented, and asked again there is nothing more to publish.

use std::collections::{BTreeMap, BTreeSet};

use mailvet::evidence::Evidence;
use mailvet::facts::spf::{Authorised, Limits, SpfInput, evaluate};
use mailvet::facts::{Facts, Prepared};
use mailvet::judge::finding::{CheckResult, Outcome};
use mailvet::model::remedy::{Remedy, line};
use mailvet::model::{
    Absence, Answer, Name, Observation, Question, Rdata, Record, RecordType, Scope, Severity, Target, Topic,
};
use mailvet::parse::dmarc::DmarcRecord;
use mailvet::policy::Policy;

use crate::conformance::record;

/// A zone as records by name and type; what it lacks does not exist.
type World = BTreeMap<(Name, RecordType), Vec<Rdata>>;

const GOOD: [(&str, &str, &str); 14] = [
    ("example.com", "TXT", "\"v=spf1 mx ip4:11.22.33.0/28 include:_spf.vendor.example -all\""),
    ("example.com", "MX", "10 mx1.example.com"),
    ("example.com", "A", "11.22.33.80"),
    ("mx1.example.com", "A", "11.22.33.44"),
    ("mx1.example.com", "AAAA", "2a00:1::44"),
    ("mx1.example.com", "TXT", "\"v=spf1 a -all\""),
    ("_spf.vendor.example", "TXT", "\"v=spf1 ip4:11.9.9.0/24 ~all\""),
    ("_dmarc.example.com", "TXT", "\"v=DMARC1; p=reject; sp=reject; rua=mailto:reports@example.com\""),
    (
        "s1._domainkey.example.com",
        "TXT",
        "\"v=DKIM1; k=ed25519; p=nMyNVR+p5gx9QcwtEB11f+0JWxolp4tLeQgpCpf9WWY=\"",
    ),
    ("_mta-sts.example.com", "TXT", "\"v=STSv1; id=20260101;\""),
    ("_smtp._tls.example.com", "TXT", "\"v=TLSRPTv1; rua=mailto:tls@example.com\""),
    ("default._bimi.example.com", "TXT", "\"v=BIMI1; l=https://example.com/logo.svg\""),
    ("vendor.example", "A", "11.9.9.1"),
    ("mta-sts.example.com", "A", "11.22.33.81"),
];

fn good() -> World {
    let mut world = World::new();
    for (name, rtype, text) in GOOD {
        let rtype = RecordType::from_text(rtype).unwrap();
        world.entry((Name::lenient(name), rtype)).or_default().push(Rdata::from_text(rtype, text).unwrap());
    }
    world
}

fn topics() -> BTreeSet<Topic> {
    [Topic::Spf, Topic::Dkim, Topic::Dmarc, Topic::Bimi, Topic::Mx, Topic::Transport].into()
}

fn answer(world: &World, question: &Question) -> Option<Answer> {
    let Question::Dns { name, rtype } = question else { return None };
    let observation = match world.get(&(name.clone(), *rtype)).filter(|records| !records.is_empty()) {
        Some(records) => Observation::Seen(records.iter().cloned().map(Record::new).collect()),
        None if world.keys().any(|(known, _)| known.is_within(name)) => Observation::Absent(Absence::NoData),
        None => Observation::Absent(Absence::Nxdomain),
    };
    Some(Answer::given(observation))
}

/// The findings of a world, and what is to be done about them.
fn judged(world: &World, policy: &Policy) -> (Evidence, Vec<CheckResult>, Vec<Remedy>) {
    let mut evidence = Evidence {
        target: Target {
            domain: Some(Name::lenient("example.com")),
            selectors: vec!["s1".to_owned()],
            ..Target::default()
        },
        taken_at: 1_795_000_000,
        ..Evidence::default()
    };
    let scope = Scope { topics: topics(), guess_selectors: false, ..Scope::everything() };
    let prepared = Prepared::new(&evidence);
    for _ in 0..40 {
        let wanted = Facts::build(&evidence, &scope, &prepared).wanted();
        let answers: Vec<_> =
            wanted.into_iter().filter_map(|q| Some((q.clone(), answer(world, &q)?))).collect();
        if answers.is_empty() {
            break;
        }
        evidence.answers.extend(answers);
    }
    let facts = Facts::build(&evidence, &scope, &prepared);
    let mut results = mailvet::judge::judge(&facts, policy);
    let planned = mailvet::remedy::plan(&facts, policy, &mut results);
    let remedies = planned.remedies;
    drop(facts);
    (evidence, results, remedies)
}

/// Publishes the record remedies as a person would, line by line.
fn publish(world: &World, remedies: &[Remedy]) -> World {
    let mut after = world.clone();
    for remedy in remedies.iter().filter(|remedy| remedy.id.starts_with("record:")) {
        for ((name, rtype), records) in &mut after {
            records.retain(|rdata| {
                let shown = line(name, *rtype, rdata);
                !remedy.replaces.contains(&shown) && !remedy.deletes.contains(&shown)
            });
        }
        if let Some(set) = &remedy.record {
            after.entry((set.name.clone(), set.rtype)).or_default().extend(set.values.iter().cloned());
        }
    }
    after
}

type Said = BTreeSet<(&'static str, String, String)>;

fn said(results: &[CheckResult]) -> Said {
    let mut all = Said::new();
    for result in results {
        for finding in result.findings().iter().filter(|finding| finding.severity > Severity::Info) {
            let problem = &finding.problem;
            all.insert((result.check.code, problem.subject.to_string(), problem.summary.clone()));
        }
    }
    all
}

fn permitted(evidence: &Evidence) -> Authorised {
    let scope = Scope { topics: topics(), ..Scope::everything() };
    let prepared = Prepared::new(evidence);
    let facts = Facts::build(evidence, &scope, &prepared);
    let input = SpfInput::policy(&Name::lenient("example.com"), 0);
    Authorised::of(&evaluate(facts.ledger(), &input, Limits::RFC).root)
}

fn dmarc(world: &World) -> Option<DmarcRecord> {
    let records = world.get(&(Name::lenient("_dmarc.example.com"), RecordType::Txt))?;
    let texts = records.iter().filter_map(Rdata::joined_text);
    texts.filter_map(|text| DmarcRecord::parse(&String::from_utf8_lossy(&text))).next()
}

/// What of the promises is broken.
fn broken(world: &World, policy: &Policy, tally: &mut Tally) -> Vec<String> {
    let (evidence, before, remedies) = judged(world, policy);
    let records: Vec<&Remedy> = remedies.iter().filter(|remedy| remedy.id.starts_with("record:")).collect();
    let mut wrong = Vec::new();
    for result in &before {
        for finding in result.findings().iter().filter(|finding| finding.severity > Severity::Info) {
            let settled = finding.remedy.as_deref().is_some_and(|id| id.starts_with("record:"));
            let entry = tally.entry(result.check.code).or_default();
            entry.0 += usize::from(settled);
            entry.1 += 1;
        }
    }
    if records.is_empty() {
        return wrong;
    }
    let after_world = publish(world, &remedies);
    let (after_evidence, after, again) = judged(&after_world, policy);
    let (was, is) = (said(&before), said(&after));
    for result in &before {
        for finding in result.findings() {
            let key =
                (result.check.code, finding.problem.subject.to_string(), finding.problem.summary.clone());
            if finding.remedy.as_deref().is_some_and(|id| id.starts_with("record:")) && is.contains(&key) {
                wrong.push(format!("still there: {key:?}"));
            }
        }
    }
    let passed: BTreeSet<&str> = before
        .iter()
        .filter(|result| matches!(result.outcome, Outcome::Pass))
        .map(|result| result.check.code)
        .collect();
    for key in is.difference(&was).filter(|key| passed.contains(key.0)) {
        wrong.push(format!("new: {key:?}"));
    }
    let (may, still) = (permitted(&evidence), permitted(&after_evidence));
    if !may.is_world() && !may.set.minus(&still.set).is_empty() {
        wrong.push("an address that could send no longer can".to_owned());
    }
    if still.set.is_empty() && !may.set.is_empty() {
        wrong.push("nobody may send".to_owned());
    }
    let written = world.values().flatten().filter_map(Rdata::joined_text).collect::<Vec<_>>().concat();
    let written = String::from_utf8_lossy(&written).replace(|c: char| !c.is_ascii_graphic(), "");
    if let Some(new) = dmarc(&after_world) {
        if let Some(old) = dmarc(world) {
            let weaker = new.policy() < old.policy() || new.subdomain_policy() < old.subdomain_policy();
            if weaker {
                wrong.push(format!("weaker: {} for {}", new.text, old.text));
            }
        }
        for address in new.rua.iter().filter_map(|uri| uri.address.as_ref()) {
            if !written.contains(address.as_str()) {
                wrong.push(format!("invented: {address}"));
            }
        }
    }
    if again.iter().any(|remedy| remedy.id.starts_with("record:")) {
        let shown: Vec<String> = again.iter().map(Remedy::sentence).collect();
        wrong.push(format!("not settled at once: {shown:?}"));
    }
    wrong
}

/// By code: findings that a record settles, findings in all.
type Tally = BTreeMap<&'static str, (usize, usize)>;

/// xorshift64*, so that a seed tells the whole mutation.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap_or_default() % bound.max(1)
    }
}

/// One good zone with one slip in it.
fn mutated(seed: u64) -> (World, String) {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    for _ in 0..8 {
        dice.below(2);
    }
    let mut world = good();
    let own: Vec<(Name, RecordType)> = world
        .keys()
        .filter(|(name, rtype)| *rtype == RecordType::Txt && name.is_within(&Name::lenient("example.com")))
        .cloned()
        .collect();
    if dice.below(20) == 0 {
        let exchange = Name::lenient("mx1.example.com.example.com");
        world.insert(
            (Name::lenient("example.com"), RecordType::Mx),
            vec![Rdata::Mx { preference: 10, exchange }],
        );
        return (world, "a final dot dropped at the MX host".to_owned());
    }
    let key = own[dice.below(own.len())].clone();
    let text = String::from_utf8(world[&key][0].joined_text().unwrap()).unwrap();
    let at = dice.below(text.len());
    let mut bytes = text.clone().into_bytes();
    let (strings, what): (Vec<Vec<u8>>, &str) = match dice.below(9) {
        0 => {
            bytes.remove(at);
            (vec![bytes], "a character dropped")
        }
        1 => {
            if at + 1 < bytes.len() {
                bytes.swap(at, at + 1);
            }
            (vec![bytes], "two characters swapped")
        }
        2 => {
            let unseen = ["\u{200b}", "\u{feff}", "\u{a0}", "\u{ad}", "\u{202a}"][dice.below(5)];
            let mut text = text.clone();
            text.insert_str(at, unseen);
            (vec![text.into_bytes()], "an invisible character")
        }
        3 => (vec![text.replace(';', "\\;").into_bytes()], "escapes published"),
        4 => (vec![format!("\"{text}\"").into_bytes()], "quotes published"),
        5 => (text.split(' ').map(|word| word.as_bytes().to_vec()).collect(), "strings without their spaces"),
        6 => {
            let separator = if text.contains("; ") { "; " } else { " " };
            let mut parts: Vec<&str> = text.split(separator).collect();
            let part = parts[1 + dice.below(parts.len() - 1)];
            parts.push(part);
            (vec![parts.join(separator).into_bytes()], "a part repeated")
        }
        7 => {
            if let Some(digit) = (at..bytes.len()).find(|at| bytes[*at].is_ascii_digit()) {
                bytes[digit] = b'0' + u8::try_from(dice.below(10)).unwrap();
            }
            (vec![bytes], "a digit changed")
        }
        _ => (vec![text.replacen('=', ":", 1 + dice.below(3)).into_bytes()], "colons for equals signs"),
    };
    let shown = strings.iter().map(|string| String::from_utf8_lossy(string).into_owned()).collect::<Vec<_>>();
    world.insert(key.clone(), vec![Rdata::Txt(strings)]);
    (world, format!("{what} at {}: {shown:?}", key.0))
}

#[test]
fn remedies_of_mutated_zones_close() {
    const SEEDS: u64 = 2000;
    let run = |seeds: std::ops::Range<u64>| {
        let policy = Policy::default();
        let mut tally = Tally::new();
        let wrong: Vec<String> = seeds
            .filter_map(|seed| {
                let (world, what) = mutated(seed);
                let wrong = broken(&world, &policy, &mut tally);
                (!wrong.is_empty()).then(|| format!("seed {seed}, {what}: {}", wrong.join("; ")))
            })
            .collect();
        (tally, wrong)
    };
    let (first, second) = std::thread::scope(|scope| {
        let half = scope.spawn(|| run(0..SEEDS / 2));
        let other = run(SEEDS / 2..SEEDS);
        (half.join().unwrap(), other)
    });
    let mut tally = first.0;
    for (code, (settled, all)) in second.0 {
        let entry = tally.entry(code).or_default();
        entry.0 += settled;
        entry.1 += all;
    }
    let wrong: Vec<String> = first.1.into_iter().chain(second.1).collect();
    let shown: Vec<String> = tally
        .iter()
        .filter(|(_, (settled, _))| *settled > 0)
        .map(|(code, (settled, all))| format!("{code} {settled}/{all}"))
        .collect();
    let note = format!(
        "mutations of a good zone whose remedies close; findings settled by a record: {}",
        shown.join(", ")
    );
    let total = usize::try_from(SEEDS).unwrap();
    record("remedy-closure", total - wrong.len(), total, 0, &note);
    assert!(
        wrong.is_empty(),
        "{} of {total} do not close:\n  {}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n  ")
    );
}

#[test]
fn a_good_zone_needs_no_record() {
    let (_, _, remedies) = judged(&good(), &Policy::default());
    let records: Vec<_> =
        remedies.iter().filter(|remedy| remedy.id.starts_with("record:")).map(Remedy::sentence).collect();
    assert_eq!(records, Vec::<String>::new());
}

/// The topics with the policy file, which is on a web server.
fn with_policy() -> BTreeSet<Topic> {
    topics().into_iter().chain([Topic::MtaSts]).collect()
}

/// Whether the remedy of this id is published as it is shown: records, or the policy file.
fn is_published(id: &str) -> bool {
    id.starts_with("record:") || id.starts_with("setting:https://")
}

/// What became of a finding of a fixture: settled by a record, or why no record can be told.
enum Told {
    Settled,
    Not(String),
}

/// One fixture's findings of its own check, each with what the remedies make of it.
fn of_fixture(code: &str, case: &crate::fixture::Case, wrong: &mut Vec<String>) -> Vec<Told> {
    let mut evidence = case.evidence();
    let scope = Scope { topics: with_policy(), ..case.scope() };
    let prepared = Prepared::new(&evidence);
    let policy = case.policy();
    let all = |evidence: &Evidence| {
        let facts = Facts::build(evidence, &scope, &prepared);
        let results = mailvet::judge::judge(&facts, &policy);
        let wanted = facts.wanted();
        drop(results);
        wanted
    };
    for _ in 0..40 {
        let wanted = all(&evidence);
        let Some(unlisted) = case.unlisted().filter(|_| !wanted.is_empty()) else { break };
        let dns = wanted.into_iter().filter(|question| matches!(question, Question::Dns { .. }));
        evidence.answers.extend(dns.map(|question| (question, unlisted.clone())));
    }
    let facts = Facts::build(&evidence, &scope, &prepared);
    let mut results = mailvet::judge::judge(&facts, &policy);
    let planned = mailvet::remedy::plan(&facts, &policy, &mut results);
    let own = |results: &[CheckResult]| -> Vec<(String, String, Option<String>, Option<String>)> {
        let result = results.iter().filter(|result| result.check.code == code);
        let findings = result.flat_map(|result| result.findings().to_vec());
        findings
            .map(|one| (one.problem.subject.to_string(), one.problem.summary, one.remedy, one.problem.fix))
            .collect()
    };
    let after = planned.published(&facts).map(|after| own(&mailvet::judge::judge(&after.facts(), &policy)));
    let mut told = Vec::new();
    for (subject, summary, remedy, fix) in own(&results) {
        if !remedy.is_some_and(|id| is_published(&id)) {
            let why = fix.as_deref().and_then(|fix| fix.split_once("No record is shown: "));
            let why = why.map_or("no record of one's own settles it", |(_, why)| why.trim_end_matches('.'));
            told.push(Told::Not(why.to_owned()));
            continue;
        }
        let still = after.iter().flatten().any(|(s, t, ..)| *s == subject && *t == summary);
        if still {
            wrong.push(format!("{code} / {}: {summary} is still there", case.name));
        }
        told.push(Told::Settled);
    }
    told
}

/// Each check of a record over its own fixtures: how many findings a proven record settles, and
/// why none is told for the others.
#[test]
fn remedies_of_fixtures_close_or_say_why_not() {
    let families = ["spf_", "dmarc_", "dkim_key_", "mta_sts_", "tls_rpt_", "bimi_", "mx_"];
    let mut wrong = Vec::new();
    let mut settled_of_all = 0;
    for path in crate::files_below(&crate::root().join("fixtures/checks/authentication")) {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        if !families.iter().any(|family| stem.starts_with(family)) {
            continue;
        }
        let code = stem.replace('_', "-");
        let fixture = crate::fixture::Fixture::read(&path);
        let (mut settled, mut reasons) = (0, BTreeMap::<String, usize>::new());
        for case in fixture.case.iter().filter(|case| case.expect == "fail") {
            for told in of_fixture(&code, case, &mut wrong) {
                match told {
                    Told::Settled => settled += 1,
                    Told::Not(why) => *reasons.entry(general(&why)).or_default() += 1,
                }
            }
        }
        let total = settled + reasons.values().sum::<usize>();
        settled_of_all += settled;
        let listed: Vec<String> = reasons.iter().map(|(why, count)| format!("{count} {why}")).collect();
        let note = match listed.is_empty() {
            true => "findings of its fixtures that a proven record settles".to_owned(),
            false => format!(
                "findings of its fixtures that a proven record settles; not computable: {}",
                listed.join("; ")
            ),
        };
        if total > 0 {
            record(&format!("remedy-{code}"), settled, total, 0, &note);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(settled_of_all >= 60, "{settled_of_all}");
}

/// A reason without the names of its case.
pub(crate) fn general(why: &str) -> String {
    let words = why.split(' ').map(|word| {
        let bare = word.trim_matches(['"', ',', ':', ';', '(', ')']);
        if bare.contains('.') && !bare.ends_with('.') || word.starts_with('"') { "NAME" } else { word }
    });
    words.collect::<Vec<_>>().join(" ").replace('|', "/")
}

const POLICY: &str =
    "version: STSv1\nmode: enforce\nmx: mx.example.com\nmx: *.example.net\nmax_age: 604800\n";

/// One slip in a policy file.
fn slip(seed: u64) -> String {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    for _ in 0..8 {
        dice.below(2);
    }
    let at = dice.below(POLICY.len());
    let mut text = POLICY.to_owned();
    let lines: Vec<&str> = POLICY.lines().collect();
    match dice.below(9) {
        0 => _ = text.remove(at),
        1 => text.insert_str(at, ["\u{feff}", "\u{200b}", "\u{a0}", "x", " "][dice.below(5)]),
        2 => text = text.replacen(": ", ["=", ":=", " ", ":"][dice.below(4)], 1 + dice.below(5)),
        3 => text = text.to_ascii_uppercase(),
        4 => {
            let gone = dice.below(lines.len());
            text = lines
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != gone)
                .map(|(_, l)| format!("{l}\n"))
                .collect();
        }
        5 => text = lines.join(";\r\n"),
        6 => {
            text = text
                .replace("604800", ["1w", "7 days", "604800s", "60,480,000", "3600", "-1", ""][dice.below(7)])
        }
        7 => {
            text = text.replace(
                "enforce",
                ["Enforce", "enforced", "enfroce", "\"enforce\"", "strict", "test"][dice.below(6)],
            )
        }
        _ => {
            text = text.replace(
                "mx.example.com",
                ["", "mx.other.example", ".example.com", "<mx.example.com>", "a b"][dice.below(5)],
            )
        }
    }
    text
}

/// The policy file is mended as records are: what is settled is gone, the mode is never weaker,
/// no host is invented, and served once there is nothing more to serve.
#[test]
fn remedies_of_mutated_policies_close() {
    use mailvet::evidence::Transcript;
    use mailvet::parse::transport::mta_sts_policy::{Mode, read};
    let fixture = crate::fixture::Fixture::read(
        &crate::root().join("fixtures/checks/authentication/mta_sts_policy_syntax.toml"),
    );
    let case = fixture.case.iter().find(|case| case.name == "a web page").unwrap();
    let scope = Scope { topics: with_policy(), ..case.scope() };
    let policy = Policy::default();
    let url = "https://mta-sts.example.com/.well-known/mta-sts.txt".to_owned();
    let plan = |body: &str| {
        let mut evidence = case.evidence();
        let question = Question::Http { url: url.clone() };
        match evidence.transcripts.get_mut(&question) {
            Some(Observation::Seen(Transcript::Https(transcript))) => transcript.body = body.to_owned(),
            _ => panic!("no policy in the fixture"),
        }
        let prepared = Prepared::new(&evidence);
        for _ in 0..40 {
            let facts = Facts::build(&evidence, &scope, &prepared);
            let _ = mailvet::judge::judge(&facts, &policy);
            let wanted = facts.wanted();
            drop(facts);
            let Some(unlisted) = case.unlisted().filter(|_| !wanted.is_empty()) else { break };
            let dns = wanted.into_iter().filter(|question| matches!(question, Question::Dns { .. }));
            evidence.answers.extend(dns.map(|question| (question, unlisted.clone())));
        }
        let facts = Facts::build(&evidence, &scope, &prepared);
        let mut results = mailvet::judge::judge(&facts, &policy);
        let remedies = mailvet::remedy::plan(&facts, &policy, &mut results).remedies;
        let file = remedies.iter().find_map(|remedy| remedy.file.clone());
        (results, file)
    };
    let (mut shown, mut wrong) = (0, Vec::new());
    for seed in 0..200 {
        let text = slip(seed);
        let (before, file) = plan(&text);
        let of = |results: &[CheckResult]| -> Said {
            said(results).into_iter().filter(|(code, ..)| code.starts_with("mta-sts-")).collect()
        };
        let Some(file) = file else { continue };
        shown += 1;
        let new = read(&file.text).unwrap_or_else(|why| panic!("{text:?}: {why}"));
        if text.to_ascii_lowercase().contains("enforce") && new.mode != Mode::Enforce {
            wrong.push(format!("{text:?}: weaker"));
        }
        let written = format!("{} mx.example.com", text.to_ascii_lowercase());
        let invented = new.mx.iter().find(|host| !written.contains(host.trim_start_matches("*.")));
        // A letter that slipped within a name leaves another name behind.
        if let Some(host) = invented.filter(|host| !host.contains("example")) {
            wrong.push(format!("{text:?}: {host} is invented"));
        }
        let (after, again) = plan(&file.text);
        for result in &before {
            for finding in result.findings() {
                let key =
                    (result.check.code, finding.problem.subject.to_string(), finding.problem.summary.clone());
                let settled = finding.remedy.as_deref().is_some_and(|id| id.starts_with("setting:https://"));
                if settled && of(&after).contains(&key) {
                    wrong.push(format!("{text:?}: still there: {key:?}"));
                }
            }
        }
        if let Some(again) = again {
            wrong.push(format!("{text:?}: served {:?}, and then {:?}", file.text, again.text));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong[..wrong.len().min(10)].join("\n"));
    assert!(shown >= 100, "{shown} of 200 have a file");
    record(
        "remedy-policy-file",
        shown,
        200,
        0,
        "mutations of an MTA-STS policy file whose remedy closes; the others are sound, or their meaning is not clear",
    );
}
