//! Adds reports up into what a recording keeps: bounded, whatever is fed to it,
//! and independent of the order of the files but for what is beyond the bounds.

use std::collections::BTreeMap;
use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use crate::model::reports::{DomainReports, Figure, ReportSummary, SourceTally, Tally};
use crate::parse::log::provider::provider;
use crate::parse::report::arf::Feedback;
use crate::parse::report::dmarc::{AggregateReport, Row};
use crate::parse::report::file::Document;
use crate::parse::report::tls::TlsReport;

const MOST_DOMAINS: usize = 5_000;
const MOST_SOURCES: usize = 10_000;
const MOST_REPORTERS: usize = 2_000;
const MOST_SELECTORS: usize = 50;
const MOST_DAYS: usize = 800;
const MOST_NAMES: usize = 8;
const MOST_TYPES: usize = 50;
/// Receivers whose complaints are told apart.
const MOST_RECEIVERS: usize = 1000;
/// Reports remembered to know a second copy by, eight bytes each.
const MOST_REMEMBERED: usize = 2_000_000;
/// Figures of receivers that are kept.
const MOST_FIGURES: usize = 20_000;
const DAY: i64 = 86_400;

/// Whose recipient complained: by the recipient's domain, else, where that was taken out, by the
/// program or host that reports.
fn receiver(feedback: &Feedback) -> Option<String> {
    const PROGRAMS: [(&str, &str); 4] =
        [("yahoo", "yahoo.com"), ("aol", "yahoo.com"), ("hotmail", "outlook.com"), ("mail.ru", "mail.ru")];
    let domain = |text: &str| text.rsplit_once('@').map(|(_, domain)| domain.trim().to_ascii_lowercase());
    if let Some(domain) = feedback.recipients.iter().find_map(|recipient| domain(recipient)) {
        return Some(provider(&domain, "").to_owned());
    }
    let agent = feedback.user_agent.as_deref().unwrap_or_default().to_ascii_lowercase();
    if let Some((_, receiver)) = PROGRAMS.iter().find(|(program, _)| agent.contains(program)) {
        return Some((*receiver).to_owned());
    }
    let host = feedback.reporting_mta.as_deref()?.trim().to_ascii_lowercase();
    let seen = provider("", &host);
    (!seen.is_empty()).then(|| seen.to_owned())
}

/// Adds up.
#[derive(Default)]
pub struct Summing {
    /// What was added so far.
    pub summary: ReportSummary,
    seen: HashSet<u64>,
}

impl Summing {
    /// Adds one document, or counts it as one that could not be read.
    pub fn add<E>(&mut self, result: &Result<Document, E>) {
        match result {
            Ok(Document::Aggregate(report)) => self.aggregate(report),
            Ok(Document::Tls(report)) => self.tls(report),
            Ok(Document::Complaint(complaint)) => {
                self.summary.complaints += 1;
                let is_objection = complaint.feedback.is_objection();
                self.summary.objections += u64::from(is_objection);
                if let Some(receiver) = receiver(&complaint.feedback) {
                    if is_objection {
                        count(&mut self.summary.objections_by_receiver, &receiver, 1, MOST_RECEIVERS);
                    }
                    count(&mut self.summary.complaints_by_receiver, &receiver, 1, MOST_RECEIVERS);
                }
            }
            Ok(Document::Figures(figures)) => self.figures(figures),
            Err(_) => self.summary.rejected += 1,
        }
    }

    /// Figures of the same day given twice count once, and of too many the newest stay.
    fn figures(&mut self, figures: &[Figure]) {
        let known = &mut self.summary.figures;
        known.extend_from_slice(figures);
        known.sort();
        known.dedup();
        if known.len() > MOST_FIGURES {
            known.sort_by(|a, b| b.day.cmp(&a.day).then_with(|| a.cmp(b)));
            known.truncate(MOST_FIGURES);
            known.sort();
        }
    }

    /// True for a report that was there before; receivers send some twice.
    fn is_known(&mut self, kind: &str, org: &str, id: &str, domain: &str) -> bool {
        if id.is_empty() {
            return false;
        }
        let mut hasher = DefaultHasher::new();
        (kind, org.to_ascii_lowercase(), id, domain).hash(&mut hasher);
        if self.seen.len() >= MOST_REMEMBERED {
            return self.seen.contains(&hasher.finish());
        }
        !self.seen.insert(hasher.finish())
    }

