//! The answer of `mailvet spf` for people: verdict, record, tree, who may send, fixes.

use std::net::IpAddr;

use comfy_table::{CellAlignment, Table};

use super::escape;
use super::source_caret::{self, Caret, Style};
use super::style::{Look, wrap};
use crate::facts::spf::{
    Anybody, Authorised, Cost, Evaluation, Limits, Node, Plan, Published, SpfResult, Step, TermFound, fix,
};
use crate::judge::finding::CheckResult;
use crate::model::Severity;
use crate::model::counted::counted;
use crate::model::untrusted::Width;
use crate::parse::spf::{SpfRecord, TermKind};

/// Everything the command shows.
pub(crate) struct SpfView {
    /// The record without any sender.
    pub policy: Evaluation,
    /// One evaluation for each sending address.
    pub senders: Vec<Evaluation>,
    pub authorised: Authorised,
    /// The term by which everybody passes.
    pub anybody: Option<Anybody>,
    pub results: Vec<CheckResult>,
    pub plans: Vec<Plan>,
}

impl SpfView {
    /// What the answer is about first of all.
    pub(crate) fn first(&self) -> &Evaluation {
        self.senders.first().unwrap_or(&self.policy)
    }
}

pub(crate) fn spf(view: &SpfView, look: Look) -> String {
    let mut out = String::new();
    match &view.anybody {
        Some(anybody) => out.push_str(&open_to_all(&view.policy, anybody, look)),
        None if view.senders.is_empty() => out.push_str(&verdict(&view.policy, look)),
        None => {}
    }
    for sender in &view.senders {
        out.push_str(&verdict(sender, look));
    }
    if look.quiet {
        return out;
    }
    let first = view.first();
    out.push_str(&record(first, look));
    out.push_str(&tree(first, look));
    out.push_str(&authorised(view, look));
    out.push_str(&findings(view, look));
    out.push_str(&plans(view, look));
    out
}

fn heading(text: &str, look: Look) -> String {
    format!("\n{}\n", look.bold(text))
}

/// What every sender gets, whatever the end of the record says.
fn open_to_all(policy: &Evaluation, anybody: &Anybody, look: Look) -> String {
    let domain = look.bold(&escape::terminal(&policy.root.domain));
    let word = look.severity(Severity::High, SpfResult::Pass.name());
    let by = wrap(&escape::terminal(&anybody.term), look.width, "  by ", "     ");
    format!("{domain}  SPF {word} for every sender\n{by}")
}

fn verdict(evaluation: &Evaluation, look: Look) -> String {
    let from = match evaluation.input.ip {
        Some(ip) => format!("from {ip}"),
        None => "for an address that no term names".to_owned(),
    };
    let (word, severity) = match &evaluation.verdict.result {
        Ok(result @ SpfResult::Pass) => (result.name().to_owned(), None),
        Ok(result @ (SpfResult::PermError | SpfResult::TempError)) => {
            (result.name().to_owned(), Some(Severity::High))
        }
        Ok(result) => {
            let asked = evaluation.input.ip.is_some() || *result == SpfResult::None;
            (result.name().to_owned(), asked.then_some(Severity::Medium))
        }
        Err(gap) => (format!("unknown: {gap}"), Some(Severity::Medium)),
    };
    let word = escape::terminal(&word);
    let painted = match severity {
        Some(severity) => look.severity(severity, &word),
        None => look.good(&word),
    };
    let domain = escape::terminal(&evaluation.root.domain);
    let mut out = format!("{}  SPF {painted} {from}\n", look.bold(&domain));
    if !evaluation.verdict.path.is_empty() {
        let hops = evaluation.verdict.path.iter().map(|hit| hit.term.as_str());
        let path = hops.collect::<Vec<_>>().join(" > ");
        out.push_str(&wrap(&escape::terminal(&path), look.width, "  by ", "     "));
    }
    if let Some(trouble) = &evaluation.verdict.trouble {
        let text = format!("{}: {}", trouble.domain, trouble.message);
        out.push_str(&wrap(&escape::terminal(&text), look.width, "  ", "  "));
    }
    if let Some(text) = &evaluation.verdict.explanation {
        let text = format!("the domain explains: {text}");
        out.push_str(&wrap(&escape::terminal(&text), look.width, "  ", "  "));
    }
    out
}

