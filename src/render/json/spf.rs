//! `mailvet/spf/1`: the verdict, the tree with its costs, who may send.

use std::net::IpAddr;

use serde::Serialize;

use super::v1::{self, ResultV1};
use crate::facts::spf::{Authorised, Cost, Evaluation, Node, Published, SpfResult, Step, TermFound};
use crate::parse::spf::TermKind;
use crate::render::spf::SpfView;

#[derive(Serialize)]
pub(crate) struct SpfV1<'a> {
    schema: &'static str,
    domain: &'a str,
    ip: Option<IpAddr>,
    helo: &'a str,
    mail_from: String,
    /// Of the first address; without one, that of an address which no term names, or of everybody.
    result: Option<&'static str>,
    /// The term by which every sender passes.
    anybody: Option<AnybodyV1<'a>>,
    explanation: Option<&'a str>,
    /// Over all terms, reached or not.
    lookups: usize,
    void_lookups: usize,
    /// True where an answer is missing, so that the two counts are lower bounds.
    incomplete: bool,
    evaluated: EvaluatedV1<'a>,
    records: Vec<String>,
    tree: NodeV1<'a>,
    problem: Option<TroubleV1<'a>>,
    gap: Option<String>,
    authorized: AuthorizedV1<'a>,
    /// One for each further `--ip`.
    senders: Vec<SenderV1<'a>>,
    results: Vec<ResultV1>,
    fixes: Vec<FixV1>,
}

#[derive(Serialize)]
struct AnybodyV1<'a> {
    domain: &'a str,
    term: &'a str,
    /// The name below which every name answers.
    below: Option<&'a str>,
}

/// What one receiver spent up to its verdict.
#[derive(Serialize)]
struct EvaluatedV1<'a> {
    lookups: usize,
    void_lookups: usize,
    matched: Vec<MatchV1<'a>>,
}

#[derive(Serialize)]
struct MatchV1<'a> {
    domain: &'a str,
    term: &'a str,
}

#[derive(Serialize)]
struct SenderV1<'a> {
    ip: Option<IpAddr>,
    result: Option<&'static str>,
    explanation: Option<&'a str>,
    evaluated: EvaluatedV1<'a>,
    problem: Option<TroubleV1<'a>>,
    gap: Option<String>,
}

#[derive(Serialize)]
struct TroubleV1<'a> {
    message: &'a str,
    domain: &'a str,
    record: Option<&'a str>,
    span: Option<[usize; 2]>,
    term: Option<&'a str>,
}

#[derive(Serialize)]
struct NodeV1<'a> {
    domain: &'a str,
    status: &'static str,
    reason: Option<String>,
    record: Option<&'a str>,
    lookups: usize,
    void_lookups: usize,
    terms: Vec<TermV1<'a>>,
}

#[derive(Serialize)]
struct TermV1<'a> {
    term: &'a str,
    span: [usize; 2],
    target: Option<&'a str>,
    lookups: usize,
    void_lookups: usize,
    /// Never evaluated: it stands behind `all`, or is a modifier without effect.
    ignored: bool,
    fault: Option<&'a str>,
    gap: Option<String>,
    addresses: Vec<IpAddr>,
    hosts: Vec<String>,
    include: Option<Box<NodeV1<'a>>>,
}

#[derive(Serialize)]
struct AuthorizedV1<'a> {
    networks: Vec<String>,
    ipv4_addresses: String,
    ipv6_addresses: String,
    /// Of the IPv4 addresses, those that records of other organisations permit.
    ipv4_addresses_of_others: String,
    depends_on_sender: &'a [String],
    terms: Vec<ShareV1<'a>>,
}

#[derive(Serialize)]
struct ShareV1<'a> {
    domain: &'a str,
    term: &'a str,
    ipv4_addresses: String,
    ipv6_addresses: String,
    ipv4_addresses_of_others: String,
}

#[derive(Serialize)]
struct FixV1 {
    title: String,
    warning: Option<String>,
    /// What was compared with the record as it stands.
    proof: String,
    records: Vec<FixRecordV1>,
    lookups: usize,
    void_lookups: usize,
}

#[derive(Serialize)]
struct FixRecordV1 {
    name: String,
    record: String,
    line: String,
}

/// Networks shown; a record that permits more is shown by its counts.
const NETWORKS: usize = 500;

