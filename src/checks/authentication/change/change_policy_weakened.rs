//! A policy that asks less of receivers than before.

use super::{of_files, one_dmarc, place};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::{Facts, Ledger};
use crate::model::{Area, Gap, Name, RecordType, Severity, Subject, Topic};
use crate::parse::dmarc::{Disposition, DmarcRecord};
use crate::parse::spf::{Qualifier, SpfRecord, is_spf};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-policy-weakened",
    area: Area::Authentication,
    title: "a DMARC or SPF policy asks less of receivers than before",
    severity: Severity::Medium,
    why: "\
        Forged mail that receivers refused or set aside until now arrives from this change on.",
    fix: "\
        Put the stricter policy back, unless the change is meant.",
    references: &[Reference::Rfc { number: 9989, section: "4.7" }],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(before) = facts.before() else { return Ok(of_files(facts, CHECK.code)) };
    let domain = facts.domain()?;
    let mut problems = Vec::new();
    let at = domain.prefixed("_dmarc");
    let mut unknown = None;
    let mut known = |side: Result<Option<DmarcRecord>, Gap>| {
        side.unwrap_or_else(|gap| {
            unknown.get_or_insert(gap);
            None
        })
    };
    let (old, new) = (known(one_dmarc(&before, &at)), known(one_dmarc(facts.ledger(), &at)));
    problems.extend(old.as_ref().filter(|_| new.is_none()).and_then(|old| inherits(facts, &before, old)));
    if let (Some(old), Some(new)) = (old, new) {
        let pairs = [
            ("p", old.policy(), new.policy()),
            ("sp", old.subdomain_policy(), new.subdomain_policy()),
            ("np", old.nonexistent_policy(), new.nonexistent_policy()),
        ];
        let weaker: Vec<String> = pairs
            .into_iter()
            .filter_map(|(tag, old, new)| Some((tag, old?, new?)))
            .filter(|(_, old, new)| new < old)
            .map(|(tag, old, new)| format!("{tag} was {} and is {}", old.name(), new.name()))
            .collect();
        if !weaker.is_empty() {
            let summary =
                format!("the DMARC policy of {domain} asks less than before: {}", weaker.join(", "));
            problems
                .push(Problem::at(Subject::Domain(at.clone()), summary).located(place(facts, &before, &at)));
        }
    }
    let mut known = |side: Result<Option<Qualifier>, Gap>| {
        side.unwrap_or_else(|gap| {
            unknown.get_or_insert(gap);
            None
        })
    };
    if let (Some(old), Some(new)) = (known(all(&before, domain)), known(all(facts.ledger(), domain)))
        && rank(new) < rank(old)
    {
        let summary = format!(
            "the SPF record of {domain} ended in {}all and ends in {}all; addresses that no term names are treated more kindly",
            old.symbol(),
            new.symbol()
        );
        let problem = Problem::at(Subject::Domain(domain.clone()), summary).severity(Severity::Low);
        problems.push(problem.located(place(facts, &before, domain)));
    }
    Verdict::so_far(problems, unknown)
}

/// A record of the name's own is gone, and what applies in its place asks less.
fn inherits(facts: &Facts, before: &Ledger, old: &DmarcRecord) -> Option<Problem> {
    let dmarc = facts.dmarc().ok()?;
    let (was, now) = (old.policy()?, dmarc.policy.as_ref().ok()?);
    if now.is_some_and(|now| now >= was) || was == Disposition::None {
        return None;
    }
    let at = dmarc.domain.prefixed("_dmarc");
    let now = now.map_or("no policy applies".to_owned(), |now| format!("p={} applies", now.name()));
    let summary = format!("{at} asked for p={} and holds no one record now; {now}", was.name());
    Some(Problem::at(Subject::Domain(at.clone()), summary).located(place(facts, before, &at)))
}

/// The qualifier of `all` in the one SPF record at a name.
fn all(ledger: &Ledger, name: &Name) -> Result<Option<Qualifier>, Gap> {
    let found = ledger.dns(name, RecordType::Txt)?;
    let mut texts =
        found.records().iter().filter_map(|record| record.rdata.joined_text()).filter(|t| is_spf(t));
    let only = texts.next().filter(|_| texts.next().is_none());
    Ok(only.and_then(|text| SpfRecord::parse(&text).all().map(|(_, qualifier)| qualifier)))
}

fn rank(qualifier: Qualifier) -> u8 {
    match qualifier {
        Qualifier::Pass => 0,
        Qualifier::Neutral => 1,
        Qualifier::SoftFail => 2,
        Qualifier::Fail => 3,
    }
}
