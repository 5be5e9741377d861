//! Findings to remedies: one edit per name and type, proven one by one and all
//! together, and each finding marked with what settles it.

use std::collections::BTreeSet;

use super::draft::{Change, Step, standing};
use super::draft::{Codes, Topic};
use super::others;
use super::place::{Place, places};
use super::policy_file;
use super::proof::{Judged, Seen, topics};
use crate::facts::Facts;
use crate::facts::revision::{Edit, Revision, Served};
use crate::judge::finding::{CheckResult, Finding, Outcome};
use crate::model::remedy::{RecordSet, Remedy, RemedyKind, line};
use crate::model::{Location, Name, Rdata, RecordType, Topic as AskedTopic};
use crate::parse::web::psl;
use crate::policy::Policy;

/// Rounds of improving one record: each finding that a repair reveals may need one.
const ROUNDS: usize = 6;

/// What to do, and the records that stand then.
#[derive(Debug, Default)]
pub struct Planned {
    /// In the order to carry them out.
    pub remedies: Vec<Remedy>,
    edits: Vec<Edit>,
    served: Option<Served>,
}

/// The run again, with every record and file remedy published.
pub struct After<'e>(Revision<'e>);

impl After<'_> {
    /// Facts over the answers with every such remedy published.
    pub fn facts(&self) -> Facts<'_> {
        self.0.facts()
    }
}

impl Planned {
    /// Names and types whose records change.
    pub fn record_sets(&self) -> usize {
        self.edits.len()
    }

    /// True where a file on a web server changes.
    pub fn serves_a_file(&self) -> bool {
        self.served.is_some()
    }

    /// The answers with all record and file remedies published; `None` where there is none.
    pub fn published<'e>(&self, facts: &Facts<'e>) -> Option<After<'e>> {
        let all = AskedTopic::ALL.into_iter().collect();
        (!self.edits.is_empty() || self.served.is_some()).then(|| {
            let revision = facts.revision(&self.edits, &all);
            After(match &self.served {
                Some(file) => revision.serving(file),
                None => revision,
            })
        })
    }
}

/// Computes and proves the remedies, and writes into each finding which one settles it.
pub fn plan(facts: &Facts, policy: &Policy, results: &mut [CheckResult]) -> Planned {
    let codes: Codes = results
        .iter()
        .filter(|result| !result.findings().is_empty())
        .map(|result| result.check.code)
        .collect();
    let mut planned = Planned::default();
    let places = places(facts, &codes);
    if !places.is_empty() {
        let prover = Prover::new(facts, policy);
        let mut proven = Vec::new();
        for place in &places {
            match prover.settle(place) {
                Ok(Some(found)) => proven.push(found),
                Ok(None) => {}
                Err(why) => tell(results, place, &why),
            }
        }
        prover.keep_what_agrees(&mut proven);
        for found in proven {
            let edit = found.edit.clone();
            let cut = found.cut(facts);
            let (mut remedy, settles) = found.remedy(facts);
            if attach(results, &remedy, &settles) {
                attach_cut(results, &mut remedy, &cut);
                planned.edits.push(edit);
                planned.remedies.push(remedy);
            }
        }
    }
    if codes.iter().any(|code| code.starts_with("mta-sts-")) {
        serve(facts, policy, results, &mut planned);
    }
    others::add(results, &mut planned.remedies);
    planned
}

/// The policy file of MTA-STS, which stands on a web server and not in DNS.
fn serve(facts: &Facts, policy: &Policy, results: &mut [CheckResult], planned: &mut Planned) {
    match policy_file::settle(facts, &planned.edits, policy) {
        Ok(Some(found)) => {
            if attach(results, &found.remedy, &found.settles) {
                planned.remedies.push(found.remedy);
                planned.served = Some(found.served);
            }
        }
        Ok(None) => {}
        Err(why) => {
            let of_file = |code: &str| code == "mta-sts-policy-syntax" || code == "mta-sts-mx-unlisted";
            for result in results.iter_mut().filter(|result| of_file(result.check.code)) {
                let general = result.check.fix;
                for finding in findings_mut(result).filter(|finding| finding.remedy.is_none()) {
                    let fix = finding.problem.fix.clone().unwrap_or_else(|| general.to_owned());
                    finding.problem.fix = Some(format!("{fix}\nNo repaired file is shown: {why}."));
                }
            }
        }
    }
}

