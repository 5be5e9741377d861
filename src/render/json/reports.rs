//! `mailvet/reports/1`: reports as receivers sent them, one entry each.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::reports::{Figure, ReportSummary};
use crate::parse::report::dmarc::{AggregateReport, AuthResult, Row};
use crate::parse::report::file::Complaint;
use crate::parse::report::tls::TlsReport;
use crate::render::escape;

/// One DMARC aggregate report; counts are messages.
#[derive(Serialize)]
pub(crate) struct AggregateV1 {
    kind: &'static str,
    file: String,
    org: Option<String>,
    email: Option<String>,
    report_id: Option<String>,
    begin: Option<String>,
    end: Option<String>,
    domain: String,
    /// `p` as the receiver found it.
    policy: Option<String>,
    policy_published: PublishedV1,
    records: usize,
    messages: u64,
    pass: u64,
    fail: u64,
    dkim_pass: u64,
    spf_pass: u64,
    dispositions: BTreeMap<String, u64>,
    sources: Vec<SourceV1>,
    /// What was wrong with the file although it could be read.
    problems: Vec<String>,
}

#[derive(Serialize)]
struct PublishedV1 {
    p: Option<String>,
    sp: Option<String>,
    np: Option<String>,
    adkim: Option<String>,
    aspf: Option<String>,
    pct: Option<String>,
    fo: Option<String>,
    testing: Option<String>,
    discovery_method: Option<String>,
}

/// What one address sent.
#[derive(Default, Serialize)]
struct SourceV1 {
    ip: String,
    messages: u64,
    pass: u64,
    fail: u64,
    dkim_pass: u64,
    spf_pass: u64,
    dispositions: BTreeMap<String, u64>,
    header_from: Vec<String>,
    envelope_from: Vec<String>,
    dkim: Vec<ResultV1>,
    spf: Vec<ResultV1>,
    overrides: Vec<String>,
}

#[derive(PartialEq, Serialize)]
struct ResultV1 {
    domain: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    selector: String,
    result: String,
}

/// One TLS report (RFC 8460); counts are sessions.
#[derive(Serialize)]
pub(crate) struct TlsV1 {
    kind: &'static str,
    file: String,
    org: Option<String>,
    report_id: Option<String>,
    begin: Option<String>,
    end: Option<String>,
    successful: u64,
    failed: u64,
    policies: Vec<TlsPolicyV1>,
}

#[derive(Serialize)]
struct TlsPolicyV1 {
    #[serde(rename = "type")]
    kind: String,
    domain: String,
    mx_hosts: Vec<String>,
    successful: u64,
    failed: u64,
    failures: Vec<TlsFailureV1>,
}

#[derive(Serialize)]
struct TlsFailureV1 {
    result: String,
    sessions: u64,
    sending_mta_ip: Option<String>,
    receiving_mx_hostname: Option<String>,
    receiving_ip: Option<String>,
    reason: Option<String>,
}

/// One feedback report (RFC 5965).
#[derive(Serialize)]
pub(crate) struct ComplaintV1 {
    kind: &'static str,
    file: String,
    feedback_type: String,
    user_agent: Option<String>,
    source_ip: Option<String>,
    mail_from: Option<String>,
    recipients: Vec<String>,
    reported_domains: Vec<String>,
    arrival_date: Option<String>,
    auth_failure: Option<String>,
    delivery_result: Option<String>,
    incidents: Option<u64>,
    original: OriginalV1,
}

#[derive(Serialize)]
struct OriginalV1 {
    message_id: Option<String>,
    from: Option<String>,
    subject: Option<String>,
}

/// A file or a part of one that holds no readable report.
#[derive(Clone, Serialize)]
pub(crate) struct RejectedV1 {
    pub file: String,
    pub error: String,
}

/// All reports added up, each counted once.
#[derive(Serialize)]
pub(crate) struct TotalsV1 {
    reports: u64,
    duplicates: u64,
    rejected: u64,
    complaints: u64,
    domains: Vec<DomainV1>,
    /// What receivers show of a sender on a page; the day counts from 1970.
    figures: Vec<Figure>,
}

