//! The only module that asks the world. It learns from the facts what is
//! wanted, asks all of it at once, merges the answers as they come and asks
//! again, until nothing is wanted. It knows nothing of checks.

pub(crate) mod addresses;
mod authority;
pub mod dns;
pub mod dnssec;
mod extended_errors;
mod http;
mod https;
mod kept;
pub(crate) mod limits;
pub mod logs;
pub(crate) mod patience;
pub(crate) mod portfolio;
pub mod recursion;
pub mod resolver;
pub(crate) mod rounds;
pub(crate) mod scanners;
pub(crate) mod smtp;
pub(crate) mod smtp_server;
mod tls;
mod upstream;
mod wire;
pub mod zonefile;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::evidence::transcript::transcribed;
use crate::evidence::{Evidence, Transcript};
use crate::facts::{Facts, Prepared};
use crate::model::{Answer, Failure, Name, Observation, Question, RecordType, Scope, Validation};

pub use limits::Limits;

/// Where answers come from, in the order they are tried after the recording.
pub struct Sources {
    /// The zone files the user gave, which go before any resolver.
    pub zones: zonefile::ZoneFiles,
    /// `None` for `--offline` and for a replay.
    pub dns: Option<std::sync::Arc<dns::DnsClient>>,
}

/// Told how far the run is; never decides anything.
pub trait Progress: Sync {
    /// `answered` of the `asked` questions of the run so far have a reply; both only grow.
    fn update(&self, answered: usize, asked: usize);
}

/// What one question brought: a DNS answer, or another protocol's transcript.
#[derive(Clone)]
enum Reply {
    Dns(Question, Answer),
    Transcript(Question, Observation<Transcript>),
}

/// Asks until the facts of the scope want nothing more, or a bound is reached;
/// what is then unanswered is recorded as failed, with the bound as the reason.
pub async fn gather(
    evidence: &mut Evidence,
    scope: &Scope,
    prepared: &Prepared,
    sources: &Sources,
    limits: &Limits,
    progress: &dyn Progress,
) {
    let in_flight = Arc::new(Semaphore::new(limits.in_flight));
    let deadline = Instant::now() + limits.run;
    let desk = Desk { sources, limits, in_flight, shared: None };
    // The first questions are sent topic by topic, so that working out a later topic
    // (reading the catalogue of lists takes milliseconds) costs no waiting time.
    let early =
        scope.topics.iter().rev().map(|topic| Scope { topics: [*topic].into(), ..scope.clone() }).collect();
    if desk.gather(evidence, scope, prepared, early, deadline, progress).await == Ended::Complete {
        return;
    }
    cut_off(evidence, scope, prepared, &Failure::Deadline);
}

/// Asking ended early: whatever is still wanted, now or as a consequence, is unknown, and `why` is its reason.
/// Without this a question that was never put would look like one that nobody allowed.
pub(crate) fn cut_off(evidence: &mut Evidence, scope: &Scope, prepared: &Prepared, why: &Failure) {
    loop {
        let wanted = Facts::build(evidence, scope, prepared).wanted();
        if wanted.is_empty() {
            return;
        }
        for question in wanted {
            merge(evidence, failed(question, why.clone()));
        }
    }
}

/// How asking ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Nothing more is wanted.
    Complete,
    /// The deadline came first.
    Deadline,
}

/// Where questions are put.
struct Desk<'r> {
    sources: &'r Sources,
    limits: &'r Limits,
    in_flight: Arc<Semaphore>,
    /// What the domains of a portfolio have asked already.
    shared: Option<&'r portfolio::Answers>,
}

/// Where many domains are under way, an answer waits so long for those that were asked
/// with it: working the facts out again after each would be most of the run's work.
const SETTLES: Duration = Duration::from_millis(50);

