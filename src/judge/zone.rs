//! The report on zone files: what each name's audit and each file's readers found, as one list
//! in which every finding has a place, and what a change made of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::finding::{CheckResult, Finding, Outcome, fingerprint};
use crate::model::remedy::Remedy;
use crate::model::{Failure, Gap, Location, Name, NameRole, Severity};

/// All zones of one run.
#[derive(Debug)]
pub(crate) struct ZoneReport {
    /// Seconds since the Unix epoch.
    pub taken_at: i64,
    pub zones: Vec<ZoneResult>,
    /// Against an earlier state, where one was given.
    pub change: Option<Change>,
}

/// One zone file.
#[derive(Debug)]
pub(crate) struct ZoneResult {
    pub origin: Name,
    /// As reports show it.
    pub file: String,
    pub format: &'static str,
    /// Where a problem stands that no line shows: the SOA record's line.
    pub place: Location,
    pub names: Vec<NameResult>,
    /// Of the checks about the file itself.
    pub results: Vec<CheckResult>,
    /// Lines of each owner, and of each owner and type (`example.com TXT`).
    pub lines: BTreeMap<String, Vec<Location>>,
    /// First lines of the records that the change wrote.
    pub changed: BTreeSet<Location>,
    /// Name servers would not load the file.
    pub is_refused: bool,
    /// All that was found, worst first; filled by [`ZoneResult::collect`].
    pub rows: Vec<Row>,
}

/// One name of a zone.
#[derive(Debug)]
pub(crate) struct NameResult {
    pub name: Name,
    pub role: NameRole,
    pub results: Vec<CheckResult>,
    pub remedies: Vec<Remedy>,
}

/// How a finding stands to the earlier state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    New,
    /// There before, and more severe now.
    Worse,
    Same,
    Fixed,
    /// There before; whether it still is cannot be told now.
    Hidden,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            State::New => "new",
            State::Worse => "worse",
            State::Same => "same",
            State::Fixed => "fixed",
            State::Hidden => "hidden",
        }
    }
}

/// One finding with its place.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub zone: Name,
    pub name: Name,
    pub check: &'static crate::check::Check,
    pub finding: Finding,
    pub location: Location,
    /// `None` where nothing was compared.
    pub state: Option<State>,
    /// Set aside by the user, for this reason, with who answers for it and until when.
    pub ignored: Option<String>,
    /// What else this finding explains.
    pub explains: Vec<String>,
}

impl Row {
    /// What changed, rather than what is.
    pub(crate) fn is_consequence(&self) -> bool {
        self.check.code.starts_with("change-")
    }

    /// The remedy for this finding.
    pub(crate) fn fix(&self) -> &str {
        self.finding.problem.fix.as_deref().unwrap_or(self.check.fix)
    }

    /// Whether it counts: not ignored, and not there before.
    pub(crate) fn counts(&self) -> bool {
        self.ignored.is_none() && !matches!(self.state, Some(State::Same | State::Fixed | State::Hidden))
    }

    fn key(&self) -> (Name, &'static str, String) {
        (self.zone.clone(), self.check.code, self.finding.problem.subject.to_string())
    }
}

/// What became of the findings of the earlier state.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub fixed: Vec<Row>,
    pub hidden: Vec<Row>,
}

/// A rule of the file's reader, and the check of a name's audit that finds the same.
const TWINS: [(&str, &str); 6] = [
    ("change-policy-weakened", "change-policy-weakened"),
    ("change-selector-removed", "change-selector-removed"),
    ("zone-spf-multiple", "spf-multiple"),
    ("zone-spf-strings-joined", "spf-strings-glued"),
    ("zone-target-alias", "mx-alias"),
    ("zone-target-addressless", "mx-unresolvable"),
];

/// Findings of the file that explain what an audit finds on the same line.
const EXPLAINING: [&str; 9] = [
    "zone-text-cut",
    "zone-text-unquoted",
    "zone-record-split",
    "zone-record-orphaned",
    "zone-missing-dot",
    "zone-target-addressless",
    "zone-cname-dangling",
    "zone-delegation-hides-mail",
    "zone-entry-broken",
];

/// What a record that stands elsewhere, by its version or owner, leaves missing.
const MISSING: [(&str, &str, &str); 6] = [
    ("v=DMARC1", "_dmarc", "dmarc-missing"),
    ("v=spf1", "", "spf-missing"),
    ("v=STSv1", "_mta-sts", "mta-sts-missing"),
    ("v=TLSRPTv1", "_tls", "tls-rpt-missing"),
    ("v=BIMI1", "_bimi", "bimi-missing"),
    ("v=DKIM1", "_domainkey", "dkim-key-missing"),
];

