//! Nothing flatters: an answer that is lost never raises `at_least` or the grade, never makes a
//! score, never turns a receiver to met, never turns exit code 1 or 3 into 0 or a monitor to OK.

use std::collections::{BTreeMap, BTreeSet};

use mailvet::check::Check;
use mailvet::evidence::Evidence;
use mailvet::facts::{Facts, Prepared};
use mailvet::judge::finding::{CheckResult, Outcome};
use mailvet::judge::forecast::{self, Met, Posture};
use mailvet::judge::score::{Score, score};
use mailvet::model::{Answer, Failure, Gap, Name, Observation, Question, Scope, Severity, Topic};
use mailvet::policy::{Policy, Selection};

use crate::cli::mailvet_in;
use crate::fixture::Fixture;
use crate::root;

/// What a run says at the top.
pub struct Top {
    pub score: Score,
    worst: Option<Severity>,
    met: BTreeSet<(&'static str, &'static str)>,
}

pub fn top(evidence: &Evidence, scope: &Scope) -> Top {
    let prepared = Prepared::new(evidence);
    let facts = Facts::build(evidence, scope, &prepared);
    let policy = Policy::default();
    let results = mailvet::judge::judge(&facts, &policy);
    let posture = Posture::of(&facts, &policy);
    let receivers = forecast::judge(&results, &posture);
    let met = receivers.iter().flat_map(|receiver| {
        receiver.requirements.iter().filter(|r| r.outcome == Met::Met).map(|r| (receiver.id, r.id))
    });
    Top {
        score: score(&facts, &results, &posture),
        worst: results.iter().filter_map(CheckResult::worst).max(),
        met: met.collect(),
    }
}

impl Top {
    /// The exit code with the default `--fail-on`, and with `--on-unknown fail` where `strict`.
    pub fn exit(&self, strict: bool) -> u8 {
        let open = self.score.total.is_none()
            || self.score.essential_unanswered
            || (strict && self.score.unanswered > 0);
        match self.worst {
            _ if open => 3,
            Some(Severity::High | Severity::Critical) => 1,
            _ => 0,
        }
    }
}

fn rank(grade: Option<&str>) -> i32 {
    ["F", "D", "C", "B", "A", "A+"].iter().position(|known| Some(*known) == grade).map_or(-1, |at| at as i32)
}

/// What of the worst case rose, each by itself.
fn rose(before: &Score, after: &Score) -> Vec<String> {
    let mut rose = Vec::new();
    if after.at_least > before.at_least {
        rose.push(format!("at_least rose from {:?} to {:?}", before.at_least, after.at_least));
    }
    if rank(after.grade) > rank(before.grade) {
        rose.push(format!("the grade rose from {:?} to {:?}", before.grade, after.grade));
    }
    rose
}

/// What got better by losing answers.
pub fn flattered(before: &Top, after: &Top) -> Vec<String> {
    let mut wrong = Vec::new();
    let (b, a) = (&before.score, &after.score);
    if a.total.is_some() && b.total.is_none() {
        wrong.push(format!("a score came up: {:?}", a.total));
    }
    wrong.extend(rose(b, a));
    for (receiver, id) in after.met.difference(&before.met) {
        wrong.push(format!("{receiver} {id} came to be met"));
    }
    if before.exit(true) != 0 && after.exit(true) == 0 {
        wrong.push(format!("exit {} became 0 with --on-unknown fail", before.exit(true)));
    }
    if before.exit(false) == 3 && after.exit(false) == 0 {
        wrong.push("exit 3 became 0".to_owned());
    }
    wrong
}

/// Worlds with something to lose: the demo, and every fixture case of a few checks that fails.
fn worlds() -> Vec<(String, Evidence, Scope)> {
    let text = std::fs::read_to_string(root().join("fixtures/runs/demo/evidence.json")).unwrap();
    let demo = mailvet::evidence::load("evidence.json", &text).unwrap();
    let lists = demo.answers.keys().filter_map(|question| match question {
        Question::Dns { name, .. } if name.as_str().ends_with(".zen.spamhaus.org") => {
            Some(Name::lenient("zen.spamhaus.org"))
        }
        _ => None,
    });
    let scope = Scope { lists: lists.take(1).collect(), ..Scope::everything() };
    let mut worlds = vec![("demo".to_owned(), demo, scope)];
    for file in [
        "authentication/spf_ip_unauthorised",
        "authentication/dmarc_unpassable",
        "authentication/dkim_key_missing",
        "authentication/mx_unresolvable",
        "authentication/domain_missing",
        "authentication/dmarc_parked_open",
        "reverse_dns/ptr_missing",
        "reverse_dns/ptr_unconfirmed",
        "ip_reputation/ip_blocklisted",
    ] {
        let fixture = Fixture::read(&root().join(format!("fixtures/checks/{file}.toml")));
        for case in fixture.case.iter().filter(|case| case.expect == "fail") {
            let mut evidence = case.evidence();
            let scope = case.scope();
            fill(&mut evidence, &scope);
            worlds.push((format!("{file} / {}", case.name), evidence, scope));
        }
    }
    worlds
}

