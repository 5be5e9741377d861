//! The audit of every name of the zones: what each may be asked, and the two states side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::files::{ZoneInput, soa_place};
use crate::cli::portfolio::schedule;
use crate::cli::remedied::remedied;
use crate::cli::session::Session;
use crate::config::zones::{ServedBy, ZoneSetting};
use crate::evidence::{Earlier, Evidence};
use crate::facts::zone_names::{self, MailName};
use crate::facts::{Facts, Prepared};
use crate::gather::portfolio::Portfolio;
use crate::gather::zonefile::ZoneFiles;
use crate::gather::{Limits, Sources};
use crate::judge::finding::{CheckResult, Outcome};
use crate::judge::judge;
use crate::judge::zone::{NameResult, ZoneResult};
use crate::model::remedy::Remedy;
use crate::model::reports::ReportSummary;
use crate::model::signing::SigningSummary;
use crate::model::{
    Answer, Location, Name, NameRole, Question, Scope, Severity, Source, Target, Topic, ZoneProblem,
};
use crate::parse::zone::{Diagnostic, Parsed, changes, doubts, problems, removed};
use crate::policy::{Ignore, Policy};

/// What a zone file can say something about. Servers, signatures and lists are not the file's.
const TOPICS: [Topic; 7] =
    [Topic::Spf, Topic::Dkim, Topic::Dmarc, Topic::Bimi, Topic::Mx, Topic::Transport, Topic::Dane];

/// What is demanded of a name that is no mail domain: that what it publishes is sound, and
/// nothing that only a sender needs.
const SOUNDNESS: [&str; 38] = [
    "spf-syntax",
    "spf-multiple",
    "spf-all-permissive",
    "spf-all-neutral",
    "spf-all-missing",
    "spf-include-broken",
    "spf-include-loop",
    "spf-lookup-limit",
    "spf-void-lookups",
    "spf-mx-limit",
    "spf-string-too-long",
    "spf-strings-glued",
    "spf-terms-after-all",
    "spf-redirect-ignored",
    "spf-record-size",
    "spf-ptr-mechanism",
    "spf-range-huge",
    "spf-modifier-unknown",
    "spf-term-useless",
    "spf-type99-leftover",
    "spf-address-private",
    "dmarc-syntax",
    "dmarc-multiple",
    "dmarc-tag-removed",
    "dmarc-parked-open",
    "dkim-key-syntax",
    "dkim-key-multiple",
    "dkim-key-weak",
    "dkim-key-shared",
    "tls-rpt-syntax",
    "mta-sts-syntax",
    "bimi-syntax",
    "mx-alias",
    "mx-address-literal",
    "mx-address-private",
    "mx-unresolvable",
    "mx-duplicate",
    "dane-record-unusable",
];

/// What a change does is told of every name.
fn is_of_soundness(code: &str) -> bool {
    SOUNDNESS.contains(&code) || code.starts_with("change-")
}

/// What all names of a run share.
pub(super) struct Terms {
    pub policy: Policy,
    /// Addresses and HELO name that the mail leaves with.
    pub target: Target,
    /// Logs that show which keys sign, and reports that show which were seen.
    pub signing: Option<SigningSummary>,
    pub reports: Option<ReportSummary>,
    /// Ignores for certain files, by the path that reports show.
    pub ignores: Vec<Ignore>,
    /// What the settings say of zones, by file and name.
    pub zones: Vec<ZoneSetting>,
    /// Whether remarks in the files set findings aside.
    pub inline_ignores: bool,
    /// Seconds since the Unix epoch.
    pub now: i64,
}

/// One name to look at.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub zone: usize,
    pub name: Name,
    pub role: NameRole,
    pub selectors: Vec<String>,
    /// Addresses and HELO name of the settings for this name.
    pub ips: Vec<std::net::IpAddr>,
    pub helo: Option<String>,
}

