//! Nothing flatters: an answer that is lost never raises `at_least` or the grade, never makes a
//! score, never turns a receiver to met, never turns exit code 1 or 3 into 0 or a monitor to OK.

use std::collections::{BTreeMap, BTreeSet};

use mailvet::evidence::Evidence;
use mailvet::facts::{Facts, Prepared};
use mailvet::judge::finding::CheckResult;
use mailvet::judge::forecast::{self, Met, Posture};
use mailvet::judge::score::{Score, score};
use mailvet::model::{Answer, Failure, Name, Observation, Question, Scope, Severity};
use mailvet::policy::Policy;

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
            Some(Severity::High | Severity::Critical) => 1,
            _ if open => 3,
            _ => 0,
        }
    }
}

fn rank(grade: Option<&str>) -> i32 {
    ["F", "D", "C", "B", "A", "A+"].iter().position(|known| Some(*known) == grade).map_or(-1, |at| at as i32)
}

/// What got better by losing answers.
pub fn flattered(before: &Top, after: &Top) -> Vec<String> {
    let mut wrong = Vec::new();
    let (b, a) = (&before.score, &after.score);
    if a.total.is_some() && b.total.is_none() {
        wrong.push(format!("a score came up: {:?}", a.total));
    }
    if a.at_least > b.at_least {
        wrong.push(format!("at_least rose from {:?} to {:?}", b.at_least, a.at_least));
    }
    if rank(a.grade) > rank(b.grade) {
        wrong.push(format!("the grade rose from {:?} to {:?}", b.grade, a.grade));
    }
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