impl ZoneResult {
    /// Makes the one list: each finding with a place, those that say the same as one.
    pub(crate) fn collect(&mut self) {
        // Looked for by name from here on.
        self.names.sort_by(|a, b| a.name.cmp(&b.name));
        let apex = self.names.iter().find(|one| one.name == self.origin);
        let remedies = apex.map(|one| one.remedies.as_slice()).unwrap_or_default();
        let mut file = self.rows_of(&self.origin, &self.results, remedies);
        let mut audit = Vec::new();
        for name in &self.names {
            audit.extend(self.rows_of(&name.name, &name.results, &name.remedies));
        }
        same_once(&mut audit);
        join_twins(&mut file, &mut audit);
        tell_once(&mut file, &audit);
        explain(&mut file, &mut audit);
        file.extend(audit);
        file.sort_by(|a, b| {
            (b.finding.severity, &a.location, a.check.code).cmp(&(
                a.finding.severity,
                &b.location,
                b.check.code,
            ))
        });
        number(&mut file);
        self.rows = file;
    }

    fn rows_of(&self, name: &Name, results: &[CheckResult], remedies: &[Remedy]) -> Vec<Row> {
        let mut rows = Vec::new();
        let row = |check, finding: &Finding, ignored| Row {
            zone: self.origin.clone(),
            name: name.clone(),
            check,
            location: self.place_of(finding, remedies),
            finding: finding.clone(),
            state: None,
            ignored,
            explains: Vec::new(),
        };
        for result in results {
            let Outcome::Fail { findings, ignored, .. } = &result.outcome else { continue };
            rows.extend(findings.iter().map(|finding| row(result.check, finding, None)));
            rows.extend(ignored.iter().map(|one| row(result.check, &one.finding, Some(one.why()))));
        }
        rows
    }

    /// The finding's own line; else that of the record to change, of the one it is about, or of
    /// its name.
    fn place_of(&self, finding: &Finding, remedies: &[Remedy]) -> Location {
        if let Some(location) = &finding.problem.location {
            return location.clone();
        }
        let remedy = remedies.iter().find(|remedy| finding.remedy.as_ref() == Some(&remedy.id));
        let set = remedy.and_then(|remedy| remedy.record.as_ref().filter(|_| !remedy.replaces.is_empty()));
        let lines = set.and_then(|set| self.lines.get(&format!("{} {}", set.name, set.rtype)));
        if let Some(line) = lines.and_then(|lines| lines.first()) {
            return line.clone();
        }
        let subject = finding.problem.subject.to_string();
        let owner = subject.split(' ').next().unwrap_or_default();
        let lines = self.lines.get(&subject).or_else(|| self.lines.get(owner));
        lines.and_then(|lines| lines.first()).unwrap_or(&self.place).clone()
    }

    /// What is new and stands at a record that the change did not touch has its place at one of
    /// the same name and type that it did: the second of two records is the one too many.
    fn blame(&mut self) {
        let mut sets: BTreeMap<&Location, &Vec<Location>> = BTreeMap::new();
        for (_, lines) in self.lines.iter().filter(|(key, lines)| key.contains(' ') && lines.len() > 1) {
            for line in lines {
                sets.entry(line).or_insert(lines);
            }
        }
        let is_new = |row: &&mut Row| matches!(row.state, Some(State::New | State::Worse));
        for row in self.rows.iter_mut().filter(is_new) {
            if self.changed.contains(&row.location) {
                continue;
            }
            let set = sets.get(&row.location);
            if let Some(line) = set.and_then(|set| set.iter().find(|line| self.changed.contains(line))) {
                row.location = line.clone();
            }
        }
    }

    /// Checks that stayed unknown because a question failed, each with its reason. What nobody
    /// gave or allowed is a smaller scope, not a failure.
    pub(crate) fn failures(&self) -> Vec<(&Name, &'static str, String)> {
        let mut all = Vec::new();
        for name in &self.names {
            for result in &name.results {
                if let Outcome::Unknown(gap @ Gap::Failed { failure, .. }) = &result.outcome {
                    // An entry that cannot be read is the one reason for all the names it might hold.
                    let why = match failure {
                        Failure::Malformed(_) => failure.to_string(),
                        _ => gap.to_string(),
                    };
                    all.push((&name.name, result.check.code, why));
                }
            }
        }
        all
    }
}

/// By severity, else by what it is measured in.
fn is_worse(was: &Finding, now: &Finding) -> bool {
    let measure = |finding: &Finding| finding.problem.measure;
    was.severity < now.severity
        || (was.severity == now.severity && measure(was).is_some() && measure(was) < measure(now))
}