/// The names of all zones; those of the earlier state too, since what is gone must be missed.
pub(super) fn jobs(zones: &[ZoneInput], old: &[ZoneInput], settings: &[ZoneSetting]) -> Vec<Job> {
    let mut jobs = Vec::new();
    for (at, zone) in zones.iter().enumerate() {
        let mut names: BTreeMap<Name, MailName> =
            zone_names::of(&zone.parsed.zone).into_iter().map(|one| (one.name.clone(), one)).collect();
        for before in old.iter().filter(|before| before.origin == zone.origin) {
            for one in zone_names::of(&before.parsed.zone) {
                let now = names.entry(one.name.clone()).or_insert_with(|| MailName {
                    role: NameRole::Nothing,
                    selectors: Vec::new(),
                    name: one.name.clone(),
                });
                if now.role == NameRole::Nothing {
                    now.role = one.role;
                }
            }
        }
        jobs.extend(names.into_values().map(|one| {
            let said = settings.iter().filter(|setting| setting.is_about(&zone.file, one.name.as_str()));
            let said: Vec<&ZoneSetting> = said.collect();
            Job {
                zone: at,
                role: said.iter().find_map(|setting| setting.role).unwrap_or(one.role),
                name: one.name,
                selectors: {
                    let mut all = one.selectors;
                    all.extend(said.iter().flat_map(|setting| setting.selectors.clone()));
                    all.sort();
                    all.dedup();
                    all
                },
                ips: said.iter().flat_map(|setting| setting.ips.clone()).collect(),
                helo: said.iter().find_map(|setting| setting.helo.clone()),
            }
        }));
    }
    jobs
}

impl Terms {
    /// The policy, and apart from it the ignores that are about paths: what they name is known
    /// once each finding has its place.
    pub(super) fn new(mut policy: Policy, target: Target, session: &Session) -> Terms {
        let (ignores, general) = policy.ignores.into_iter().partition(|ignore| ignore.path.is_some());
        policy.ignores = general;
        Terms {
            policy,
            target,
            ignores,
            signing: None,
            reports: None,
            zones: session.settings.zone.clone(),
            inline_ignores: true,
            now: session.clock().as_second(),
        }
    }

    /// The checks for a role, of those selected.
    fn policy_for(&self, role: NameRole) -> Policy {
        let mut policy = self.policy.clone();
        let asks = |check: &crate::check::Check| {
            let reverse =
                !self.target.ips.is_empty() || self.zones.iter().any(|setting| !setting.ips.is_empty());
            check.needs.iter().all(|topic| TOPICS.contains(topic) || (reverse && *topic == Topic::ReverseDns))
        };
        let wanted: BTreeSet<&str> = crate::judge::catalog::all()
            .filter(|check| asks(check) && (role == NameRole::Mail || is_of_soundness(check.code)))
            .map(|check| check.code)
            .collect();
        policy.selected.retain(|code| role != NameRole::Reverse && wanted.contains(code));
        policy
    }

    /// The checks about the file itself.
    fn file_policy(&self) -> Policy {
        let mut policy = self.policy.clone();
        let of_file: BTreeSet<&str> = crate::judge::catalog::all()
            .filter(|check| check.needs == [Topic::Zone])
            .map(|check| check.code)
            .collect();
        policy.selected.retain(|code| of_file.contains(code));
        policy
    }

    fn evidence(&self, job: &Job) -> Evidence {
        let mut ips = self.target.ips.clone();
        ips.extend(&job.ips);
        let target = Target {
            domain: Some(job.name.clone()),
            selectors: job.selectors.clone(),
            ips,
            helo: self.target.helo.clone().or(job.helo.clone()),
            ..self.target.clone()
        };
        Evidence {
            target,
            taken_at: self.now,
            signing: self.signing.clone(),
            reports: self.reports.clone(),
            ..Evidence::default()
        }
    }
}

fn scope_of(policy: &Policy) -> Scope {
    let topics = crate::judge::catalog::all()
        .filter(|check| policy.selected.contains(check.code))
        .flat_map(|check| check.needs.iter().copied())
        .collect();
    // A selector that the zone does not have is no selector.
    Scope { topics, guess_selectors: false, ..Scope::everything() }
}

struct Gathered(Option<Evidence>);

impl schedule::Outcome for Gathered {
    fn weight(&self) -> usize {
        self.0.as_ref().map_or(0, |evidence| evidence.answers.len() * 300)
    }
}