    fn aggregate(&mut self, report: &AggregateReport) {
        if self.is_known("dmarc", &report.org, &report.report_id, &report.published.domain) {
            self.summary.duplicates += 1;
            return;
        }
        self.summary.reports += 1;
        let org = if report.org.is_empty() { &report.email } else { &report.org };
        count(&mut self.summary.reporters, &org.to_ascii_lowercase(), report.messages(), MOST_REPORTERS);
        for row in &report.rows {
            let from = row.header_from.trim_end_matches('.');
            let domains = &mut self.summary.domains;
            if !domains.contains_key(from) && domains.len() >= MOST_DOMAINS {
                continue;
            }
            add_row(domains.entry(from.to_owned()).or_default(), report, row);
        }
        // A report without mail still says that the receiver looked.
        if let (true, Some(begin)) = (report.rows.is_empty(), report.begin)
            && let Some(domain) = self.summary.domains.get_mut(&report.published.domain)
        {
            day(domain, begin, report);
        }
    }

    fn tls(&mut self, report: &TlsReport) {
        let domain = report.policies.first().map(|policy| policy.domain.as_str()).unwrap_or_default();
        if self.is_known("tls", &report.org, &report.report_id, domain) {
            self.summary.duplicates += 1;
            return;
        }
        for policy in &report.policies {
            let all = &mut self.summary.tls;
            if !all.contains_key(&policy.domain) && all.len() >= MOST_DOMAINS {
                continue;
            }
            let tally = all.entry(policy.domain.clone()).or_default();
            tally.reports += 1;
            tally.successful = tally.successful.saturating_add(policy.successful);
            tally.failed = tally.failed.saturating_add(policy.failed);
            for failure in &policy.failures {
                count(&mut tally.failures, &failure.result, failure.sessions, MOST_TYPES);
            }
        }
    }
}

fn tally_of(row: &Row) -> Tally {
    let when = |holds: bool| if holds { row.count } else { 0 };
    Tally {
        messages: row.count,
        passed: when(row.passes()),
        dkim: when(row.dkim_passes()),
        spf: when(row.spf_passes()),
    }
}

fn add_row(domain: &mut DomainReports, report: &AggregateReport, row: &Row) {
    let tally = tally_of(row);
    domain.tally.add(&tally);
    for one in
        row.dkim_results.iter().filter(|r| r.passes() && !r.selector.is_empty() && row.aligned(&r.domain))
    {
        let name = format!("{}._domainkey.{}", one.selector.to_ascii_lowercase(), one.domain);
        count(&mut domain.selectors, &name, row.count, MOST_SELECTORS);
    }
    if let Some(begin) = report.begin {
        let day = day(domain, begin, report);
        day.messages = day.messages.saturating_add(tally.messages);
        day.passed = day.passed.saturating_add(tally.passed);
    }
    let full = domain.sources.len() >= MOST_SOURCES;
    let source = match row.source {
        Some(ip) if !full || domain.sources.contains_key(&ip) => domain.sources.entry(ip).or_default(),
        _ => &mut domain.other_sources,
    };
    source.tally.add(&tally);
    match row.disposition.as_str() {
        "quarantine" => source.quarantined = source.quarantined.saturating_add(row.count),
        "reject" => source.rejected = source.rejected.saturating_add(row.count),
        _ => {}
    }
    if !row.passes() {
        failing(source, row);
    }
}

/// Why mail fails: forwarded, changed on the way, or another's.
fn failing(source: &mut SourceTally, row: &Row) {
    let forwarded =
        |reason: &String| matches!(reason.as_str(), "forwarded" | "trusted_forwarder" | "mailing_list");
    if row.overrides.iter().any(forwarded) {
        source.forwarded = source.forwarded.saturating_add(row.count);
    }
    // "none" and "policy" say that there was no signature worth the name.
    let broken = |result: &str| matches!(result, "fail" | "neutral");
    if row.dkim_results.iter().any(|r| broken(&r.result) && row.aligned(&r.domain)) {
        source.broken = source.broken.saturating_add(row.count);
    }
    let mut names: Vec<&str> = row
        .dkim_results
        .iter()
        .chain(&row.spf_results)
        .filter(|r| r.passes() && !row.aligned(&r.domain) && !r.domain.is_empty())
        .map(|r| r.domain.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        count(&mut source.passes_as, name, row.count, MOST_NAMES);
    }
}

