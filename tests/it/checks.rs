//! Every check against its fixture: one check runs alone, over evidence written by hand.

use std::collections::BTreeSet;

use mailvet::check::Check;
use mailvet::evidence::Evidence;
use mailvet::facts::{Facts, Prepared};
use mailvet::judge::finding::Outcome;
use mailvet::model::{Answer, Failure, Gap, Observation, Question, Scope, Topic};

use crate::fixture::{Case, Fixture};
use crate::root;

#[test]
fn checks_judge_their_fixtures() {
    let mut wrong = Vec::new();
    for check in mailvet::judge::catalog::all() {
        let stem = check.code.replace('-', "_");
        let path = root().join(format!("fixtures/checks/{}/{stem}.toml", check.area.folder()));
        let fixture = Fixture::read(&path);
        for expected in ["pass", "fail", "unknown"] {
            // What a zone file says by itself is in the file: no question of it can fail.
            let of_file = check.needs == [Topic::Zone].as_slice();
            if of_file && expected == "unknown" {
                continue;
            }
            if !fixture.case.iter().any(|case| case.expect == expected) {
                wrong.push(format!("{}: no case expects {expected}", check.code));
            }
        }
        for case in &fixture.case {
            if let Err(why) = run(check, case) {
                wrong.push(format!("{} / {}: {why}", check.code, case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases are wrong:\n  {}", wrong.len(), wrong.join("\n  "));
}

fn run(check: &'static Check, case: &Case) -> Result<(), String> {
    let mut evidence = case.evidence();
    // Only what the check declares to need may be asked on its behalf.
    let mut scope = case.scope();
    scope.topics = check.needs.iter().copied().collect();
    let prepared = Prepared::new(&evidence);
    let policy = case.policy();
    fill(check, case, &mut evidence, &scope, &prepared);
    let facts = Facts::build(&evidence, &scope, &prepared);
    let before = facts.wanted();
    let mut results = vec![mailvet::judge::judge_one(check, &facts, &policy)];
    let undeclared: Vec<_> = facts.wanted().difference(&before).cloned().collect();
    if !undeclared.is_empty() {
        return Err(format!("asks {undeclared:?}, which its topics {:?} do not", check.needs));
    }
    mailvet::remedy::plan(&facts, &policy, &mut results);
    let [result] = results.as_slice() else { return Err("a check has one result".to_owned()) };
    let outcome = result.outcome_name();
    let findings = result.findings();
    let shown = match &result.outcome {
        Outcome::Unknown(gap) => gap.to_string(),
        _ => findings.iter().map(|f| f.problem.summary.as_str()).collect::<Vec<_>>().join(" / "),
    };
    if outcome != case.expect {
        return Err(format!("expected {}, got {outcome}: {shown}", case.expect));
    }
    let contains = |what: &str, wanted: &Option<String>, found: &dyn Fn(&str) -> bool| match wanted {
        Some(text) if !found(text) => Err(format!("no {what} contains {text:?}: {shown}")),
        _ => Ok(()),
    };
    contains("summary", &case.summary, &|t| findings.iter().any(|f| f.problem.summary.contains(t)))?;
    contains("fix", &case.fix, &|t| {
        findings.iter().any(|f| f.problem.fix.as_deref().unwrap_or_default().contains(t))
    })?;
    contains(
        "gap",
        &case.gap,
        &|t| matches!(&result.outcome, Outcome::Unknown(g) if g.to_string().contains(t)),
    )?;
    if let Some(severity) = &case.severity {
        let worst = result.worst().map(|s| s.name()).unwrap_or("none");
        if worst != severity {
            return Err(format!("expected severity {severity}, got {worst}: {shown}"));
        }
    }
    match case.problems {
        Some(count) if count != findings.len() => {
            Err(format!("expected {count} problems, got {}: {shown}", findings.len()))
        }
        _ => Ok(()),
    }
}

/// Answers what the check asks beyond the case's own answers, where the case says how.
fn fill(check: &'static Check, case: &Case, evidence: &mut Evidence, scope: &Scope, prepared: &Prepared) {
    let Some(unlisted) = case.unlisted() else { return };
    for _ in 0..40 {
        let facts = Facts::build(evidence, scope, prepared);
        let _ = mailvet::judge::judge_one(check, &facts, &case.policy());
        let wanted = facts.wanted();
        if wanted.is_empty() {
            break;
        }
        let dns = wanted.into_iter().filter(|question| matches!(question, Question::Dns { .. }));
        evidence.answers.extend(dns.map(|question| (question, unlisted.clone())));
    }
}

/// Where a check fails, each of the answers that it had is lost in turn: no finding becomes a pass,
/// and nothing says that the check does not apply or that only the user can tell.
#[test]
fn no_lost_answer_clears_a_finding() {
    let (mut runs, mut wrong) = (0, Vec::new());
    for check in mailvet::judge::catalog::all() {
        let stem = check.code.replace('-', "_");
        let fixture =
            Fixture::read(&root().join(format!("fixtures/checks/{}/{stem}.toml", check.area.folder())));
        for case in fixture.case.iter().filter(|case| case.expect == "fail") {
            let mut whole = case.evidence();
            let mut scope = case.scope();
            scope.topics = check.needs.iter().copied().collect();
            let prepared = Prepared::new(&whole);
            fill(check, case, &mut whole, &scope, &prepared);
            let before = {
                let facts = Facts::build(&whole, &scope, &prepared);
                mailvet::judge::judge_one(check, &facts, &case.policy())
            };
            let questions: BTreeSet<Question> =
                whole.answers.keys().chain(whole.transcripts.keys()).cloned().collect();
            for question in questions {
                let mut evidence = whole.clone();
                let failure = Failure::Timeout;
                if evidence.answers.contains_key(&question) {
                    evidence.answers.insert(question.clone(), Answer::given(Observation::Failed(failure)));
                } else {
                    evidence.transcripts.insert(question.clone(), Observation::Failed(failure));
                }
                let prepared = Prepared::new(&evidence);
                let facts = Facts::build(&evidence, &scope, &prepared);
                let after = mailvet::judge::judge_one(check, &facts, &case.policy());
                runs += 1;
                let cleared = match &after.outcome {
                    Outcome::Pass | Outcome::NotApplicable(_) => true,
                    Outcome::Unknown(Gap::NotSupplied { .. } | Gap::TurnedAway(_)) => true,
                    // The less that is left of a finding says that there may be more.
                    Outcome::Fail { .. } => after.worst() < before.worst() && !after.is_in_part(),
                    Outcome::Unknown(_) => false,
                };
                if cleared {
                    wrong.push(format!(
                        "{} / {} without {question}: {:?}",
                        check.code, case.name, after.outcome
                    ));
                }
            }
        }
    }
    assert!(runs > 1000, "{runs}");
    assert!(wrong.is_empty(), "{} of {runs} are cleared:\n  {}", wrong.len(), wrong.join("\n  "));
}