/// Answers all that is still wanted with a denial, so that nothing is unknown to begin with.
fn fill(evidence: &mut Evidence, scope: &Scope) {
    for _ in 0..40 {
        let prepared = Prepared::new(evidence);
        let wanted = Facts::build(evidence, scope, &prepared).wanted();
        let dns: Vec<Question> =
            wanted.into_iter().filter(|question| matches!(question, Question::Dns { .. })).collect();
        if dns.is_empty() {
            return;
        }
        for question in dns {
            let answer = Answer::given(Observation::Absent(mailvet::model::Absence::NoData));
            evidence.answers.insert(question, answer);
        }
    }
}

/// A fault in an answer's place; `None` takes the answer away.
fn faults() -> Vec<Option<Observation<Vec<mailvet::model::Record>>>> {
    vec![
        None,
        Some(Observation::Failed(Failure::Timeout)),
        Some(Observation::Failed(Failure::Servfail(None))),
        Some(Observation::Failed(Failure::Refused)),
        Some(Observation::NotAttempted("the run is offline".to_owned())),
    ]
}

fn spoilt(evidence: &Evidence, lose: impl Fn(usize, &Question) -> bool, fault: usize) -> Evidence {
    let mut evidence = evidence.clone();
    let faults = faults();
    let lost: Vec<Question> = evidence
        .answers
        .keys()
        .enumerate()
        .filter(|(at, question)| lose(*at, question))
        .map(|(_, question)| question.clone())
        .collect();
    for (at, question) in lost.into_iter().enumerate() {
        match &faults[(fault + at) % faults.len()] {
            None => drop(evidence.answers.remove(&question)),
            Some(observation) => {
                evidence.answers.insert(question, Answer::given(observation.clone()));
            }
        }
    }
    evidence
}

/// A small generator of our own, so that a failure can be run again.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[test]
fn losing_answers_never_flatters() {
    let mut wrong: BTreeMap<String, usize> = BTreeMap::new();
    let mut runs = 0;
    let mut state = 0x1234_5678_9abc_def1_u64;
    for (name, evidence, scope) in worlds() {
        let before = top(&evidence, &scope);
        let count = evidence.answers.len();
        let mut look = |evidence: Evidence, how: String| {
            runs += 1;
            for fault in flattered(&before, &top(&evidence, &scope)) {
                *wrong.entry(format!("{name}: {how}: {fault}")).or_default() += 1;
            }
        };
        // Each answer alone, then subsets of all sizes.
        for at in 0..count.min(60) {
            let question = evidence.answers.keys().nth(at).unwrap().to_string();
            look(spoilt(&evidence, |index, _| index == at, at), question);
        }
        for round in 0..12 {
            let share = random(&mut state) % 100;
            let keep: Vec<bool> = (0..count).map(|_| random(&mut state) % 100 < share).collect();
            look(spoilt(&evidence, |index, _| !keep[index], round), format!("subset {round}"));
        }
        look(spoilt(&evidence, |_, _| true, 1), "all".to_owned());
    }
    assert!(runs > 300, "{runs}");
    let shown: Vec<&String> = wrong.keys().take(60).collect();
    assert!(wrong.is_empty(), "{} of {runs} runs flatter: {shown:#?}", wrong.len());
}

#[test]
fn no_answer_at_all_gives_no_score() {
    for (name, evidence, scope) in worlds().into_iter().skip(1) {
        for fault in 1..faults().len() {
            let after = top(&spoilt(&evidence, |_, _| true, fault), &scope);
            assert_eq!((after.score.total, after.score.grade), (None, None), "{name}");
            assert!(after.exit(false) != 0, "{name}");
        }
    }
}