/// The record as published; every fault, and the term an evaluation broke off at, with a caret.
fn record(evaluation: &Evaluation, look: Look) -> String {
    let root = &evaluation.root;
    let mut out = String::new();
    match &root.published {
        Published::Several(records) => {
            out.push_str(&heading("Records", look));
            for text in records {
                out.push_str(&format!("  {}\n", escape::terminal(&String::from_utf8_lossy(text))));
            }
        }
        Published::Record(record, location) => {
            out.push_str(&heading("Record", look));
            out.push_str(&format!("  {}\n", escape::terminal(&record.text)));
            if let Some(location) = location {
                out.push_str(&format!("  {}:{}\n", escape::terminal(&location.file), location.line));
            }
            for fault in &record.faults {
                let remedy = remedy(fault.replacement.as_deref());
                let place = format!("{} TXT", root.domain);
                out.push_str(&caret(record, fault.span.clone(), &fault.message, &remedy, &place, look));
            }
            let trouble = evaluation.verdict.trouble.as_ref();
            if let Some((trouble, (text, span))) = trouble.and_then(|t| Some((t, t.record.as_ref()?)))
                && record.faults.is_empty()
            {
                let broken = SpfRecord::parse(text.as_bytes());
                let place = format!("{} TXT", trouble.domain);
                let remedy = "see the fixes below, or mailvet explain spf-lookup-limit";
                out.push_str(&caret(&broken, span.clone(), &trouble.message, remedy, &place, look));
            }
        }
        _ => {}
    }
    out
}

fn remedy(replacement: Option<&str>) -> String {
    match replacement {
        Some("") => "drop the term".to_owned(),
        Some(text) => format!("write {text}"),
        None => "correct or drop the term".to_owned(),
    }
}

fn caret(
    record: &SpfRecord,
    span: std::ops::Range<usize>,
    message: &str,
    remedy: &str,
    place: &str,
    look: Look,
) -> String {
    let caret = Caret {
        error: true,
        code: "spf",
        message,
        remedy,
        file: place,
        source: record.text.as_bytes(),
        span,
    };
    let style = if look.color { Style::Coloured } else { Style::Plain };
    format!("\n{}\n", source_caret::render(&caret, style))
}

fn tree(evaluation: &Evaluation, look: Look) -> String {
    if evaluation.root.record().is_none() {
        return String::new();
    }
    let cost = evaluation.cost();
    let mut out = heading("Look-ups, every term counted", look);
    out.push_str(&look.dim("  cost  void  term\n"));
    node(&evaluation.root, evaluation.input.ip, 0, &mut out);
    let more = if cost.gap.is_some() || evaluation.cut { "at least " } else { "" };
    out.push_str(&format!(
        "  {:>4}  {:>4}  {more}in all; {} and {} are allowed\n",
        cost.lookups,
        cost.voids,
        Limits::RFC.lookups,
        Limits::RFC.voids
    ));
    if evaluation.input.ip.is_some() {
        let verdict = &evaluation.verdict;
        let text = format!("spent up to the verdict: {} look-ups, {} void", verdict.lookups, verdict.voids);
        out.push_str(&format!("  {}\n", look.dim(&text)));
    }
    if let Some(gap) = cost.gap {
        out.push_str(&wrap(&escape::terminal(&format!("unknown: {gap}")), look.width, "  ", "  "));
    }
    out
}

fn node(within: &Node, ip: Option<IpAddr>, depth: usize, out: &mut String) {
    let Some(record) = within.record() else { return };
    for (index, term) in record.terms.iter().enumerate() {
        let step = within.steps.iter().find(|step| step.term == index);
        let text = crate::model::untrusted::plain(record.text_of(term), Width::Name);
        let indent = "  ".repeat(depth.min(12));
        let cost = step.map(|step| Cost::of_step(within, step, ip)).unwrap_or_default();
        let number = |count: usize| if count == 0 { String::new() } else { count.to_string() };
        let live = record.is_live(index) || matches!(term.kind, TermKind::Unknown { .. });
        let note = if matches!(term.kind, TermKind::Broken) {
            "  (unreadable)".to_owned()
        } else if !live {
            "  (ignored: stands behind or beside all)".to_owned()
        } else {
            step.map(note).unwrap_or_default()
        };
        let line = format!("  {:>4}  {:>4}  {indent}{text}{note}", number(cost.lookups), number(cost.voids));
        out.push_str(line.trim_end());
        out.push('\n');
        if let Some(TermFound::Nested(below)) = step.map(|step| &step.found) {
            node(below, ip, depth + 1, out);
        }
    }
}