/// A change with its proof.
struct Proven<'p> {
    place: &'p Place,
    edit: Edit,
    /// The records the name has today.
    before: Vec<Rdata>,
    safe: bool,
    notes: Vec<String>,
    settles: Vec<Seen>,
}

struct Prover<'f, 'e> {
    facts: &'f Facts<'e>,
    policy: &'f Policy,
    before: Judged,
    base: Revision<'e>,
}

impl<'f, 'e> Prover<'f, 'e> {
    fn new(facts: &'f Facts<'e>, policy: &'f Policy) -> Prover<'f, 'e> {
        let base = facts.revision(&[], &topics());
        let before = Judged::of(&base.facts(), policy);
        Prover { facts, policy, before, base }
    }

    /// The furthest change of one place that proves well; the error says why there is none.
    fn settle<'p>(&self, place: &'p Place) -> Result<Option<Proven<'p>>, String> {
        let (chain, withheld) = self.chain(place);
        let mut reason = withheld;
        for length in (1..=chain.len()).rev() {
            match self.prove(place, &chain[..length]) {
                Ok(proven) => return Ok(Some(proven)),
                Err(why) => reason = reason.or(Some(why)),
            }
        }
        reason.map_or(Ok(None), Err)
    }

    /// The changes one after another, each seen as published before the next is sought.
    fn chain(&self, place: &Place) -> (Vec<(Edit, Change)>, Option<String>) {
        let mut chain: Vec<(Edit, Change)> = Vec::new();
        for _ in 0..ROUNDS {
            let edits: Vec<Edit> = chain.last().map(|(edit, _)| edit.clone()).into_iter().collect();
            let revision = self.facts.revision(&edits, &topics());
            let facts = revision.facts();
            let codes = match chain.is_empty() {
                true => self.before.codes(),
                false => self.revealed(&facts),
            };
            match place.step(&facts, &codes) {
                Step::Done => break,
                Step::Withheld(why) => return (chain, Some(why)),
                Step::Change(change) => {
                    let edit = change.applied(&facts, &place.name, place.rtype());
                    if chain.iter().any(|(known, _)| *known == edit) {
                        break;
                    }
                    chain.push((edit, change));
                }
            }
        }
        (chain, None)
    }

    /// The codes that fail once the record can be read. Whom else to let in is only
    /// asked where it was a finding before.
    fn revealed(&self, facts: &Facts) -> Codes {
        let mut codes = Judged::of(facts, self.policy).codes();
        let known = self.before.codes();
        codes.retain(|code| *code != "spf-ip-unauthorised" || known.contains(code));
        codes
    }

    fn prove<'p>(&self, place: &'p Place, chain: &[(Edit, Change)]) -> Result<Proven<'p>, String> {
        let Some((edit, _)) = chain.last() else { return Err("there is nothing to change".to_owned()) };
        let base = self.base.facts();
        let revision = self.facts.revision(std::slice::from_ref(edit), &topics());
        let after = revision.facts();
        let codes = self.before.codes();
        place.holds(&base, &after, &codes)?;
        if let Some((first, _)) = chain.first().filter(|_| chain.len() > 1) {
            let repaired = self.facts.revision(std::slice::from_ref(first), &topics());
            let repaired = repaired.facts();
            place.holds(&repaired, &after, &Judged::of(&repaired, self.policy).codes())?;
        }
        let judged = Judged::of(&after, self.policy);
        if let Some(harm) = self.before.harm(&judged) {
            return Err(format!("publishing it would set off {} at {}", harm.code, harm.subject));
        }
        let settles: Vec<Seen> = self.before.settled(&judged).cloned().collect();
        if settles.is_empty() {
            return Err("no record at this name alone settles it".to_owned());
        }
        let standing = standing(&base, &place.name, place.rtype());
        let mut notes: Vec<String> = Vec::new();
        for note in chain.iter().flat_map(|(_, change)| change.notes.iter()) {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        let is_new = standing.as_ref().is_none_or(|found| found.records.is_empty());
        // What is deleted at a name was there.
        let veiled = match edit.rdata.is_empty() {
            true => None,
            false => veiled(&base, place, is_new),
        };
        let veils = veiled.is_some();
        notes.extend(veiled);
        Ok(Proven {
            place,
            edit: edit.clone(),
            before: standing.map(|found| found.records.into_iter().cloned().collect()).unwrap_or_default(),
            safe: !veils && chain.iter().all(|(_, change)| change.safe),
            notes,
            settles,
        })
    }

    /// Drops the last remedies until all that are left do no harm together.
    fn keep_what_agrees(&self, proven: &mut Vec<Proven>) {
        while proven.len() > 1 {
            let edits: Vec<Edit> = proven.iter().map(|one| one.edit.clone()).collect();
            let revision = self.facts.revision(&edits, &topics());
            if self.before.harm(&Judged::of(&revision.facts(), self.policy)).is_none() {
                return;
            }
            proven.pop();
        }
    }
}

