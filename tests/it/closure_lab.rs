//! The lab's 1,000 domains and its one domain per defect: all record remedies published over
//! what its servers answer, and audited again through the same servers. What the remedies settle
//! is gone, nothing new is found, nobody loses the right to send, no policy weakens, no address is
//! invented, and asked again there is nothing more to publish.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use mailvet::evidence::Evidence;
use mailvet::facts::spf::{Authorised, Limits as SpfLimits, SpfInput, evaluate};
use mailvet::facts::{Facts, Prepared};
use mailvet::gather::{self, Limits, Sources, dns::DnsClient, resolver, zonefile::ZoneFiles};
use mailvet::judge::finding::{CheckResult, Outcome};
use mailvet::model::remedy::{Remedy, line};
use mailvet::model::{
    Absence, Answer, Name, Observation, Question, Record, RecordType, Scope, Severity, Target, Topic,
};
use mailvet::parse::dmarc::DmarcRecord;
use mailvet::policy::Policy;

use crate::conformance::record;
use crate::world::lab::lab;

struct Quiet;

impl gather::Progress for Quiet {
    fn update(&self, _: usize, _: usize) {}
}

fn scope() -> Scope {
    let topics = [Topic::Spf, Topic::Dkim, Topic::Dmarc, Topic::Bimi, Topic::Mx, Topic::Transport];
    Scope { topics: topics.into(), guess_selectors: false, ..Scope::everything() }
}

struct World<'l> {
    runtime: &'l tokio::runtime::Runtime,
    sources: &'l Sources,
}

impl World<'_> {
    fn judged(&self, evidence: &mut Evidence) -> (Vec<CheckResult>, Vec<Remedy>) {
        let (scope, prepared) = (scope(), Prepared::new(evidence));
        let limits = Limits::default();
        self.runtime.block_on(gather::gather(evidence, &scope, &prepared, self.sources, &limits, &Quiet));
        let facts = Facts::build(evidence, &scope, &prepared);
        let mut results = mailvet::judge::judge(&facts, &Policy::default());
        let planned = mailvet::remedy::plan(&facts, &Policy::default(), &mut results);
        let remedies = planned.remedies;
        drop(facts);
        (results, remedies)
    }
}

fn by_record(id: Option<&str>) -> bool {
    id.is_some_and(|id| id.starts_with("record:"))
}

/// The answers with the record remedies published, line by line, as a person would.
fn publish(evidence: &Evidence, remedies: &[Remedy]) -> Evidence {
    let mut after = evidence.clone();
    for remedy in remedies.iter().filter(|remedy| by_record(Some(&remedy.id))) {
        let gone: BTreeSet<&String> = remedy.replaces.iter().chain(&remedy.deletes).collect();
        let mut known = false;
        for (question, answer) in &mut after.answers {
            let Question::Dns { name, rtype } = question else { continue };
            let at = answer.aliases.last().unwrap_or(name).clone();
            let set = remedy.record.as_ref().filter(|set| set.name == at && set.rtype == *rtype);
            let mut records = match &answer.observation {
                Observation::Seen(records) => records.clone(),
                _ => Vec::new(),
            };
            let before = records.len();
            records.retain(|record| !gone.contains(&line(&at, *rtype, &record.rdata)));
            if let Some(set) = set {
                known = true;
                records.extend(set.values.iter().cloned().map(Record::new));
            } else if records.len() == before {
                continue;
            }
            answer.observation = match records.is_empty() {
                true => Observation::Absent(Absence::NoData),
                false => Observation::Seen(records),
            };
        }
        if let Some(set) = remedy.record.as_ref().filter(|_| !known) {
            let question = Question::Dns { name: set.name.clone(), rtype: set.rtype };
            let records = set.values.iter().cloned().map(Record::new).collect();
            after.answers.insert(question, Answer::given(Observation::Seen(records)));
        }
    }
    after
}

