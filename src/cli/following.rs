//! `--follow-links`: whether, how far, what is said before anything is sent, and for
//! `lint` the connection that all messages of a run share.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::Args;

use super::global_args::GlobalArgs;
use super::probe_args::ReachArgs;
use super::session::{self, Session};
use crate::evidence::{Evidence, MessageEvidence, Transcript};
use crate::facts::Prepared;
use crate::facts::links::chains::{MOST_LINKS, MOST_REDIRECTS, Plan};
use crate::gather::{self, Limits, Sources};
use crate::model::scope::WebProbe;
use crate::model::untrusted::{Width, plain};
use crate::model::{Answer, Observation, Question, Scope, Topic};

/// Links followed in one run over many messages.
const MOST_OF_A_RUN: usize = 1000;

/// The flags of `lint`; `audit` has the same two among its own.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Following links")]
pub struct FollowArgs {
    /// Ask with HEAD where links lead, and lists about their hosts; downloads nothing, but may count as a click
    #[arg(long)]
    pub follow_links: bool,
    /// Let --follow-links talk to addresses that are not public
    #[arg(long, requires = "follow_links", hide_short_help = true)]
    pub allow_private: bool,
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// Permission to follow this many links.
pub(super) fn permission(
    session: &Session,
    allow_private: bool,
    most: usize,
) -> anyhow::Result<(WebProbe, usize)> {
    Ok((WebProbe { allow_private, authorities: session.authorities()? }, most))
}

/// Says what will be requested for one message, before it is; also with `-q`. Gives the
/// number of links.
pub(super) fn announce(evidence: &Evidence, prepared: &Prepared, most: usize) -> usize {
    let Some(message) = prepared.message(evidence) else { return 0 };
    let plan = Plan::of(message, prepared.links(message), most);
    let file = evidence.message.as_ref().map(|message| plain(&message.file, Width::Line)).unwrap_or_default();
    let mut text = match plan.links.len() {
        0 => format!("{file}: no link to follow"),
        count => format!(
            "{file}: will send HEAD to {count} link{}, following up to {MOST_REDIRECTS} redirects and downloading \
             nothing:",
            if count == 1 { "" } else { "s" }
        ),
    };
    for (_, url) in &plan.links {
        text.push_str(&format!("\n  HEAD {}", plain(url.as_str(), Width::Record)));
    }
    let left = plan.left_out;
    for (count, what) in [
        (left.unsubscribe, "that may unsubscribe somebody"),
        (left.forms, "that a form is sent to"),
        (left.excess, "beyond the number that is followed"),
    ] {
        if count > 0 {
            text.push_str(&format!("\n  left out: {count} {what}"));
        }
    }
    text.push('\n');
    super::output::say(&text);
    plan.links.len()
}

/// What all messages of a `lint` run share: answers, so that no link is asked twice, and
/// the number of links still to be followed.
pub(super) struct Follower {
    state: Mutex<State>,
}

struct State {
    /// `None` where nothing may be asked: a replay.
    network: Option<Network>,
    answers: BTreeMap<Question, Answer>,
    transcripts: BTreeMap<Question, Observation<Transcript>>,
    /// The first message, kept while it is the only one.
    message: Option<MessageEvidence>,
    messages: usize,
}

struct Network {
    runtime: tokio::runtime::Runtime,
    sources: Sources,
    limits: Limits,
    probe: WebProbe,
    left: usize,
    /// `--deadline`, for the whole run.
    end: Option<Instant>,
}

impl Follower {
    /// With the network where the flags allow it, else with what a recording holds; `None`
    /// where neither is wanted.
    pub(super) fn new(
        args: &FollowArgs,
        session: &Session,
        recorded: Evidence,
    ) -> anyhow::Result<Option<Follower>> {
        let global = session.global;
        let asks = args.follow_links && global.replay.is_none();
        if !asks && global.replay.is_none() && global.record.is_none() {
            return Ok(None);
        }
        let network = match asks {
            false => None,
            true => {
                let (runtime, sources, limits) = session.connect()?;
                let end = global.deadline.map(|_| Instant::now() + limits.run);
                let (probe, left) = permission(session, args.allow_private, MOST_OF_A_RUN)?;
                Some(Network { runtime, sources, limits, probe, left, end })
            }
        };
        let Evidence { answers, transcripts, .. } = recorded;
        Ok(Some(Follower {
            state: Mutex::new(State { network, answers, transcripts, message: None, messages: 0 }),
        }))
    }

    /// Asks what the message's links want, and lets `judge` see all answers. One message at
    /// a time, so that a run never has more requests under way than one message.
    pub(super) fn with_answers<T>(
        &self,
        evidence: &mut Evidence,
        scope: &Scope,
        prepared: &Prepared,
        judge: impl FnOnce(&Evidence, &Scope) -> T,
    ) -> T {
        // A panic elsewhere leaves answers that are still true.
        let mut guard = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let state = &mut *guard;
        evidence.answers = std::mem::take(&mut state.answers);
        evidence.transcripts.extend(std::mem::take(&mut state.transcripts));
        state.messages += 1;
        state.message = if state.messages == 1 { evidence.message.clone() } else { None };
        let mut scope = scope.clone();
        if let (Some(network), true) = (&mut state.network, scope.topics.contains(&Topic::Links)) {
            let most = network.left.min(MOST_LINKS);
            scope.links = Some((network.probe.clone(), most));
            if network.sources.dns.is_some() {
                network.left -= announce(evidence, prepared, most);
            }
            let mut limits = network.limits.clone();
            if let Some(end) = network.end {
                limits.run = end.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            }
            let asking = gather::gather(evidence, &scope, prepared, &network.sources, &limits, &Silent);
            network.runtime.block_on(asking);
        }
        let judged = judge(evidence, &scope);
        state.answers = std::mem::take(&mut evidence.answers);
        state.transcripts = std::mem::take(&mut evidence.transcripts);
        judged
    }

    /// Writes the recording where one is asked for. A scanner's verdict belongs to its
    /// message, so it is kept only where there was one.
    pub(super) fn finish(self, global: &GlobalArgs, taken_at: i64) -> anyhow::Result<()> {
        let state = self.state.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut transcripts = state.transcripts;
        if state.messages > 1 {
            transcripts.retain(|question, _| !matches!(question, Question::Scan { .. }));
        }
        if let Some(network) = state.network {
            network.runtime.shutdown_background();
        }
        let Some(path) = &global.record else { return Ok(()) };
        let evidence = Evidence {
            taken_at,
            answers: state.answers,
            transcripts,
            message: state.message,
            ..Evidence::default()
        };
        session::save(global, path, &evidence)
    }
}

/// The topics that following adds to those of a message alone.
pub(super) const TOPICS: [Topic; 2] = [Topic::Links, Topic::Blocklists];

/// The announcement says what is asked; a count would only scroll it away.
struct Silent;

impl gather::Progress for Silent {
    fn update(&self, _: usize, _: usize) {}
}