pub(crate) fn spf<'a>(view: &'a SpfView) -> SpfV1<'a> {
    let first = view.first();
    let cost = first.cost();
    SpfV1 {
        schema: "mailvet/spf/1",
        domain: &first.root.domain,
        ip: first.input.ip,
        helo: &first.input.helo,
        mail_from: format!("{}@{}", first.input.local_part, first.input.sender_domain),
        result: match &view.anybody {
            Some(_) if first.input.ip.is_none() => Some(SpfResult::Pass.name()),
            _ => result(first),
        },
        anybody: view.anybody.as_ref().map(|anybody| AnybodyV1 {
            domain: &anybody.domain,
            term: &anybody.term,
            below: anybody.below.as_deref(),
        }),
        explanation: first.verdict.explanation.as_deref(),
        lookups: cost.lookups,
        void_lookups: cost.voids,
        incomplete: cost.gap.is_some() || first.cut,
        evaluated: evaluated(first),
        records: records(&first.root),
        tree: node(&first.root, first.input.ip),
        problem: trouble(first),
        gap: gap(first),
        authorized: authorized(&view.authorised),
        senders: view.senders.iter().skip(1).map(sender).collect(),
        results: view.results.iter().map(v1::result).collect(),
        fixes: view.plans.iter().map(fix).collect(),
    }
}

fn result(evaluation: &Evaluation) -> Option<&'static str> {
    evaluation.verdict.result.as_ref().ok().map(|result| result.name())
}

fn gap(evaluation: &Evaluation) -> Option<String> {
    evaluation.known().err().map(|gap| gap.to_string())
}

fn evaluated(evaluation: &Evaluation) -> EvaluatedV1<'_> {
    let verdict = &evaluation.verdict;
    let matched = verdict.path.iter().map(|hit| MatchV1 { domain: &hit.domain, term: &hit.term });
    EvaluatedV1 { lookups: verdict.lookups, void_lookups: verdict.voids, matched: matched.collect() }
}

fn sender(evaluation: &Evaluation) -> SenderV1<'_> {
    SenderV1 {
        ip: evaluation.input.ip,
        result: result(evaluation),
        explanation: evaluation.verdict.explanation.as_deref(),
        evaluated: evaluated(evaluation),
        problem: trouble(evaluation),
        gap: gap(evaluation),
    }
}

fn trouble(evaluation: &Evaluation) -> Option<TroubleV1<'_>> {
    let trouble = evaluation.verdict.trouble.as_ref()?;
    let record = trouble.record.as_ref();
    Some(TroubleV1 {
        message: &trouble.message,
        domain: &trouble.domain,
        record: record.map(|(text, _)| text.as_str()),
        span: record.map(|(_, span)| [span.start, span.end]),
        term: record.and_then(|(text, span)| text.get(span.clone())),
    })
}

fn records(node: &Node) -> Vec<String> {
    match &node.published {
        Published::Record(record, _) => vec![record.text.clone()],
        Published::Several(records) => {
            records.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect()
        }
        _ => Vec::new(),
    }
}

fn node(node: &Node, ip: Option<IpAddr>) -> NodeV1<'_> {
    let cost = Cost::of(node, ip);
    let (status, reason) = match &node.published {
        Published::Record(..) => ("record", None),
        Published::Several(records) => ("several", Some(format!("{} SPF records", records.len()))),
        Published::Nothing(_) => ("none", None),
        Published::Malformed => ("malformed", Some("no name that can be asked for".to_owned())),
        Published::Loop => ("loop", Some("is being evaluated further up".to_owned())),
        Published::Beyond => ("not-followed", Some("the tree is too deep".to_owned())),
        Published::Unknown(gap) => ("unknown", Some(gap.to_string())),
    };
    let terms = node.record().map_or(&[][..], |record| &record.terms);
    NodeV1 {
        domain: &node.domain,
        status,
        reason,
        record: node.record().map(|record| record.text.as_str()),
        lookups: cost.lookups,
        void_lookups: cost.voids,
        terms: terms.iter().enumerate().map(|(index, _)| term(node, index, ip)).collect(),
    }
}