fn day<'d>(
    domain: &'d mut DomainReports,
    begin: i64,
    report: &AggregateReport,
) -> &'d mut crate::model::reports::Day {
    let number = begin.div_euclid(DAY);
    if domain.days.len() >= MOST_DAYS && !domain.days.contains_key(&number) {
        // The oldest go first; the advice is about the newest.
        domain.days.pop_first();
    }
    let day = domain.days.entry(number).or_default();
    let policy = effective(report);
    if day.policy.is_empty() || strength(policy) < strength(&day.policy) {
        policy.clone_into(&mut day.policy);
    }
    day
}

/// What the receiver was asked to do, test mode and `pct` taken into account.
fn effective(report: &AggregateReport) -> &str {
    let policy = &report.published;
    let testing = policy.testing == "y" || policy.pct == "0";
    match (policy.p.as_str(), testing) {
        ("reject", true) => "quarantine",
        ("quarantine", true) => "none",
        (p, _) => p,
    }
}

fn strength(policy: &str) -> u8 {
    match policy {
        "reject" => 2,
        "quarantine" => 1,
        _ => 0,
    }
}

fn count(names: &mut BTreeMap<String, u64>, name: &str, messages: u64, most: usize) {
    if let Some(known) = names.get_mut(name) {
        *known = known.saturating_add(messages);
    } else if names.len() < most {
        names.insert(name.to_owned(), messages);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(id: &str, rows: &str) -> Result<Document, String> {
        let text = format!(
            "<feedback><report_metadata><org_name>R.example</org_name><report_id>{id}</report_id><date_range>\
             <begin>1700000000</begin></date_range></report_metadata><policy_published><domain>example.com</domain>\
             <p>quarantine</p></policy_published>{rows}</feedback>"
        );
        Ok(Document::Aggregate(Box::new(AggregateReport::parse(text.as_bytes()).unwrap())))
    }

    fn row(ip: &str, count: u64, dkim: &str, spf: &str, results: &str) -> String {
        format!(
            "<record><row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated><dkim>{dkim}</dkim>\
             <spf>{spf}</spf></policy_evaluated></row><auth_results>{results}</auth_results></record>"
        )
    }

    #[test]
    fn rows_add_up_and_copies_do_not() {
        let mut sum = Summing::default();
        let esp = "<spf><domain>esp.example</domain><result>pass</result></spf>";
        let changed = "<dkim><domain>mail.example.com</domain><result>fail</result></dkim>";
        let rows = row("192.0.2.1", 5, "pass", "fail", "")
            + &row("192.0.2.1", 2, "fail", "fail", esp)
            + &row("198.51.100.7", 3, "fail", "fail", changed);
        sum.add(&report("1", &rows));
        sum.add(&report("1", &rows));
        sum.add(&Err::<Document, _>("x"));
        let summary = &sum.summary;
        assert_eq!((summary.reports, summary.duplicates, summary.rejected), (1, 1, 1));
        let domain = &summary.domains["example.com"];
        assert_eq!(domain.tally, Tally { messages: 10, passed: 5, dkim: 5, spf: 0 });
        assert_eq!(domain.days[&19_675].policy, "quarantine");
        let first = &domain.sources[&"192.0.2.1".parse().unwrap()];
        assert_eq!((first.tally.failed(), first.passes_as["esp.example"]), (2, 2));
        assert_eq!(domain.sources[&"198.51.100.7".parse().unwrap()].broken, 3);
    }

    #[test]
    fn the_number_of_sources_is_bounded() {
        let mut sum = Summing::default();
        let rows: String = (0..MOST_SOURCES + 5)
            .map(|n| row(&format!("10.{}.{}.1", n / 256, n % 256), 1, "fail", "fail", ""))
            .collect();
        sum.add(&report("1", &rows));
        let domain = &sum.summary.domains["example.com"];
        assert_eq!((domain.sources.len(), domain.other_sources.tally.messages), (MOST_SOURCES, 5));
    }
}
