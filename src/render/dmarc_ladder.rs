//! The way up to `p=reject` for people: what is true already, what is not, what
//! is not known; and who sends as the domain by the reports given.

use super::escape;
use super::style::{Look, table, wrap};
use crate::facts::dmarc::ladder::{Rung, shown};
use crate::facts::dmarc::sources::{Relation, Reported};
use crate::model::Severity;
use crate::model::reports::percent;

/// Sources shown without `-v`.
const SHOWN: usize = 8;

pub(crate) fn ladder(rungs: &[Rung], look: Look) -> String {
    let mut out = String::new();
    for rung in rungs {
        let state = match rung.ready() {
            Some(true) => look.good("ready"),
            Some(false) => look.severity(Severity::Medium, "not yet"),
            None => look.severity(Severity::Low, "not known"),
        };
        out.push_str(&format!("\nbefore {}: {state}\n", rung.policy.name()));
        for requirement in &rung.requirements {
            let mark = match requirement.met {
                Some(true) => "yes",
                Some(false) => "no ",
                None => "?  ",
            };
            let text = format!("{}: {}", requirement.text, requirement.detail);
            out.push_str(&wrap(&escape::terminal(&text), look.width, &format!("  {mark}  "), "       "));
        }
        if rung.ready() == Some(true) {
            let text = format!("publish \"{}\"", rung.record);
            out.push_str(&wrap(&escape::terminal(&text), look.width, "  ", "  "));
        }
    }
    out
}

pub(crate) fn reported(reported: &Reported, look: Look) -> String {
    let total = &reported.total;
    let text = format!(
        "reports: {} messages over {} days, {}% pass; {} from your own systems ({}% pass), {} failing from \
         services, {} from forwarders, {} unauthorised",
        total.messages,
        reported.days.len(),
        percent(total.passed, total.messages),
        reported.of(Relation::Own).messages,
        percent(reported.of(Relation::Own).passed, reported.of(Relation::Own).messages),
        reported.of(Relation::Service).failed(),
        reported.of(Relation::Forwarder).failed(),
        reported.of(Relation::Unauthorised).failed(),
    );
    let mut out = format!("\n{}", wrap(&text, look.width, "", "  "));
    if let Some(gap) = &reported.spf_gap {
        out.push_str(&wrap(
            &escape::terminal(&format!("SPF is not fully known, so some own systems may not be told: {gap}")),
            look.width,
            "  ",
            "  ",
        ));
    }
    let failing: Vec<_> = reported.sources.iter().filter(|source| source.tally.tally.failed() > 0).collect();
    if failing.is_empty() {
        return out;
    }
    let limit = if look.verbose { usize::MAX } else { SHOWN };
    let mut rows = comfy_table::Table::new();
    rows.load_style(table()).set_header(["failing source", "failed", "of", "is", "because"]);
    for source in failing.iter().take(limit) {
        let tally = &source.tally.tally;
        rows.add_row([
            shown(source),
            tally.failed().to_string(),
            tally.messages.to_string(),
            source.relation.name().to_owned(),
            escape::terminal(&source.why),
        ]);
    }
    rows.set_width(u16::try_from(look.width.saturating_sub(2)).unwrap_or(80));
    out.extend(rows.to_string().lines().map(|line| format!("  {line}\n")));
    if failing.len() > limit {
        out.push_str(&format!("  and {} more; -v shows them\n", failing.len() - limit));
    }
    out
}