impl Desk<'_> {
    /// `early` scopes are asked for before the whole, the last one first.
    async fn gather(
        &self,
        evidence: &mut Evidence,
        scope: &Scope,
        prepared: &Prepared,
        mut early: Vec<Scope>,
        deadline: Instant,
        progress: &dyn Progress,
    ) -> Ended {
        let mut asked: BTreeSet<Question> = BTreeSet::new();
        let mut answered = 0;
        let offline = self.sources.dns.is_none();
        let hosts = Hosts::of(evidence, scope, offline);
        let mut running = FuturesUnordered::new();
        loop {
            let first_of_all = early.pop();
            let wanted = Facts::build(evidence, first_of_all.as_ref().unwrap_or(scope), prepared).wanted();
            for question in wanted {
                if !asked.insert(question.clone()) {
                    continue;
                }
                if asked.len() > self.limits.questions {
                    let why = format!("the run's bound of {} questions was reached", self.limits.questions);
                    merge(evidence, not_attempted(question, why));
                    continue;
                }
                let fetch = match &question {
                    Question::Http { url } => https::Fetch::of(url, evidence, &scope.dialogue),
                    _ => None,
                };
                let errand = http::Errand::of(&question, evidence, scope, offline);
                running.push(self.put(question, fetch, errand, &hosts));
            }
            if first_of_all.is_some() {
                // One poll sends them; what is answered at once is merged here.
                if let Some(Some(reply)) = running.next().now_or_never() {
                    answered += 1;
                    merge(evidence, reply);
                }
                tokio::task::yield_now().await;
                continue;
            }
            // Every future here ends by itself within `limits.question` per attempt,
            // and none waits for another, so the loop always makes progress.
            let Some(first) = tokio::time::timeout_at(deadline, running.next()).await.unwrap_or_default()
            else {
                if running.is_empty() {
                    let unmet = Facts::build(evidence, scope, prepared).wanted();
                    if unmet.iter().all(|question| asked.contains(question)) {
                        return Ended::Complete;
                    }
                    continue;
                }
                return Ended::Deadline;
            };
            merge(evidence, first);
            answered += 1 + self.arrived(&mut running, evidence).await;
            progress.update(answered, asked.len());
        }
    }

    /// Merges what arrives together with an answer, before the facts are built again; gives how many that are.
    async fn arrived(
        &self,
        running: &mut FuturesUnordered<impl Future<Output = Reply>>,
        evidence: &mut Evidence,
    ) -> usize {
        let mut answered = 0;
        if self.shared.is_some() {
            let settled = Instant::now() + SETTLES;
            while let Ok(Some(reply)) = tokio::time::timeout_at(settled, running.next()).await {
                answered += 1;
                merge(evidence, reply);
            }
        }
        while let Some(Some(reply)) = running.next().now_or_never() {
            answered += 1;
            merge(evidence, reply);
        }
        answered
    }

    /// Each question by its own protocol.
    async fn put(
        &self,
        question: Question,
        fetch: Option<https::Fetch>,
        errand: Option<http::Errand>,
        hosts: &Hosts,
    ) -> Reply {
        let limits = self.limits;
        let observation = match &question {
            Question::Scan { engine } => hosts.scanners.ask(engine, limits.question).await,
            Question::Smtp { test, host, ip, port } => hosts.mail.ask(*test, host, *ip, *port, limits).await,
            Question::Http { .. } => https::get(fetch, hosts.policies, limits.question * 2).await,
            Question::Post { .. } | Question::Head { .. } => match errand {
                Some(errand) => http::run(errand, limits.question, &hosts.links).await,
                None => Observation::NotAttempted("there is nothing to send".to_owned()),
            },
            Question::Dns { .. } | Question::Dnssec { .. } | Question::Authority { .. } => {
                let put = || ask(question.clone(), self.sources, limits, self.in_flight.clone());
                return match self.shared {
                    Some(shared) => shared.get(question.clone(), put).await,
                    None => put().await,
                };
            }
        };
        Reply::Transcript(question, observation)
    }
}

/// What other protocols than DNS need to know.
struct Hosts {
    scanners: scanners::Job,
    mail: smtp::Job,
    /// Whether policies may be fetched by HTTPS.
    policies: bool,
    /// Few at a time: links of a message often lead to one small server.
    links: Semaphore,
}