impl Proven<'_> {
    /// The records that the change removes, each once: a set of records holds none twice.
    fn gone(&self) -> Vec<&Rdata> {
        let kept: BTreeSet<&Rdata> = self.edit.rdata.iter().collect();
        let mut seen = BTreeSet::new();
        self.before.iter().filter(|rdata| !kept.contains(rdata) && seen.insert(*rdata)).collect()
    }

    /// Where the zone file holds those of them that a semicolon outside quotes cut short.
    fn cut(&self, facts: &Facts) -> BTreeSet<Location> {
        let of = |rdata| facts.cut_from(&self.place.name, rdata).into_iter().map(|(_, at)| at.clone());
        self.gone().into_iter().flat_map(of).collect()
    }

    fn remedy(self, facts: &Facts) -> (Remedy, Vec<Seen>) {
        let (name, rtype) = (&self.place.name, self.place.rtype());
        let publish_at = standing(facts, name, rtype).map_or_else(|| name.clone(), |found| found.publish_at);
        let gone = self.gone();
        let stood: BTreeSet<&Rdata> = self.before.iter().collect();
        let values: Vec<Rdata> =
            self.edit.rdata.iter().filter(|rdata| !stood.contains(rdata)).cloned().collect();
        let lines =
            |rdata: &[&Rdata]| rdata.iter().map(|rdata| line(&publish_at, rtype, rdata)).collect::<Vec<_>>();
        let leftover = |rdata: &&&Rdata| matches!(rdata, Rdata::Txt(strings) if strings.concat().to_ascii_lowercase().starts_with(b"spf2.0/"));
        let (replaces, deletes): (Vec<&Rdata>, Vec<&Rdata>) = match values.is_empty() {
            true => (Vec::new(), gone),
            false => gone.into_iter().partition(|rdata| !leftover(&rdata)),
        };
        let ttl = 3600;
        let mut notes = self.notes.clone();
        if values.is_empty() && matches!(self.place.topic, Topic::Dmarc | Topic::DkimKey) {
            let kept: Vec<&Rdata> = self.edit.rdata.iter().collect();
            notes.push(format!("what stays is {}", lines(&kept).join(" and ")));
        }
        let mut settles: Vec<String> = self.settles.iter().map(|seen| seen.fingerprint.clone()).collect();
        settles.sort();
        settles.dedup();
        let remedy = Remedy {
            id: format!("record:{publish_at}:{rtype}"),
            kind: RemedyKind::Record,
            owner: publish_at.to_string(),
            who: format!("whoever runs the zone of {}", psl::organizational(&publish_at)),
            replaces: lines(&replaces),
            deletes: lines(&deletes),
            file: None,
            record: (!values.is_empty()).then(|| RecordSet { name: publish_at.clone(), rtype, ttl, values }),
            settles,
            safe: self.safe,
            note: notes.join("; "),
        };
        (remedy, self.settles)
    }
}

/// The host that a name of records such as `_dmarc.host` is about.
fn host_of(name: &Name) -> Name {
    let labels: Vec<&str> = name.labels().collect();
    let host = labels.iter().rposition(|label| label.starts_with('_')).map_or(0, |last| last + 1);
    Name::lenient(&labels[host..].join("."))
}