type Said = BTreeSet<(&'static str, String, String)>;

fn said(results: &[CheckResult]) -> Said {
    let scoring = |result: &CheckResult| {
        let code = result.check.code;
        let findings = result.findings().iter().filter(|finding| finding.severity > Severity::Info);
        findings
            .map(|finding| (code, finding.problem.subject.to_string(), finding.problem.summary.clone()))
            .collect::<Vec<_>>()
    };
    results.iter().flat_map(scoring).collect()
}

fn permitted(evidence: &Evidence, domain: &Name) -> Authorised {
    let (scope, prepared) = (scope(), Prepared::new(evidence));
    let facts = Facts::build(evidence, &scope, &prepared);
    Authorised::of(&evaluate(facts.ledger(), &SpfInput::policy(domain, 0), SpfLimits::RFC).root)
}

fn dmarc(evidence: &Evidence, domain: &Name) -> Option<DmarcRecord> {
    let question = Question::Dns { name: Name::lenient(&format!("_dmarc.{domain}")), rtype: RecordType::Txt };
    let Observation::Seen(records) = &evidence.answers.get(&question)?.observation else { return None };
    let texts = records.iter().filter_map(|record| record.rdata.joined_text());
    texts.filter_map(|text| DmarcRecord::parse(&String::from_utf8_lossy(&text))).next()
}

/// By code: findings settled by a record, and the reasons for the others.
type Tally = BTreeMap<&'static str, (usize, BTreeMap<String, usize>)>;

fn count(tally: &mut Tally, results: &[CheckResult]) {
    for result in results {
        for finding in result.findings().iter().filter(|finding| finding.severity > Severity::Info) {
            let entry = tally.entry(result.check.code).or_default();
            if by_record(finding.remedy.as_deref()) {
                entry.0 += 1;
                continue;
            }
            let fix = finding.problem.fix.as_deref().and_then(|fix| fix.split_once("No record is shown: "));
            let why = match (fix, finding.remedy.as_deref().and_then(|id| id.split_once(':'))) {
                (Some((_, why)), _) => crate::closure::general(why.trim_end_matches('.')),
                (None, Some((kind, _))) => format!("by a {kind}"),
                (None, None) => "no record of one's own settles it".to_owned(),
            };
            *entry.1.entry(why).or_default() += 1;
        }
    }
}

/// What of the promises is broken for one domain; `None` where no record is told.
fn broken(world: &World, entry: &serde_json::Value, tally: &Mutex<Tally>) -> Option<Vec<String>> {
    let text = |key: &str| entry[key].as_str().unwrap().to_owned();
    let domain = Name::parse(&text("domain")).unwrap();
    let target = Target {
        domain: Some(domain.clone()),
        ips: vec![text("ip4").parse().unwrap(), text("ip6").parse().unwrap()],
        helo: Some(text("helo")),
        selectors: vec!["s1".to_owned(), "s2".to_owned()],
        ..Target::default()
    };
    let mut evidence = Evidence { target, taken_at: 1_795_435_200, ..Evidence::default() };
    let (before, remedies) = world.judged(&mut evidence);
    count(&mut tally.lock().unwrap(), &before);
    if !remedies.iter().any(|remedy| by_record(Some(&remedy.id))) {
        return None;
    }
    let mut published = publish(&evidence, &remedies);
    let (after, again) = world.judged(&mut published);
    let (was, is) = (said(&before), said(&after));
    let mut wrong = Vec::new();
    for result in &before {
        for finding in result.findings().iter().filter(|finding| by_record(finding.remedy.as_deref())) {
            let problem = &finding.problem;
            let key = (result.check.code, problem.subject.to_string(), problem.summary.clone());
            if is.contains(&key) {
                wrong.push(format!("still there: {key:?}"));
            }
        }
    }
    // A check that the fault had kept from judging reveals what the owner wrote: no harm done.
    let passed: BTreeSet<&str> = before
        .iter()
        .filter(|result| matches!(result.outcome, Outcome::Pass))
        .map(|result| result.check.code)
        .collect();
    // The lab's own addresses are of reserved ranges: what names them says so.
    let counts = |key: &&(&str, String, String)| passed.contains(key.0) && key.0 != "spf-address-private";
    wrong.extend(is.difference(&was).filter(counts).map(|key| format!("new: {key:?}")));
    let (may, still) = (permitted(&evidence, &domain), permitted(&published, &domain));
    if !may.is_world() && !may.set.minus(&still.set).is_empty() {
        wrong.push("an address that could send no longer can".to_owned());
    }
    if still.set.is_empty() && !may.set.is_empty() {
        wrong.push("nobody may send".to_owned());
    }
    wrong.extend(policies(&evidence, &published, &domain));
    if again.iter().any(|remedy| by_record(Some(&remedy.id))) {
        let shown: Vec<String> = again.iter().map(Remedy::sentence).collect();
        wrong.push(format!("not settled at once: {shown:?}"));
    }
    Some(wrong)
}

/// Weaker DMARC policies, and report addresses that nobody wrote.
fn policies(before: &Evidence, after: &Evidence, domain: &Name) -> Vec<String> {
    let Some(new) = dmarc(after, domain) else { return Vec::new() };
    let mut wrong = Vec::new();
    if let Some(old) = dmarc(before, domain)
        && (new.policy() < old.policy() || new.subdomain_policy() < old.subdomain_policy())
    {
        wrong.push(format!("weaker: {} for {}", new.text, old.text));
    }
    let texts = before.answers.values().filter_map(|answer| match &answer.observation {
        Observation::Seen(records) => Some(records.iter().filter_map(|record| record.rdata.joined_text())),
        _ => None,
    });
    let written = String::from_utf8_lossy(&texts.flatten().collect::<Vec<_>>().concat()).into_owned();
    for address in new.rua.iter().filter_map(|uri| uri.address.as_ref()) {
        if !written.contains(address.as_str()) {
            wrong.push(format!("invented: {address}"));
        }
    }
    wrong
}

#[test]
fn remedies_of_the_lab_close() {
    let Some(lab) = lab() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let server = resolver::parse(&lab.resolver.to_string()).unwrap();
    let dns = runtime.block_on(async { DnsClient::new(&[server], &Limits::default()) }).unwrap();
    let sources = Sources { zones: ZoneFiles::default(), dns: Some(dns.into()) };
    let world = World { runtime: &runtime, sources: &sources };
    let (inventory, next) = (lab.inventory(), AtomicUsize::new(0));
    let (tally, wrong) = (Mutex::new(Tally::new()), Mutex::new(Vec::new()));
    let (with, closed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(entry) = inventory.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Some(found) = broken(&world, entry, &tally) else { continue };
                    with.fetch_add(1, Ordering::Relaxed);
                    match found.is_empty() {
                        true => _ = closed.fetch_add(1, Ordering::Relaxed),
                        false => {
                            wrong.lock().unwrap().push(format!("{}: {}", entry["domain"], found.join("; ")))
                        }
                    }
                }
            });
        }
    });
    for (code, (settled, reasons)) in tally.into_inner().unwrap() {
        let total = settled + reasons.values().sum::<usize>();
        let listed: Vec<String> = reasons.iter().map(|(why, count)| format!("{count} {why}")).collect();
        let note = match listed.is_empty() {
            true => "findings of the lab's domains that a proven record settles".to_owned(),
            false => {
                format!(
                    "findings of the lab's domains that a proven record settles; not computable: {}",
                    listed.join("; ")
                )
            }
        };
        record(&format!("remedy-lab-{code}"), settled, total, 0, &note);
    }
    let (with, closed) = (with.into_inner(), closed.into_inner());
    let wrong = wrong.into_inner().unwrap();
    record("remedy-lab", closed, with, 0, "lab domains with a record remedy whose remedies close");
    assert!(
        wrong.is_empty(),
        "{} of {with} do not close:\n  {}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n  ")
    );
    assert!(with >= 20, "{with} domains have a remedy");
}