fn note(step: &Step) -> String {
    match &step.found {
        TermFound::Nested(below) => match &below.published {
            Published::Record(..) => String::new(),
            Published::Several(records) => format!("  ({} SPF records: permerror)", records.len()),
            Published::Nothing(_) => "  (no SPF record: permerror)".to_owned(),
            Published::Malformed => "  (no usable name: permerror)".to_owned(),
            Published::Loop => "  (leads in a circle: permerror)".to_owned(),
            Published::Beyond => "  (not followed further)".to_owned(),
            Published::Unknown(gap) => format!("  (unknown: {})", escape::terminal(&gap.to_string())),
        },
        TermFound::NeedsSender => "  (depends on the sender: give --ip)".to_owned(),
        TermFound::Exchanges(Ok(exchanges)) if exchanges.len() > Limits::RFC.names => {
            format!("  ({} hosts: permerror)", exchanges.len())
        }
        _ => String::new(),
    }
}

/// `16,777,216`.
fn grouped(count: u128) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Counts of IPv6 addresses say little; powers of two say the size.
fn size_six(count: u128) -> String {
    match count {
        0 => String::new(),
        u128::MAX => "all".to_owned(),
        1..=4096 => grouped(count),
        _ => format!("2^{:.0}", (count as f64).log2()),
    }
}

fn authorised(view: &SpfView, look: Look) -> String {
    let authorised = &view.authorised;
    if authorised.terms.is_empty() {
        return String::new();
    }
    let mut out = heading("Who may send", look);
    let mut table = Table::new();
    table.load_style(super::style::table());
    table.set_header(["term", "IPv4", "IPv6", "whose"]);
    for share in &authorised.terms {
        let term = crate::model::untrusted::plain(&share.text, Width::Name);
        let four = share.adds.count_four();
        let whose = match () {
            () if view.anybody.as_ref().is_some_and(|one| one.term == share.text) => "everybody",
            () if share.open => "depends on the sender or is unknown",
            () if share.adds.is_empty() => "",
            () if share.own.is_empty() => "others",
            () if share.own == share.adds => "own",
            () => "own and others",
        };
        let four = if four == 0 { String::new() } else { grouped(four) };
        table.add_row([term, four, size_six(share.adds.count_six()), whose.to_owned()]);
    }
    for column in [1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.to_string().lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    let total = authorised.set.count_four();
    if total > 0 {
        let foreign = authorised.foreign().count_four();
        let percent = foreign as f64 * 100.0 / total as f64;
        let text = format!(
            "{} IPv4 {} in {} of both families; {percent:.0} % of them by records of others",
            grouped(total),
            if total == 1 { "address" } else { "addresses" },
            counted(authorised.set.networks().len() as u64, "network"),
        );
        out.push_str(&wrap(&text, look.width, "  ", "  "));
    }
    if look.verbose {
        for net in authorised.set.networks().iter().take(200) {
            out.push_str(&format!("    {net}\n"));
        }
    }
    out
}

fn findings(view: &SpfView, look: Look) -> String {
    let mut found: Vec<_> =
        view.results.iter().flat_map(|r| r.findings().iter().map(move |finding| (r, finding))).collect();
    found.sort_by(|a, b| b.1.severity.cmp(&a.1.severity).then_with(|| a.0.check.code.cmp(b.0.check.code)));
    if found.is_empty() {
        return String::new();
    }
    let mut out = heading("Findings", look);
    for (result, finding) in found {
        let severity = look.severity(finding.severity, &format!("{:<8}", finding.severity.name()));
        out.push_str(&format!("  {severity}  {}\n", look.bold(result.check.code)));
        let summary = escape::terminal(&finding.problem.summary);
        out.push_str(&wrap(&summary, look.width, "            ", "            "));
        let fix = escape::terminal(finding.problem.fix.as_deref().unwrap_or(result.check.fix));
        out.push_str(&wrap(&fix, look.width, "       fix  ", "            "));
    }
    out
}

fn plans(view: &SpfView, look: Look) -> String {
    let mut out = String::new();
    for (number, plan) in view.plans.iter().enumerate() {
        if number == 0 {
            out.push_str(&heading("Ways under the limits, each evaluated as if published", look));
        }
        let costs = format!("{}. {}: {} look-ups at most", number + 1, plan.title, plan.cost.lookups);
        out.push_str(&wrap(&escape::terminal(&costs), look.width, "  ", "     "));
        if let Some(warning) = &plan.warning {
            out.push_str(&wrap(&escape::terminal(warning), look.width, "     ", "     "));
        }
        out.push_str(&wrap(&escape::terminal(&plan.proof), look.width, "     ", "     "));
        for (name, record) in &plan.records {
            out.push_str(&format!("     {}\n", escape::terminal(&fix::zone_line(name, record))));
        }
    }
    out
}