fn term(within: &Node, index: usize, ip: Option<IpAddr>) -> TermV1<'_> {
    let step = within.steps.iter().find(|step| step.term == index);
    let record = within.record();
    let own = record.and_then(|record| Some((record, record.terms.get(index)?)));
    let cost = step.map(|step| Cost::of_step(within, step, ip)).unwrap_or_default();
    let is_term = |kind: &TermKind| matches!(kind, TermKind::Directive { .. } | TermKind::Redirect(_));
    TermV1 {
        term: own.map_or("", |(record, term)| record.text_of(term)),
        span: own.map_or([0, 0], |(_, term)| [term.span.start, term.span.end]),
        target: step.and_then(|step| step.target.as_deref()),
        lookups: cost.lookups,
        void_lookups: cost.voids,
        ignored: own.is_some_and(|(record, term)| is_term(&term.kind) && !record.is_live(index)),
        fault: own.and_then(|(record, term)| {
            record.faults.iter().find(|fault| fault.term == term.span).map(|fault| fault.message.as_str())
        }),
        gap: step.and_then(step_gap),
        addresses: step.map(addresses).unwrap_or_default(),
        hosts: step.map(hosts).unwrap_or_default(),
        include: match step.map(|step| &step.found) {
            Some(TermFound::Nested(below)) => Some(Box::new(node(below, ip))),
            _ => None,
        },
    }
}

fn step_gap(step: &Step) -> Option<String> {
    let gap = match &step.found {
        TermFound::Unexpanded(gap)
        | TermFound::Exchanges(Err(gap))
        | TermFound::Names(Err(gap))
        | TermFound::Exists(Err(gap)) => Some(gap),
        TermFound::Hosts(hosts) => hosts.four.as_ref().err().or(hosts.six.as_ref().err()),
        TermFound::Exchanges(Ok(exchanges)) => exchanges
            .iter()
            .filter_map(|exchange| exchange.hosts.as_ref())
            .find_map(|hosts| hosts.four.as_ref().err().or(hosts.six.as_ref().err())),
        _ => None,
    };
    gap.map(ToString::to_string)
}

fn addresses(step: &Step) -> Vec<IpAddr> {
    let of = |hosts: &crate::facts::spf::Hosts| {
        let four = hosts.four.iter().flatten().map(|ip| IpAddr::V4(*ip));
        four.chain(hosts.six.iter().flatten().map(|ip| IpAddr::V6(*ip))).collect::<Vec<_>>()
    };
    match &step.found {
        TermFound::Hosts(hosts) => of(hosts),
        TermFound::Exchanges(Ok(exchanges)) => {
            exchanges.iter().filter_map(|exchange| exchange.hosts.as_ref()).flat_map(of).collect()
        }
        _ => Vec::new(),
    }
}

fn hosts(step: &Step) -> Vec<String> {
    match &step.found {
        TermFound::Exchanges(Ok(exchanges)) => exchanges.iter().map(|e| e.name.to_string()).collect(),
        TermFound::Names(Ok(names)) => names.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

fn authorized(authorised: &Authorised) -> AuthorizedV1<'_> {
    AuthorizedV1 {
        networks: authorised.set.networks().iter().take(NETWORKS).map(ToString::to_string).collect(),
        ipv4_addresses: authorised.set.count_four().to_string(),
        ipv6_addresses: authorised.set.count_six().to_string(),
        ipv4_addresses_of_others: authorised.foreign().count_four().to_string(),
        depends_on_sender: &authorised.by_sender,
        terms: authorised
            .terms
            .iter()
            .map(|share| ShareV1 {
                domain: &share.domain,
                term: &share.text,
                ipv4_addresses: share.adds.count_four().to_string(),
                ipv6_addresses: share.adds.count_six().to_string(),
                ipv4_addresses_of_others: share.adds.minus(&share.own).count_four().to_string(),
            })
            .collect(),
    }
}

fn fix(plan: &crate::facts::spf::Plan) -> FixV1 {
    FixV1 {
        title: plan.title.clone(),
        warning: plan.warning.clone(),
        proof: plan.proof.clone(),
        records: plan
            .records
            .iter()
            .map(|(name, record)| FixRecordV1 {
                name: name.to_string(),
                record: record.clone(),
                line: crate::facts::spf::fix::zone_line(name, record),
            })
            .collect(),
        lookups: plan.cost.lookups,
        void_lookups: plan.cost.voids,
    }
}
