//! The questions of all names of zone files, asked once for each state.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::judging::{Job, Terms, scope_of};
use crate::cli::portfolio::schedule;
use crate::cli::session::Session;
use crate::evidence::{Earlier, Evidence};
use crate::facts::Prepared;
use crate::gather::portfolio::Portfolio;
use crate::gather::zonefile::ZoneFiles;
use crate::gather::{Ended, Limits, Sources, cut_off};
use crate::model::{Answer, Failure, Name, NameRole, Question, Scope, Source};
use crate::parse::zone::Parsed;

struct Gathered(Evidence);

impl schedule::Outcome for Gathered {
    fn weight(&self) -> usize {
        self.0.answers.len() * 300
    }
}

/// Answers by the zone that asked, as a place among those of now, and the name.
pub(super) type Answers = BTreeMap<(usize, Name), Earlier>;

/// Answers of another state of the same files.
pub(super) struct Frozen<'a> {
    pub earlier: &'a Answers,
    /// Whether the other state is one to compare with.
    pub is_compared: bool,
}

impl Frozen<'_> {
    /// No other state.
    pub(super) const NONE: Frozen<'static> = Frozen { earlier: &BTreeMap::new(), is_compared: false };
}

/// Asks all that the names want. Answers of the network in another state are taken as they are, so
/// that both states are judged by the same ones.
pub(super) fn gather(
    session: &Session,
    terms: &Terms,
    zones: &[Arc<Parsed>],
    jobs: &[Job],
    frozen_by: &Frozen,
) -> anyhow::Result<Vec<Evidence>> {
    let (runtime, sources, limits) = session.connect_threads(session.global.threads(64))?;
    let deadline = Instant::now() + deadline(session, &limits);
    let work = Arc::new(Work {
        rounds: rounds(zones, sources, limits),
        scopes: [NameRole::Mail, NameRole::Parked, NameRole::Nothing, NameRole::Reverse]
            .map(|role| (role, scope_of(&terms.policy_for(role)))),
        deadline,
    });
    let begin = |at: usize| {
        let (work, job) = (work.clone(), jobs[at].clone());
        let mut evidence = terms.evidence(&job);
        if let Some(before) = frozen_by.earlier.get(&(job.zone, job.name.clone())) {
            evidence.answers = frozen(before, work.portfolio(job.zone));
            evidence.earlier = frozen_by.is_compared.then(|| before.clone());
        }
        async move { work.gather(job, evidence).await }
    };
    let mut all = Vec::with_capacity(jobs.len());
    let room = || work.rounds.shared[0].has_room();
    runtime.block_on(schedule::in_turn(jobs.len(), deadline, room, begin, |at, outcome| {
        let lost = |words| work.unasked(terms, &jobs[at], &Failure::Protocol(words));
        all.push(outcome.map_or_else(lost, |gathered| gathered.0));
        Ok(())
    }))?;
    runtime.shutdown_background();
    for job in jobs.iter().skip(all.len()) {
        all.push(work.unasked(terms, job, &Failure::Deadline));
    }
    Ok(all)
}

fn deadline(session: &Session, limits: &Limits) -> Duration {
    if session.global.deadline.is_some() { limits.run } else { Duration::from_secs(600) }
}

/// Answers that do not come from the files of either side.
fn frozen(before: &Earlier, portfolio: &Portfolio) -> BTreeMap<Question, Answer> {
    let own = |question: &Question| match question {
        Question::Dns { name, rtype } => portfolio.zones().answer(name, *rtype).is_some(),
        _ => true,
    };
    before
        .answers
        .iter()
        .filter(|(question, answer)| matches!(answer.source, Source::Resolver(_)) && !own(question))
        .map(|(question, answer)| (question.clone(), answer.clone()))
        .collect()
}

/// What stands in a file answers for its zone. Of the other files of one origin, copies and views,
/// each has a round of its own: the first files of all origins, then the second ones over those.
struct Rounds {
    /// Never empty.
    shared: Vec<Portfolio>,
    /// The round of each zone.
    of: Vec<usize>,
}

fn rounds(zones: &[Arc<Parsed>], sources: Sources, limits: Limits) -> Rounds {
    let mut seen: BTreeMap<&Name, usize> = BTreeMap::new();
    let mut later: Vec<Vec<Arc<Parsed>>> = Vec::new();
    let mut of = Vec::with_capacity(zones.len());
    for zone in zones {
        let count = zone.zone.origin().map_or(0, |origin| {
            let count = seen.entry(origin).or_default();
            *count += 1;
            *count - 1
        });
        of.push(count);
        if count > 0 {
            later.resize_with(later.len().max(count), Vec::new);
            later[count - 1].push(zone.clone());
        }
    }
    let first = ZoneFiles::of(zones.to_vec());
    let over: Vec<ZoneFiles> = later.into_iter().map(|zones| first.with(zones)).collect();
    let first = Portfolio::new(Sources { zones: first, dns: sources.dns }, limits);
    let over: Vec<Portfolio> = over.into_iter().map(|zones| first.beside(zones)).collect();
    Rounds { shared: std::iter::once(first).chain(over).collect(), of }
}

struct Work {
    rounds: Rounds,
    scopes: [(NameRole, Scope); 4],
    deadline: Instant,
}

impl Work {
    /// What answers for the names of a zone.
    fn portfolio(&self, zone: usize) -> &Portfolio {
        &self.rounds.shared[self.rounds.of.get(zone).copied().unwrap_or(0)]
    }

    async fn gather(&self, job: Job, mut evidence: Evidence) -> Gathered {
        let Some(scope) = self.scope(&job) else { return Gathered(evidence) };
        let prepared = Prepared::new(&evidence);
        let portfolio = self.portfolio(job.zone);
        if portfolio.gather(&mut evidence, scope, &prepared, self.deadline).await == Ended::Deadline {
            cut_off(&mut evidence, scope, &prepared, &Failure::Deadline);
        }
        Gathered(evidence)
    }

    fn scope(&self, job: &Job) -> Option<&Scope> {
        self.scopes.iter().find(|(role, _)| *role == job.role).map(|(_, scope)| scope)
    }

    /// A name about which nothing was asked: all that would have been is unknown.
    fn unasked(&self, terms: &Terms, job: &Job, why: &Failure) -> Evidence {
        let mut evidence = terms.evidence(job);
        if let Some(scope) = self.scope(job) {
            let prepared = Prepared::new(&evidence);
            cut_off(&mut evidence, scope, &prepared, why);
        }
        evidence
    }
}

/// The evidence of the earlier state, by the zone of now that each of its zones became, and the name.
pub(super) fn earlier(jobs: &[Job], evidences: Vec<Evidence>, later: &[Option<usize>]) -> Answers {
    let whole = |(job, evidence): (&Job, Evidence)| {
        let zone = later.get(job.zone).copied().flatten()?;
        Some(((zone, job.name.clone()), Earlier::whole(evidence)))
    };
    jobs.iter().zip(evidences).filter_map(whole).collect()
}
