//! A receiver slows this sender down.

use std::collections::BTreeSet;

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::traffic::{Ending, ReplyCount, TrafficSummary};
use crate::model::untrusted::Width;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;
use crate::triage::cause::Cause;
use crate::triage::reply::classify;
use crate::triage::throttle::settings::{Lane, words};
use crate::triage::throttle::{CAUSES, receiver, seen_words};
use crate::triage::traffic_causes::replies_by_cause;

pub(super) static CHECK: Check = Check {
    code: "provider-throttles",
    area: Area::Throttling,
    title: "a receiver slows this sender down",
    severity: Severity::Medium,
    why: "\
        The receiver's replies say that it limits this sender: by rate, by connections or for its \
        reputation. Mail to it is late now and refused if the cause stays.",
    fix: "Send less at once to this receiver, mend what its reply names, and raise the rate slowly afterwards.",
    references: &[pages::GOOGLE_SENDERS, pages::YAHOO_SENDERS, pages::OUTLOOK_TROUBLESHOOTING],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let traffic = facts.traffic()?;
    if traffic.totals.attempts() == 0 {
        return Err(Gap::undecidable("the log shows no delivery attempt"));
    }
    let mut by_cause = replies_by_cause(traffic);
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for cause in CAUSES {
        for reply in by_cause.remove(&cause).unwrap_or_default() {
            if reply.ending == Ending::Deferred && seen.insert((cause, reply.provider.clone())) {
                problems.push(problem(traffic, cause, reply));
            }
        }
    }
    Ok(Verdict::from_problems(problems))
}

fn problem(traffic: &TrafficSummary, cause: Cause, reply: &ReplyCount) -> Problem {
    let provider = crate::model::untrusted::plain(&reply.provider, Width::Name);
    let attempts = traffic.by_provider.get(&reply.provider).map_or(0, |p| p.totals.attempts());
    let summary =
        format!("{} of {attempts} attempts to {provider} were deferred: {}", reply.count, cause.title());
    let verdict = classify(reply.text.raw(), Some(&reply.host));
    let page = verdict.page.map(|page| format!(" ({page})")).unwrap_or_default();
    let mut problem = Problem::at(Subject::Receiver(reply.provider.clone()), summary)
        .proof(reply.text.plain(Width::Record))
        .confidence(Confidence::Firm)
        .located(reply.example.clone());
    if let Some(first) = verdict.action.first() {
        problem = problem.fix(format!("{first}{page}"));
    }
    match slower(traffic, &reply.provider) {
        Some(advice) => {
            let first = problem.fix.take().map_or(String::new(), |first| format!(" {first}"));
            problem.fix(format!("{advice}{first}"))
        }
        None => problem,
    }
}

/// The rate to keep to, where the log tells one. The configuration stands in no line: without its remarks
/// nobody could tell which part belongs in which file.
fn slower(traffic: &TrafficSummary, name: &str) -> Option<String> {
    let (name, of) = traffic.by_provider.get_key_value(name)?;
    let receiver = receiver(traffic, name, of);
    let (interval, seen) = (receiver.advice.interval?, receiver.seen.first()?);
    Lane::new(&receiver)?;
    Some(format!(
        "Send at most {} to {name}, as {}; mailvet traffic LOG --settings postfix (or another server) prints the \
         configuration.",
        words(interval),
        seen_words(seen)
    ))
}
