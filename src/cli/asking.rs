//! Questions of the commands that read logs and replies: within a few seconds,
//! as whoever has no network must not wait for it; one recording for all of them.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::time::Instant;

use super::progress::Progress;
use super::session::{Session, save};
use crate::evidence::Evidence;
use crate::facts::{Facts, Prepared};
use crate::gather::resolver::ResolverError;
use crate::gather::rounds::{Pace, ask_round};
use crate::gather::{Limits, Sources};
use crate::model::untrusted::{Width, plain};
use crate::model::{Question, Scope, Target};

/// Bounds of the whole look unless `--deadline` names one, and of one question.
const RUN: Duration = Duration::from_secs(5);
const QUESTION: Duration = Duration::from_secs(3);
/// Questions a second.
const RATE: f64 = 200.0;

/// What was answered so far, and the way to ask more.
pub(super) struct Asking<'s> {
    session: &'s Session<'s>,
    evidence: Evidence,
    asked: BTreeSet<Question>,
    connection: Option<(Runtime, Sources, Limits, Instant)>,
}

impl<'s> Asking<'s> {
    /// `None` with `--offline` and nothing else to answer from.
    pub(super) fn new(session: &'s Session<'s>) -> anyhow::Result<Option<Asking<'s>>> {
        let global = session.global;
        if global.offline && global.replay.is_none() && global.zone.is_empty() {
            if global.record.is_some() {
                session.note(
                    "--record: --offline asks nothing, so there is nothing to record, and no file is written",
                );
            }
            return Ok(None);
        }
        let evidence = session.evidence(Target::default())?;
        Ok(Some(Asking { session, evidence, asked: BTreeSet::new(), connection: None }))
    }

    /// What `read` makes of the answers, once all it wants has been asked; a replay
    /// asks nothing. The inner error: there is no resolver to ask.
    pub(super) fn look<T>(&mut self, read: impl Fn(&Facts<'_>) -> T) -> anyhow::Result<Result<T, String>> {
        let global = self.session.global;
        let scope = Scope { topics: BTreeSet::new(), ..Scope::everything() };
        let prepared = Prepared::new(&self.evidence);
        loop {
            let facts = Facts::build(&self.evidence, &scope, &prepared);
            let seen = read(&facts);
            let wanted: Vec<(Question, usize)> = facts
                .wanted()
                .into_iter()
                .filter(|question| !self.asked.contains(question))
                .map(|question| (question, 0))
                .collect();
            if wanted.is_empty() || global.replay.is_some() {
                return Ok(Ok(seen));
            }
            self.asked.extend(wanted.iter().map(|(question, _)| question.clone()));
            if let Some(why) = self.connect()? {
                return Ok(Err(why));
            }
            let Some((runtime, sources, limits, deadline)) = &self.connection else { return Ok(Ok(seen)) };
            let progress = Progress::new(global.quiet);
            let pace = Pace::new(RATE);
            let answers = runtime.block_on(ask_round(wanted, sources, limits, &pace, *deadline, &progress));
            drop(progress);
            self.evidence.answers.extend(answers);
        }
    }

    /// Why nothing can be asked, where so.
    fn connect(&mut self) -> anyhow::Result<Option<String>> {
        if self.connection.is_some() {
            return Ok(None);
        }
        let global = self.session.global;
        match self.session.connect() {
            Ok((runtime, sources, mut limits)) => {
                limits.question = limits.question.min(QUESTION);
                let run = if global.deadline.is_some() { limits.run } else { RUN };
                self.connection = Some((runtime, sources, limits, Instant::now() + run));
                Ok(None)
            }
            // A machine without a resolver still has its logs; every other error is one of usage.
            Err(error)
                if matches!(error.downcast_ref(), Some(ResolverError::System(_)))
                    && global.zone.is_empty() =>
            {
                Ok(Some(plain(&format!("{error:#}"), Width::Record)))
            }
            Err(error) => Err(error),
        }
    }

    /// Writes the recording, where one is asked for.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        if let Some((runtime, ..)) = self.connection {
            // Sockets of abandoned questions must not hold the exit back.
            runtime.shutdown_background();
        }
        match &self.session.global.record {
            Some(path) => save(self.session.global, path, &self.evidence),
            None => Ok(()),
        }
    }
}