impl Hosts {
    fn of(evidence: &Evidence, scope: &Scope, offline: bool) -> Hosts {
        Hosts {
            scanners: scanners::Job::of(evidence, scope, offline),
            mail: smtp::Job::of(evidence, scope, offline),
            policies: https::is_allowed(scope) && !offline,
            links: Semaphore::new(http::AT_ONCE),
        }
    }
}

async fn ask(question: Question, sources: &Sources, limits: &Limits, in_flight: Arc<Semaphore>) -> Reply {
    if let Question::Dnssec { name, rtype } = &question {
        let observation = validate(name, *rtype, sources, in_flight).await;
        return Reply::Transcript(question, observation);
    }
    if let Question::Authority { server, name, rtype } = &question {
        let observation = match &sources.dns {
            None => Observation::NotAttempted("the run is offline".to_owned()),
            Some(_) if name.is_unaskable() => Observation::Failed(unaskable()),
            Some(_) => {
                // Never closed, so acquiring cannot fail.
                let _permit = in_flight.acquire().await;
                authority::ask(*server, name, *rtype, limits).await
            }
        };
        return Reply::Transcript(question, transcribed(observation));
    }
    let Question::Dns { name, rtype } = &question else {
        return not_attempted(question, "give --probe to talk to hosts".to_owned());
    };
    if let Some(answer) = sources.zones.answer(name, *rtype) {
        return match answer {
            zonefile::Local::Answer(answer) => Reply::Dns(question, answer),
            // An alias that leaves the zone files: the rest comes from the network.
            zonefile::Local::Alias { target, mut aliases } => {
                let mut answer = network(&target, *rtype, sources, limits, in_flight).await;
                aliases.append(&mut answer.aliases);
                answer.aliases = aliases;
                Reply::Dns(question, answer)
            }
        };
    }
    let answer = network(name, *rtype, sources, limits, in_flight).await;
    Reply::Dns(question, answer)
}

/// Zone files carry no signatures, so what they answer cannot be validated.
async fn validate(
    name: &Name,
    rtype: RecordType,
    sources: &Sources,
    in_flight: Arc<Semaphore>,
) -> Observation<Transcript> {
    let validation = match &sources.dns {
        _ if sources.zones.answer(name, rtype).is_some() => Observation::Seen(Validation::indeterminate(
            "the answer comes from a zone file, which is not signed yet",
        )),
        None => Observation::NotAttempted("the run is offline".to_owned()),
        Some(_) if name.is_unaskable() => Observation::Failed(unaskable()),
        Some(dns) => {
            // Never closed, so acquiring cannot fail.
            let _permit = in_flight.acquire().await;
            dns.validate(name, rtype).await
        }
    };
    transcribed(validation)
}

fn unaskable() -> Failure {
    Failure::Unaskable("a label is empty or over 63 octets, or the name over 255".to_owned())
}

async fn network(
    name: &Name,
    rtype: RecordType,
    sources: &Sources,
    limits: &Limits,
    in_flight: Arc<Semaphore>,
) -> Answer {
    let Some(dns) = &sources.dns else {
        return Answer::given(Observation::NotAttempted("the run is offline".to_owned()));
    };
    if name.is_unaskable() {
        return Answer::given(Observation::Failed(unaskable()));
    }
    // Never closed, so acquiring cannot fail.
    let _permit = in_flight.acquire().await;
    dns.ask(name, rtype, limits).await
}

fn not_attempted(question: Question, why: String) -> Reply {
    match question {
        Question::Dns { .. } => Reply::Dns(question, Answer::given(Observation::NotAttempted(why))),
        _ => Reply::Transcript(question, Observation::NotAttempted(why)),
    }
}

fn failed(question: Question, failure: Failure) -> Reply {
    match question {
        Question::Dns { .. } => Reply::Dns(question, Answer::given(Observation::Failed(failure))),
        _ => Reply::Transcript(question, Observation::Failed(failure)),
    }
}

fn merge(evidence: &mut Evidence, reply: Reply) {
    match reply {
        Reply::Dns(question, answer) => {
            evidence.answers.insert(question, answer);
        }
        Reply::Transcript(question, observation) => {
            evidence.transcripts.insert(question, observation);
        }
    }
}