/// Answers of another state of the same files.
pub(super) struct Frozen<'a> {
    pub earlier: &'a BTreeMap<Name, Earlier>,
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
    let threads = session
        .global
        .jobs
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    let (runtime, sources, limits) = session.connect_threads(threads.clamp(1, 64))?;
    let deadline = Instant::now() + deadline(session, &limits);
    let zones = ZoneFiles::of(zones.to_vec());
    let work = Arc::new(Work {
        portfolio: Portfolio::new(Sources { zones, dns: sources.dns }, limits),
        scopes: [NameRole::Mail, NameRole::Parked, NameRole::Nothing, NameRole::Reverse]
            .map(|role| (role, scope_of(&terms.policy_for(role)))),
        deadline,
    });
    let begin = |at: usize| {
        let (work, job) = (work.clone(), jobs[at].clone());
        let mut evidence = terms.evidence(&job);
        if let Some(before) = frozen_by.earlier.get(&job.name) {
            evidence.answers = frozen(before, &work);
            evidence.earlier = frozen_by.is_compared.then(|| before.clone());
        }
        async move { work.gather(job, evidence).await }
    };
    let mut all = Vec::with_capacity(jobs.len());
    let room = || work.portfolio.has_room();
    runtime.block_on(schedule::in_turn(jobs.len(), deadline, room, begin, |at, outcome| {
        // One that could not be gathered has no answers, so everything about it is unknown.
        let evidence =
            outcome.ok().and_then(|gathered| gathered.0).unwrap_or_else(|| terms.evidence(&jobs[at]));
        all.push(evidence);
        Ok(())
    }))?;
    runtime.shutdown_background();
    for job in jobs.iter().skip(all.len()) {
        all.push(terms.evidence(job));
    }
    Ok(all)
}

fn deadline(session: &Session, limits: &Limits) -> Duration {
    if session.global.deadline.is_some() { limits.run } else { Duration::from_secs(600) }
}

/// Answers that do not come from the files of either side.
fn frozen(before: &Earlier, work: &Work) -> BTreeMap<Question, Answer> {
    let own = |question: &Question| match question {
        Question::Dns { name, rtype } => work.portfolio.zones().answer(name, *rtype).is_some(),
        _ => true,
    };
    before
        .answers
        .iter()
        .filter(|(question, answer)| matches!(answer.source, Source::Resolver(_)) && !own(question))
        .map(|(question, answer)| (question.clone(), answer.clone()))
        .collect()
}

struct Work {
    portfolio: Portfolio,
    scopes: [(NameRole, Scope); 4],
    deadline: Instant,
}

impl Work {
    async fn gather(&self, job: Job, mut evidence: Evidence) -> Gathered {
        let Some((_, scope)) = self.scopes.iter().find(|(role, _)| *role == job.role) else {
            return Gathered(Some(evidence));
        };
        let prepared = Prepared::new(&evidence);
        self.portfolio.gather(&mut evidence, scope, &prepared, self.deadline).await;
        Gathered(Some(evidence))
    }
}

/// Judges the names and files of one state.
pub(super) fn results(
    terms: &Terms,
    zones: &[ZoneInput],
    old: &[ZoneInput],
    jobs: &[Job],
    evidences: &[Evidence],
) -> Vec<ZoneResult> {
    // A zone whose file is gone has no place of its own.
    let is_gone = |before: &&ZoneInput| !zones.iter().any(|zone| zone.origin == before.origin);
    let mut gone: Vec<ZoneProblem> = match zones.first() {
        Some(first) => old
            .iter()
            .filter(is_gone)
            .filter_map(|before| removed(&before.parsed, soa_place(first)))
            .collect(),
        None => Vec::new(),
    };
    let mut all: Vec<ZoneResult> =
        zones.iter().map(|zone| file_result(terms, zone, old, std::mem::take(&mut gone))).collect();
    for (job, evidence) in jobs.iter().zip(evidences) {
        let policy = terms.policy_for(job.role);
        // An empty selection would mean every check.
        let (results, remedies) = if policy.selected.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            let prepared = Prepared::new(evidence);
            let scope = scope_of(&policy);
            let mut remedied = remedied(&Facts::build(evidence, &scope, &prepared), &policy);
            if let Some(zone) = zones.get(job.zone) {
                withhold(&zone.parsed, &mut remedied);
            }
            remedied
        };
        // An ignore for one name meets nothing at the others.
        let (mut results, remedies) = (results, remedies);
        results.retain(|result| result.check.code != "ignore-unmatched");
        if let Some(zone) = all.get_mut(job.zone) {
            zone.names.push(NameResult { name: job.name.clone(), role: job.role, results, remedies });
        }
    }
    all
}