/// What a record at the name takes from a host that lives by a wildcard, or may: a record of its own, there or
/// below, ends the wildcard for the host (RFC 4592 section 2.2). `None` where nothing is lost.
fn veiled(facts: &Facts, place: &Place, is_new: bool) -> Option<String> {
    let host = host_of(&place.name);
    if psl::organizational(&host) == host {
        return None;
    }
    match facts.wildcard_of(&host) {
        Ok(None) => None,
        Ok(Some(wildcard)) => {
            let gives = |(rtype, rdata): &(RecordType, Rdata)| {
                (*rtype != place.rtype() || host != place.name).then(|| line(&host, *rtype, rdata))
            };
            let mut lines: Vec<String> = wildcard.records.iter().filter_map(gives).collect();
            if let Some(target) = &wildcard.alias {
                lines = vec![format!(
                    "what its alias {target} gives, since no other record stands beside a CNAME"
                )];
            }
            (!lines.is_empty()).then(|| {
                format!(
                    "{host} lives by {}, and a record of its own ends that (RFC 4592 section 2.2): publish as well {}",
                    wildcard.at,
                    lines.join(" and ")
                )
            })
        }
        // The greeting host is one that its address names.
        Err(_) if !is_new || place.topic == Topic::HeloSpf => None,
        Err(_) => Some(format!(
            "if {host} lives by a wildcard, repeat the wildcard's records there: a record of its own ends them (RFC 4592 section 2.2)"
        )),
    }
}

/// Writes the remedy into the findings it settles; false where the report has none of them.
fn attach(results: &mut [CheckResult], remedy: &Remedy, settles: &[Seen]) -> bool {
    let mut any = false;
    for result in results.iter_mut() {
        let code = result.check.code;
        for finding in findings_mut(result).filter(|finding| finding.remedy.is_none()) {
            let problem = &finding.problem;
            let is_settled = settles.iter().any(|seen| {
                seen.code == code
                    && seen.summary == problem.summary
                    && seen.subject == problem.subject.to_string()
            });
            if is_settled {
                finding.problem.fix = Some(remedy.sentence());
                finding.remedy = Some(remedy.id.clone());
                any = true;
            }
        }
    }
    any
}

/// The doubts about texts that a semicolon cut short end with the records that hold the whole.
fn attach_cut(results: &mut [CheckResult], remedy: &mut Remedy, cut: &BTreeSet<Location>) {
    for result in results.iter_mut().filter(|result| result.check.code == "zone-text-cut") {
        let settled = |one: &&mut Finding| one.problem.location.as_ref().is_some_and(|at| cut.contains(at));
        for finding in findings_mut(result).filter(settled) {
            finding.problem.fix = Some(remedy.sentence());
            finding.remedy = Some(remedy.id.clone());
            remedy.settles.push(finding.fingerprint.clone());
        }
    }
    remedy.settles.sort();
    remedy.settles.dedup();
}

/// Says at the findings of a place why no record is shown.
fn tell(results: &mut [CheckResult], place: &Place, why: &str) {
    let name = place.name.as_str();
    for result in results
        .iter_mut()
        .filter(|result| place.prefixes().iter().any(|start| result.check.code.starts_with(start)))
    {
        let general = result.check.fix;
        let code = result.check.code;
        let speaks = [
            "-syntax",
            "-multiple",
            "-missing",
            "-unauthorised",
            "-glued",
            "-failing",
            "-broken",
            "-ignored",
            "-all",
            "-mechanism",
            "-lookups",
            "-permissive",
            "-mx-limit",
        ];
        if !speaks.iter().any(|end| code.ends_with(end)) {
            continue;
        }
        for finding in findings_mut(result) {
            let subject = finding.problem.subject.to_string();
            let about = subject == name
                || subject.starts_with(&format!("{name} "))
                || finding.problem.summary.contains(name);
            if about && finding.remedy.is_none() {
                let fix = finding.problem.fix.clone().unwrap_or_else(|| general.to_owned());
                finding.problem.fix = Some(format!(
                    "{} No record is shown: {why}.",
                    fix.trim_end_matches('.').to_owned() + "."
                ));
            }
        }
    }
}

fn findings_mut(result: &mut CheckResult) -> impl Iterator<Item = &mut Finding> {
    match &mut result.outcome {
        Outcome::Fail { findings, .. } => findings.iter_mut(),
        _ => [].iter_mut(),
    }
}