/// What bounds the total of a message bounds its worst case too, once nobody knows it.
#[test]
fn a_check_without_an_answer_never_lifts_a_cap() {
    let images = Fixture::read(&root().join("fixtures/checks/content/html_image_only.toml"));
    let mut capped = 0;
    for case in images.case.iter().filter(|case| case.expect == "fail") {
        let mut evidence = case.evidence();
        evidence.target = mailvet::model::Target::default();
        let (scope, prepared) = (Scope::everything(), Prepared::new(&evidence));
        let facts = Facts::build(&evidence, &scope, &prepared);
        let policy = Policy { selected: Selection::Only(of_messages().collect()), ..Policy::default() };
        let posture = Posture::of(&facts, &policy);
        let mut results = mailvet::judge::judge(&facts, &policy);
        let before = score(&facts, &results, &posture);
        capped += usize::from(before.capped_by.is_some());
        for at in 0..results.len() {
            let unknown = Outcome::Unknown(Gap::undecidable("a limit cut it"));
            let known = std::mem::replace(&mut results[at].outcome, unknown);
            let after = score(&facts, &results, &posture);
            let code = results[at].check.code;
            assert_eq!(rose(&before, &after), Vec::<String>::new(), "{code}");
            results[at].outcome = known;
        }
    }
    assert!(capped > 0, "no message here is capped");
}

/// Where the settings raise a severity, step by step and in any order, no step gives more points.
#[test]
fn a_raised_severity_never_gives_points() {
    let mut state = 0x0bad_5eed_0bad_5eed_u64;
    let mut worlds = worlds();
    let images = Fixture::read(&root().join("fixtures/checks/content/html_image_only.toml"));
    for case in images.case.iter().filter(|case| case.expect == "fail") {
        let mut evidence = case.evidence();
        evidence.target = mailvet::model::Target::default();
        worlds.push((IMAGES.to_owned(), evidence, Scope::everything()));
    }
    let (mut steps, mut caps) = (0, BTreeSet::new());
    for (name, evidence, scope) in worlds {
        let prepared = Prepared::new(&evidence);
        let facts = Facts::build(&evidence, &scope, &prepared);
        let mut policy = Policy::default();
        if name == IMAGES {
            policy.selected = Selection::Only(of_messages().collect());
        }
        let posture = Posture::of(&facts, &policy);
        let results = mailvet::judge::judge(&facts, &policy);
        let failing: Vec<&str> =
            results.iter().filter(|one| one.worst().is_some()).map(|one| one.check.code).collect();
        for code in &failing {
            policy.severities.insert((*code).to_owned(), Severity::Info);
        }
        let score_by = |policy: &Policy| score(&facts, &mailvet::judge::judge(&facts, policy), &posture);
        let mut before = score_by(&policy);
        for _ in 0..(failing.len() * 4).min(60) {
            let code = failing[random(&mut state) as usize % failing.len()];
            let known = policy.severities[code];
            let order = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
            let Some(next) = order.into_iter().find(|severity| *severity > known) else { continue };
            policy.severities.insert(code.to_owned(), next);
            let after = score_by(&policy);
            steps += 1;
            caps.extend(after.capped_by.as_deref().and_then(|why| why.split(':').next().map(str::to_owned)));
            let said = format!("{name}: {code} from {known:?} to {next:?}");
            assert!(after.total <= before.total, "{said}: {:?} to {:?}", before.total, after.total);
            assert_eq!(rose(&before, &after), Vec::<String>::new(), "{said}");
            before = after;
        }
    }
    assert!(steps > 100, "{steps}");
    for cap in ["capped at 49", "capped at 64", "capped at 79"] {
        assert!(caps.contains(cap), "{cap} never came up: {caps:?}");
    }
}

/// A message by itself, as lint judges it.
const IMAGES: &str = "html_image_only";

fn of_messages() -> impl Iterator<Item = &'static str> {
    let alone = |check: &&Check| check.needs.iter().all(|topic| *topic == Topic::Message);
    mailvet::judge::catalog::all().filter(alone).map(|check| check.code)
}

/// A cap that only a lost answer sets is told as what is unknown, not as something found.
#[test]
fn a_cap_of_what_is_unknown_says_so() {
    // All that is judged is well, but nobody could talk to the MX host.
    let only = "spf mx-unreachable reverse-dns ip-reputation content malware-phishing";
    let given = "audit example.com --zone ../demo/world.zone --zone reverse.zone --zone good.zone --offline --probe \
                 --selector s1 --helo mail.example.com --ip 198.51.100.26 --message quote.eml --format json \
                 --now 2026-11-23T12:00:00Z";
    let mut args: Vec<&str> = given.split(' ').collect();
    args.extend(only.split(' ').flat_map(|one| ["--only", one]));
    let output = mailvet_in(&root().join("fixtures/headlines"), &args);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let score = &report["score"];
    assert_eq!(score["capped_by"], "at most 89 while mx-unreachable is unknown", "{score}");
    assert_eq!(
        (&score["total"], &score["at_least"], &score["grade"]),
        (&100.into(), &89.into(), &"B".into())
    );
}