#[derive(Serialize)]
struct DomainV1 {
    domain: String,
    messages: u64,
    pass: u64,
    dkim_pass: u64,
    spf_pass: u64,
    days: usize,
    sources: usize,
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn time(seconds: Option<i64>) -> Option<String> {
    Some(jiff::Timestamp::from_second(seconds?).ok()?.to_string())
}

pub(crate) fn aggregate(file: &str, report: &AggregateReport) -> AggregateV1 {
    let mut dispositions = BTreeMap::new();
    let mut sources: BTreeMap<&str, SourceV1> = BTreeMap::new();
    for row in &report.rows {
        *dispositions.entry(row.disposition.clone()).or_default() += row.count;
        sources.entry(row.source_text.as_str()).or_default().add(row);
    }
    let sources = sources.into_iter().map(|(text, mut source)| {
        source.ip = text.parse::<std::net::IpAddr>().map_or_else(|_| text.to_owned(), |ip| ip.to_string());
        source
    });
    let policy = &report.published;
    let (messages, pass) = (report.messages(), report.passed());
    AggregateV1 {
        kind: "dmarc-aggregate",
        file: file.to_owned(),
        org: given(&report.org),
        email: given(&report.email),
        report_id: given(&report.report_id),
        begin: time(report.begin),
        end: time(report.end),
        domain: policy.domain.clone(),
        policy: given(&policy.p),
        policy_published: PublishedV1 {
            p: given(&policy.p),
            sp: given(&policy.sp),
            np: given(&policy.np),
            adkim: given(&policy.adkim),
            aspf: given(&policy.aspf),
            pct: given(&policy.pct),
            fo: given(&policy.fo),
            testing: given(&policy.testing),
            discovery_method: given(&policy.discovery_method),
        },
        records: report.rows.len(),
        messages,
        pass,
        fail: messages.saturating_sub(pass),
        dkim_pass: report.count(Row::dkim_passes),
        spf_pass: report.count(Row::spf_passes),
        dispositions,
        sources: sources.collect(),
        problems: report.faults.clone(),
    }
}

impl SourceV1 {
    fn add(&mut self, row: &Row) {
        let when = |holds: bool| if holds { row.count } else { 0 };
        let sum = |slot: &mut u64, count: u64| *slot = slot.saturating_add(count);
        sum(&mut self.messages, row.count);
        sum(&mut self.pass, when(row.passes()));
        sum(&mut self.fail, when(!row.passes()));
        sum(&mut self.dkim_pass, when(row.dkim_passes()));
        sum(&mut self.spf_pass, when(row.spf_passes()));
        sum(self.dispositions.entry(row.disposition.clone()).or_default(), row.count);
        add_new(&mut self.header_from, &row.header_from);
        add_new(&mut self.envelope_from, &row.envelope_from);
        for text in &row.overrides {
            add_new(&mut self.overrides, text);
        }
        add_results(&mut self.dkim, &row.dkim_results);
        add_results(&mut self.spf, &row.spf_results);
    }
}

/// Distinct values kept of one source.
const MOST: usize = 50;

fn add_new(known: &mut Vec<String>, text: &str) {
    if !text.is_empty() && known.len() < MOST && !known.iter().any(|one| one == text) {
        known.push(text.to_owned());
    }
}

fn add_results(known: &mut Vec<ResultV1>, results: &[AuthResult]) {
    for one in results {
        let (domain, selector, result) = (one.domain.clone(), one.selector.clone(), one.result.clone());
        let result = ResultV1 { domain, selector, result };
        if known.len() < MOST && !known.contains(&result) {
            known.push(result);
        }
    }
}

pub(crate) fn tls(file: &str, report: &TlsReport) -> TlsV1 {
    let policies = report.policies.iter().map(|policy| TlsPolicyV1 {
        kind: policy.kind.clone(),
        domain: policy.domain.clone(),
        mx_hosts: policy.mx_hosts.clone(),
        successful: policy.successful,
        failed: policy.failed,
        failures: policy
            .failures
            .iter()
            .map(|failure| TlsFailureV1 {
                result: failure.result.clone(),
                sessions: failure.sessions,
                sending_mta_ip: given(&failure.sending_mta),
                receiving_mx_hostname: given(&failure.mx_host),
                receiving_ip: given(&failure.receiving_ip),
                reason: given(&failure.reason),
            })
            .collect(),
    });
    TlsV1 {
        kind: "tls-rpt",
        file: file.to_owned(),
        org: given(&report.org),
        report_id: given(&report.report_id),
        begin: time(report.begin),
        end: time(report.end),
        successful: report.successful(),
        failed: report.failed(),
        policies: policies.collect(),
    }
}

pub(crate) fn complaint(file: &str, complaint: &Complaint) -> ComplaintV1 {
    let (feedback, original) = (complaint.feedback.clone(), &complaint.original);
    ComplaintV1 {
        kind: "feedback",
        file: file.to_owned(),
        feedback_type: feedback.kind,
        user_agent: feedback.user_agent,
        source_ip: feedback.source_ip,
        mail_from: feedback.mail_from,
        recipients: feedback.recipients,
        reported_domains: feedback.reported_domains,
        arrival_date: feedback.arrival_date,
        auth_failure: feedback.auth_failure,
        delivery_result: feedback.delivery_result,
        incidents: feedback.incidents,
        original: OriginalV1 {
            message_id: original.message_id.clone(),
            from: original.from.clone(),
            subject: original.subject.clone(),
        },
    }
}

pub(crate) fn totals(summary: &ReportSummary) -> TotalsV1 {
    let domains = summary.domains.iter().map(|(domain, about)| DomainV1 {
        domain: domain.clone(),
        messages: about.tally.messages,
        pass: about.tally.passed,
        dkim_pass: about.tally.dkim,
        spf_pass: about.tally.spf,
        days: about.days.len(),
        sources: about.sources.len(),
    });
    TotalsV1 {
        reports: summary.reports,
        duplicates: summary.duplicates,
        rejected: summary.rejected,
        complaints: summary.complaints,
        domains: domains.collect(),
        figures: summary.figures.clone(),
    }
}

pub(crate) const CSV_HEAD: &str =
    "org,report_id,begin,end,domain,policy,ip,header_from,messages,pass,fail,dkim_pass,spf_pass\n";

/// A line a source.
pub(crate) fn csv(report: &AggregateV1) -> String {
    let head = [
        &report.org,
        &report.report_id,
        &report.begin,
        &report.end,
        &Some(report.domain.clone()),
        &report.policy,
    ]
    .map(|value| escape::csv(value.as_deref().unwrap_or_default()))
    .join(",");
    let line = |source: &SourceV1| {
        let (ip, from) = (escape::csv(&source.ip), escape::csv(&source.header_from.join(" ")));
        let [a, b, c, d, e] = [source.messages, source.pass, source.fail, source.dkim_pass, source.spf_pass];
        format!("{head},{ip},{from},{a},{b},{c},{d},{e}\n")
    };
    report.sources.iter().map(line).collect()
}