/// What one record does to several names (an inherited policy) is one finding.
fn same_once(rows: &mut Vec<Row>) {
    let mut seen = BTreeSet::new();
    rows.retain(|row| {
        let problem = &row.finding.problem;
        problem.location.is_none()
            || seen.insert((row.check.code, row.location.clone(), problem.summary.clone()))
    });
}

/// Of two findings that say the same the audit's stays, with the reader's place and remedy.
fn join_twins(file: &mut Vec<Row>, audit: &mut [Row]) {
    file.retain(|row| {
        let Some((_, twin)) = TWINS.iter().find(|(code, _)| *code == row.check.code) else { return true };
        let owner = row.finding.problem.subject.to_string();
        let same = |other: &&mut Row| {
            other.check.code == *twin
                && (other.name.as_str() == owner
                    || other.finding.problem.subject.to_string().starts_with(&owner))
        };
        match audit.iter_mut().find(same) {
            Some(other) if row.ignored.is_none() => {
                other.location = row.location.clone();
                other.finding.problem.fix =
                    row.finding.problem.fix.clone().or(other.finding.problem.fix.take());
                false
            }
            _ => true,
        }
    });
}

/// A record that the change took from the file, as the reader's comparison names it, and the
/// checks of a name's audit that say what follows. Of a name that is audited theirs is the word.
const TOLD_BY_AUDIT: [(&str, &[&str]); 6] = [
    (" MX ", &["mx-missing", "change-mx-replaced"]),
    (" v=spf1 ", &["spf-missing", "change-spf-narrowed"]),
    (" v=DMARC1 ", &["dmarc-missing", "change-policy-weakened", "change-policy-inherited"]),
    (" v=STSv1 ", &["change-record-lost"]),
    (" v=TLSRPTv1 ", &["change-record-lost"]),
    (" v=BIMI1 ", &["change-record-lost"]),
];

/// Labels below which an audit looks for the records of a name.
const ASKED_BELOW: [&str; 4] = ["_dmarc.", "_mta-sts.", "_smtp._tls.", "default._bimi."];

/// Leaves out what the comparison of two files tells and an audit tells better, and no less gravely.
fn tell_once(file: &mut Vec<Row>, audit: &[Row]) {
    let mut told: BTreeMap<(&str, &str), Severity> = BTreeMap::new();
    for row in audit {
        let severity = told.entry((row.check.code, row.name.as_str())).or_insert(row.finding.severity);
        *severity = row.finding.severity.max(*severity);
    }
    file.retain(|row| {
        if !row.check.code.starts_with("change-mail-record-") {
            return true;
        }
        let owner = row.finding.problem.subject.to_string();
        // What stood there is the sender's own text, and says nothing of its kind.
        let head = row.finding.problem.summary.split('(').next().unwrap_or_default();
        let kind = TOLD_BY_AUDIT.iter().find(|(word, _)| head.contains(word));
        let codes = kind.map_or(&[][..], |(_, codes)| codes);
        let name = ASKED_BELOW.iter().find_map(|below| owner.strip_prefix(below)).unwrap_or(&owner);
        !codes.iter().any(|code| told.get(&(*code, name)).is_some_and(|told| *told >= row.finding.severity))
    });
}

/// Puts what a fault of the file explains under it; the graver of the two severities counts.
fn explain(file: &mut [Row], audit: &mut Vec<Row>) {
    let is_cause = |row: &&mut Row| row.ignored.is_none() && EXPLAINING.contains(&row.check.code);
    // Looked up, since both may be thousands.
    let mut by_place: BTreeMap<&Location, Vec<usize>> = BTreeMap::new();
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, row) in audit.iter().enumerate().filter(|(_, row)| row.ignored.is_none()) {
        if let Some(location) = &row.finding.problem.location {
            by_place.entry(location).or_default().push(at);
        }
        if MISSING.iter().any(|(_, _, code)| row.check.code == *code) {
            by_name.entry(row.name.as_str()).or_default().push(at);
        }
    }
    let mut explained = BTreeSet::new();
    for cause in file.iter_mut().filter(is_cause) {
        let owner = cause.finding.problem.subject.to_string();
        let above = std::iter::successors(Some(owner.as_str()), |name| Some(name.split_once('.')?.1));
        let missing = above.filter_map(|name| by_name.get(name)).flatten();
        let missing = missing.filter(|at| is_missed(&cause.finding.problem.summary, &owner, &audit[**at]));
        let same_line = by_place.get(&cause.location).into_iter().flatten();
        let mine: BTreeSet<usize> = same_line.chain(missing).copied().collect();
        for at in mine {
            if explained.insert(at) {
                let row = &audit[at];
                cause.explains.push(format!("{}: {}", row.check.code, row.finding.problem.summary));
                cause.finding.severity = cause.finding.severity.max(row.finding.severity);
            }
        }
    }
    let mut at = 0;
    audit.retain(|_| {
        at += 1;
        !explained.contains(&(at - 1))
    });
}

