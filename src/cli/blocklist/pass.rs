//! One pass over all subjects: windows small enough for memory, rounds as few
//! as the answers allow, each operator at its pace.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use crate::cli::progress::Progress;
use crate::cli::session::{Session, save};
use crate::evidence::Evidence;
use crate::facts::Ledger;
use crate::facts::listings::{Asked, Family, Health, Identity, Known, Listings, Subjects, health};
use crate::gather::rounds::{Pace, ask_round};
use crate::gather::{self, Limits, Sources};
use crate::model::{Question, Target};
use crate::render::listing::{self, ListState, Row, Summary};

use super::cache::Cache;

/// Verdicts in memory at a time: subjects times lists.
const WINDOW: usize = 20_000;

/// Everything that stays the same from window to window.
pub(super) struct Pass<'a> {
    session: &'a Session<'a>,
    runtime: tokio::runtime::Runtime,
    sources: Sources,
    limits: Limits,
    lists: Vec<Asked>,
    /// Zone and number of its operator.
    operators: Vec<usize>,
    rate: f64,
    pace: Pace,
    cache: Option<Cache>,
}

/// Counts windows into one progress line.
struct Whole<'p> {
    progress: &'p Progress,
    before: usize,
    total: usize,
}

impl gather::Progress for Whole<'_> {
    fn update(&self, answered: usize, asked: usize) {
        self.progress.update(self.before + answered, self.total.max(self.before + asked));
    }
}

fn count(summary: &mut Summary, rows: &[Row]) {
    for row in rows {
        match row.outcome {
            "listed" => summary.listed += 1,
            "clean" => summary.clean += 1,
            _ => summary.unknown += 1,
        }
    }
    summary.told += listing::told(rows);
}

impl<'a> Pass<'a> {
    pub(super) fn new(
        session: &'a Session<'a>,
        lists: Vec<Asked>,
        rate: f64,
        cache: Option<&Path>,
    ) -> anyhow::Result<Pass<'a>> {
        let (runtime, sources, limits) = session.connect()?;
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        let operators = lists
            .iter()
            .map(|asked| {
                let next = numbers.len();
                *numbers.entry(asked.operator()).or_insert(next)
            })
            .collect();
        let cache = cache.map(|path| Cache::open(path, &session.global.servers.shown())).transpose()?;
        Ok(Pass { session, runtime, sources, limits, lists, operators, rate, pace: Pace::new(rate), cache })
    }

    pub(super) fn session(&self) -> &Session<'a> {
        self.session
    }

    /// Asks about every subject and hands the rows over window by window.
    pub(super) fn run(
        &mut self,
        subjects: &[Identity],
        sink: &mut dyn FnMut(&[Row]) -> anyhow::Result<()>,
    ) -> anyhow::Result<Summary> {
        let started = Instant::now();
        let global = self.session.global;
        let mut evidence = self.session.evidence(Target::default())?;
        let (replay, record) = (global.replay.is_some(), global.record.is_some());
        let mut known = match &self.cache {
            Some(cache) if !replay => cache.known(evidence.taken_at),
            _ => Known::new(),
        };
        let window = (WINDOW / self.lists.len().max(1)).max(1);
        let bounded = subjects.len() <= window || global.deadline.is_some();
        // A day is no bound for anyone, and keeps the clock from overflowing.
        let run = if bounded { self.limits.run } else { std::time::Duration::from_secs(86_400) };
        let deadline = tokio::time::Instant::now() + run;
        let progress = Progress::new(global.quiet);
        let mut states: BTreeMap<usize, BTreeMap<Family, Health>> = BTreeMap::new();
        let mut summary = Summary {
            subjects: subjects.len(),
            rate: self.rate,
            taken_at: evidence.taken_at,
            ..Summary::default()
        };
        for (index, chunk) in subjects.chunks(window).enumerate() {
            let whole = Whole {
                progress: &progress,
                before: index * window * self.lists.len(),
                total: subjects.len() * self.lists.len(),
            };
            let listings = self.window(chunk, &mut evidence, &known, replay, deadline, &whole);
            for (list, healths) in listings.health.iter().enumerate() {
                for (family, health) in healths {
                    if !matches!(health, Health::Pending(_)) {
                        known.insert((self.lists[list].zone.clone(), *family), health.clone());
                    }
                    states.entry(list).or_default().insert(*family, health.clone());
                    self.remember(list, *family, health, &evidence);
                }
            }
            let rows = listing::rows(&listings, chunk);
            count(&mut summary, &rows);
            sink(&rows)?;
            if !record && !replay {
                evidence.answers.clear();
            }
        }
        drop(progress);
        summary.lists = self.states(&states);
        summary.seconds = started.elapsed().as_secs_f64();
        if let Some(path) = &global.record {
            save(global, path, &evidence)?;
        }
        if let Some(cache) = &self.cache
            && !replay
        {
            cache.save()?;
        }
        Ok(summary)
    }

    /// Rounds until nothing is wanted: test points and subjects first, then what
    /// depends on them.
    fn window(
        &self,
        chunk: &[Identity],
        evidence: &mut Evidence,
        known: &Known,
        replay: bool,
        deadline: tokio::time::Instant,
        progress: &dyn gather::Progress,
    ) -> Listings {
        let mut asked: BTreeSet<Question> = BTreeSet::new();
        loop {
            let ledger = Ledger::new(&evidence.answers, &evidence.transcripts);
            let mut subjects = Subjects::default();
            for identity in chunk {
                subjects.add_given(identity);
            }
            let listings = Listings::build(&ledger, self.lists.clone(), subjects, known);
            let wanted: Vec<(Question, usize)> = ledger
                .wanted()
                .into_iter()
                .filter(|question| !asked.contains(question))
                .map(|question| {
                    let operator = self.operator(&question);
                    (question, operator)
                })
                .collect();
            if wanted.is_empty() || replay {
                return listings;
            }
            asked.extend(wanted.iter().map(|(question, _)| question.clone()));
            let answers = self.runtime.block_on(ask_round(
                wanted,
                &self.sources,
                &self.limits,
                &self.pace,
                deadline,
                progress,
            ));
            evidence.answers.extend(answers);
        }
    }

    fn operator(&self, question: &Question) -> usize {
        let Question::Dns { name, .. } = question else { return usize::MAX };
        let own = self.lists.iter().position(|asked| name.as_str().ends_with(asked.zone.as_str()));
        own.map_or(usize::MAX, |index| self.operators[index])
    }

    fn remember(&mut self, list: usize, family: Family, health: &Health, evidence: &Evidence) {
        let Some(cache) = &mut self.cache else { return };
        let ledger = Ledger::new(&evidence.answers, &evidence.transcripts);
        if *health == Health::Healthy
            && let Some(ttl) = health::lives_for(&ledger, &self.lists[list], family)
        {
            cache.remember(&self.lists[list].zone, family, evidence.taken_at, ttl);
        }
    }

    fn states(&self, states: &BTreeMap<usize, BTreeMap<Family, Health>>) -> Vec<ListState> {
        states
            .iter()
            .filter_map(|(list, healths)| listing::state(&self.lists[*list], healths.values()))
            .collect()
    }
}