/// No remedy is made of a text that the reader doubts: what it reads is a part of what was meant.
fn withhold(parsed: &Parsed, (results, remedies): &mut (Vec<CheckResult>, Vec<Remedy>)) {
    if remedies.is_empty() {
        return;
    }
    let is_partial = |doubt: &&Diagnostic| matches!(doubt.code, "comment-cuts-text" | "unquoted-text");
    let doubted: BTreeSet<String> = doubts(parsed)
        .iter()
        .filter(is_partial)
        .filter_map(|doubt| Some(doubt.owner.as_ref()?.to_string()))
        .collect();
    let (kept, withheld): (Vec<Remedy>, Vec<Remedy>) =
        std::mem::take(remedies).into_iter().partition(|remedy| !doubted.contains(&remedy.owner));
    *remedies = kept;
    for result in results {
        let Outcome::Fail { findings, .. } = &mut result.outcome else { continue };
        for finding in findings {
            if withheld.iter().any(|remedy| finding.remedy.as_ref() == Some(&remedy.id)) {
                finding.remedy = None;
                finding.problem.fix = Some("put the whole text of the record in quotes".to_owned());
            }
        }
    }
}

fn file_result(terms: &Terms, zone: &ZoneInput, old: &[ZoneInput], gone: Vec<ZoneProblem>) -> ZoneResult {
    let mut found = problems(&zone.parsed);
    found.extend(gone);
    served(terms, zone, &mut found);
    if let Some(before) = old.iter().find(|before| before.origin == zone.origin) {
        found.extend(changes(&before.parsed, &zone.parsed));
    }
    let is_refused = refuses(&zone.parsed, &found);
    let policy = terms.file_policy();
    let target = Target { domain: Some(zone.origin.clone()), ..Target::default() };
    let evidence = Evidence { target, taken_at: terms.now, zone: Some(found), ..Evidence::default() };
    let prepared = Prepared::new(&evidence);
    let scope = Scope { topics: BTreeSet::new(), ..Scope::everything() };
    let mut results = match policy.selected.is_empty() {
        true => Vec::new(),
        false => judge(&Facts::build(&evidence, &scope, &prepared), &policy),
    };
    results.retain(|result| !result.check.code.starts_with("ignore-"));
    ZoneResult {
        origin: zone.origin.clone(),
        file: zone.file.clone(),
        format: zone.format.name(),
        place: soa_place(zone),
        names: Vec::new(),
        results,
        lines: lines(&zone.parsed),
        changed: BTreeSet::new(),
        is_refused,
        rows: Vec::new(),
    }
}

/// What is an error depends on who serves the zone.
fn served(terms: &Terms, zone: &ZoneInput, found: &mut Vec<ZoneProblem>) {
    let said = terms.zones.iter().filter(|setting| setting.is_about(&zone.file, zone.origin.as_str()));
    let server = said.filter_map(|setting| setting.served_by).next_back();
    let is_of_apex =
        |problem: &ZoneProblem| matches!(problem.code.as_str(), "zone-soa-missing" | "zone-ns-missing");
    match server {
        Some(server) if server.loads_files() => {
            for problem in found.iter_mut().filter(|problem| is_of_apex(problem)) {
                problem.severity = Some(Severity::High);
            }
        }
        // The provider writes SOA and NS records of the apex itself.
        Some(_) => found.retain(|problem| !is_of_apex(problem)),
        None if !zone.format.has_apex() => found.retain(|problem| !is_of_apex(problem)),
        None => {}
    }
    if server.is_some_and(ServedBy::flattens_apex) {
        found.retain(|problem| problem.code != "zone-cname-at-apex");
    }
}

/// Where the records of each owner, and of each owner and type, stand.
fn lines(parsed: &Parsed) -> BTreeMap<String, Vec<Location>> {
    let mut lines: BTreeMap<String, Vec<Location>> = BTreeMap::new();
    for record in parsed.zone.records() {
        let owner = record.owner.to_string();
        let of_type = format!("{owner} {}", record.rdata.record_type());
        lines.entry(of_type).or_default().push(record.location());
        lines.entry(owner).or_default().push(record.location());
    }
    lines
}

/// Whether name servers would not load the file: an entry is lost, or a rule is an error.
fn refuses(parsed: &Parsed, found: &[ZoneProblem]) -> bool {
    let is_error = |problem: &ZoneProblem| problem.severity == Some(Severity::High);
    let is_empty = parsed.zone.records().is_empty() && parsed.zone.lost().is_empty();
    parsed.errors().next().is_some() || found.iter().any(is_error) || is_empty
}

/// The evidence of the earlier state, by name.
pub(super) fn earlier(jobs: &[Job], evidences: Vec<Evidence>) -> BTreeMap<Name, Earlier> {
    jobs.iter().zip(evidences).map(|(job, evidence)| (job.name.clone(), Earlier::whole(evidence))).collect()
}