/// Whether what an audit misses is what the fault of the file damaged.
fn is_missed(summary: &str, owner: &str, row: &Row) -> bool {
    MISSING.iter().any(|(version, label, code)| {
        row.check.code == *code
            && (summary.contains(version)
                || (!label.is_empty() && owner.split('.').any(|part| part == *label)))
    })
}

/// Fingerprints that no two findings of a file share and that no wording changes.
fn number(rows: &mut [Row]) {
    let mut seen: BTreeMap<(&'static str, String), usize> = BTreeMap::new();
    for row in rows {
        let subject = format!("{} {} {}", row.zone, row.name, row.finding.problem.subject);
        let count = seen.entry((row.check.code, subject.clone())).or_default();
        *count += 1;
        let subject = if *count > 1 { format!("{subject} {count}") } else { subject };
        row.finding.fingerprint = fingerprint(row.check.code, &subject);
    }
}

impl ZoneReport {
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.zones.iter().flat_map(|zone| &zone.rows)
    }

    /// Every finding that is not ignored, those of a change first, then worst first.
    pub(crate) fn shown(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows().filter(|row| row.ignored.is_none()).collect();
        rows.sort_by_key(|row| {
            (!row.is_consequence(), row.state.unwrap_or(State::New), std::cmp::Reverse(row.finding.severity))
        });
        rows
    }

    /// The worst severity among what counts for the exit code.
    pub(crate) fn worst(&self) -> Option<Severity> {
        self.rows().filter(|row| row.counts()).map(|row| row.finding.severity).max()
    }

    /// True where servers would refuse one of the files.
    pub(crate) fn is_refused(&self) -> bool {
        self.zones.iter().any(|zone| zone.is_refused)
    }

    /// Settles what is new, worse, the same, fixed or hidden, from the earlier state's zones; `later`
    /// says which zone of now each of them became.
    pub(crate) fn compare(&mut self, old: &[ZoneResult], later: &[Option<usize>]) {
        let mut before: BTreeMap<_, Vec<Row>> = BTreeMap::new();
        for (zone, now) in old.iter().zip(later) {
            for row in zone.rows.iter().filter(|row| row.ignored.is_none()) {
                before.entry((*now, row.key())).or_default().push(row.clone());
            }
        }
        for (at, zone) in self.zones.iter_mut().enumerate() {
            for row in &mut zone.rows {
                let known = before.get_mut(&(Some(at), row.key())).and_then(Vec::pop);
                row.state = Some(match known {
                    _ if row.is_consequence() => State::New,
                    None => State::New,
                    Some(known) if is_worse(&known.finding, &row.finding) => State::Worse,
                    Some(_) => State::Same,
                });
            }
            zone.blame();
        }
        let mut change = Change::default();
        for ((now, _), rows) in before {
            let zone = self.zone_of(now, rows.first());
            for mut row in rows {
                row.location = zone.map_or(row.location, |zone| zone.place.clone());
                if zone.is_some_and(|zone| is_settled(zone, &row)) {
                    row.state = Some(State::Fixed);
                    change.fixed.push(row);
                } else {
                    row.state = Some(State::Hidden);
                    change.hidden.push(row);
                }
            }
        }
        self.change = Some(change);
    }

    /// The zone that an earlier one became, else one of its origin.
    fn zone_of(&self, now: Option<usize>, row: Option<&Row>) -> Option<&ZoneResult> {
        let same = || self.zones.iter().find(|zone| row.is_some_and(|row| zone.origin == row.zone));
        now.and_then(|now| self.zones.get(now)).or_else(same)
    }
}

/// Whether the check that found it earlier was judged now: an unknown must not count as
/// mended, nor a name that is no longer looked at.
fn is_settled(zone: &ZoneResult, row: &Row) -> bool {
    let at = zone.names.binary_search_by(|one| one.name.cmp(&row.name));
    let results = match at.ok().and_then(|at| zone.names.get(at)) {
        Some(name) if name.results.iter().any(|result| result.check.code == row.check.code) => &name.results,
        _ => &zone.results,
    };
    results
        .iter()
        .any(|result| result.check.code == row.check.code && !matches!(result.outcome, Outcome::Unknown(_)))
}
