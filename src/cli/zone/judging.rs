//! The audit of every name of the zones: what each may be asked, and the two states side by side.

use std::collections::{BTreeMap, BTreeSet};

use super::files::{ZoneInput, soa_place};
use super::{pairs, served};
use crate::cli::remedied::remedied;
use crate::cli::session::Session;
use crate::config::zones::ZoneSetting;
use crate::evidence::Evidence;
use crate::facts::zone_names::{self, MailName};
use crate::facts::{Facts, Prepared};
use crate::judge::finding::{CheckResult, Outcome};
use crate::judge::judge;
use crate::judge::zone::{NameResult, ZoneResult};
use crate::model::remedy::Remedy;
use crate::model::reports::ReportSummary;
use crate::model::signing::SigningSummary;
use crate::model::{Location, Name, NameRole, Scope, Severity, Target, Topic, ZoneProblem};
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

/// What is demanded of an SPF record that others include: how it ends is theirs.
const OF_PARTS: [&str; 13] = [
    "spf-syntax",
    "spf-multiple",
    "spf-all-permissive",
    "spf-include-broken",
    "spf-include-loop",
    "spf-lookup-limit",
    "spf-void-lookups",
    "spf-string-too-long",
    "spf-strings-glued",
    "spf-range-huge",
    "spf-address-private",
    "change-spf-narrowed",
    "change-spf-widened",
];

/// What a name's audit finds where it can, and the comparison of two files where only they show it.
const OF_BOTH: [&str; 2] = ["change-policy-weakened", "change-selector-removed"];

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
    let earlier = pairs::earlier_of(zones, old);
    for (at, zone) in zones.iter().enumerate() {
        let mut names: BTreeMap<Name, MailName> =
            zone_names::of(&zone.parsed.zone).into_iter().map(|one| (one.name.clone(), one)).collect();
        for before in earlier[at].iter().filter_map(|at| old.get(*at)) {
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
    pub(super) fn policy_for(&self, role: NameRole) -> Policy {
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
            .filter(|check| check.needs == [Topic::Zone] || OF_BOTH.contains(&check.code))
            .map(|check| check.code)
            .collect();
        policy.selected.retain(|code| of_file.contains(code));
        policy
    }

    pub(super) fn evidence(&self, job: &Job) -> Evidence {
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

pub(super) fn scope_of(policy: &Policy) -> Scope {
    let topics = crate::judge::catalog::all()
        .filter(|check| policy.selected.contains(check.code))
        .flat_map(|check| check.needs.iter().copied())
        .collect();
    // A selector that the zone does not have is no selector.
    Scope { topics, guess_selectors: false, ..Scope::everything() }
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
    let standing: BTreeSet<&Name> = zones.iter().map(|zone| &zone.origin).collect();
    let is_gone = |before: &&ZoneInput| !standing.contains(&before.origin);
    let mut gone: Vec<ZoneProblem> = match zones.first() {
        Some(first) => old
            .iter()
            .filter(is_gone)
            .filter_map(|before| removed(&before.parsed, soa_place(first)))
            .collect(),
        None => Vec::new(),
    };
    let of_files = terms.file_policy();
    let mut all: Vec<ZoneResult> = zones
        .iter()
        .zip(pairs::earlier_of(zones, old))
        .map(|(zone, earlier)| {
            let before = earlier.and_then(|at| old.get(at));
            file_result(terms, &of_files, zone, before, std::mem::take(&mut gone))
        })
        .collect();
    let mut by_role: BTreeMap<NameRole, (Policy, Scope)> = BTreeMap::new();
    for (job, evidence) in jobs.iter().zip(evidences) {
        let (policy, scope) = by_role.entry(job.role).or_insert_with(|| {
            let policy = terms.policy_for(job.role);
            let scope = scope_of(&policy);
            (policy, scope)
        });
        // An empty selection would mean every check.
        let (results, remedies) = if policy.selected.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            let prepared = Prepared::new(evidence);
            let mut remedied = remedied(&Facts::build(evidence, scope, &prepared), policy);
            if let Some(zone) = zones.get(job.zone) {
                withhold(&zone.parsed, &mut remedied);
            }
            remedied
        };
        // An ignore for one name meets nothing at the others.
        let (mut results, remedies) = (results, remedies);
        results.retain(|result| result.check.code != "ignore-unmatched");
        if zone_names::is_part(&job.name) {
            results.retain(|result| OF_PARTS.contains(&result.check.code));
        }
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

fn file_result(
    terms: &Terms,
    policy: &Policy,
    zone: &ZoneInput,
    before: Option<&ZoneInput>,
    gone: Vec<ZoneProblem>,
) -> ZoneResult {
    let is_gone = before.is_some() && zone.is_without_text();
    let mut found = if is_gone { Vec::new() } else { problems(&zone.parsed) };
    found.extend(gone);
    if let Some(before) = before {
        found.extend(changes(&before.parsed, &zone.parsed));
    }
    served::weigh(zone, &terms.zones, &mut found);
    let is_refused = refuses(&zone.parsed, &found);
    let target = Target { domain: Some(zone.origin.clone()), ..Target::default() };
    let evidence = Evidence { target, taken_at: terms.now, zone: Some(found), ..Evidence::default() };
    let prepared = Prepared::new(&evidence);
    let scope = Scope { topics: BTreeSet::new(), ..Scope::everything() };
    let mut results = match policy.selected.is_empty() {
        true => Vec::new(),
        false => judge(&Facts::build(&evidence, &scope, &prepared), policy),
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
