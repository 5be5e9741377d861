//! For people: what is listed first, with the way off; then what nobody could
//! tell, and why; what is clean only as a number.

use super::{Format, Row, Summary};
use crate::data::blocklists::Weight;
use crate::model::Severity;
use crate::render::style::{Look, wrap};

/// Unknown verdicts of one subject that are explained; -v explains all.
const UNKNOWNS: usize = 6;

pub(crate) struct Terminal {
    look: Look,
    /// Reasons for unknowns already written in full.
    written: std::collections::BTreeSet<String>,
}

impl Terminal {
    pub(crate) fn new(look: Look) -> Terminal {
        Terminal { look, written: std::collections::BTreeSet::new() }
    }

    fn subject(&mut self, rows: &[Row]) -> String {
        let look = self.look;
        let mut out = String::new();
        let Some(first) = rows.first() else { return out };
        let of = |outcome: &'static str| rows.iter().filter(move |row| row.outcome == outcome);
        let (listed, unknown) = (of("listed").count(), of("unknown").count());
        let clean = of("clean").count();
        let mut verdict = Vec::new();
        if listed > 0 {
            verdict.push(look.severity(Severity::High, &format!("listed on {listed}")));
        }
        if clean > 0 {
            verdict.push(look.good(&format!("clean on {clean}")));
        }
        if unknown > 0 {
            verdict.push(format!("unknown on {unknown}"));
        }
        out.push_str(&format!("{}: {}\n", look.bold(&first.subject), verdict.join(", ")));
        let mut hits: Vec<&Row> = of("listed").collect();
        hits.sort_by_key(|row| std::cmp::Reverse(row.weighs));
        for row in hits {
            out.push_str(&self.listed(row));
        }
        for row in of("clean").filter(|row| row.credit.is_some()) {
            let credit = row.credit.as_deref().unwrap_or_default();
            out.push_str(&format!("  {}   {}: {credit}\n", look.good("credit"), row.zone));
        }
        let mut shown = 0;
        for row in of("unknown") {
            let reason = row.reason.as_deref().unwrap_or_default();
            // The same list fails alike for every subject: reported once.
            if self.written.contains(reason) && !look.verbose {
                continue;
            }
            self.written.insert(reason.to_owned());
            shown += 1;
            if shown > UNKNOWNS && !look.verbose {
                continue;
            }
            out.push_str(&wrap(reason, look.width, "  unknown  ", "           "));
            if let Some(remedy) = &row.remedy {
                out.push_str(&wrap(remedy, look.width, "           -> ", "              "));
            }
        }
        if shown > UNKNOWNS && !look.verbose {
            out.push_str(&format!("  unknown  and {} more lists (-v shows why)\n", shown - UNKNOWNS));
        }
        if look.verbose {
            let zones: Vec<&str> = of("clean").map(|row| row.zone.as_str()).collect();
            if !zones.is_empty() {
                out.push_str(&wrap(&zones.join(", "), look.width, "  clean    ", "           "));
            }
        }
        out
    }

    fn listed(&self, row: &Row) -> String {
        let look = self.look;
        let severity = match row.weighs {
            Weight::High => Severity::Critical,
            Weight::Medium => Severity::High,
            Weight::Low => Severity::Low,
            Weight::None => Severity::Info,
        };
        let whose = match row.about {
            Some("network") => "; about your neighbourhood",
            Some("policy") => "; about the kind of address",
            _ => "",
        };
        let extent = row.extent.as_ref().map(|extent| format!("; {extent} is listed")).unwrap_or_default();
        let care = match row.weighs {
            Weight::High => "large receivers refuse mail for it",
            Weight::Medium => "some receivers act on it",
            Weight::Low => "few receivers act on it",
            Weight::None => "informational",
        };
        let text = format!(
            "{} ({}) {}: {}{whose}{extent}; {care}",
            row.zone,
            row.operator,
            row.code.as_deref().unwrap_or_default(),
            row.meaning.as_deref().unwrap_or_default()
        );
        let mut out = wrap(&text, look.width, "  LISTED   ", "           ");
        out = out.replacen("LISTED", &look.severity(severity, "LISTED"), 1);
        if let Some(text) = &row.text {
            out.push_str(&wrap(
                &format!("the list says: \"{text}\""),
                look.width,
                "           ",
                "           ",
            ));
        }
        if !look.quiet {
            for (index, step) in row.steps.iter().enumerate() {
                let first = format!("           {}. ", index + 1);
                out.push_str(&wrap(step, look.width, &first, "              "));
            }
            if let Some(expiry) = &row.expiry {
                out.push_str(&wrap(&format!("lasts: {expiry}"), look.width, "           ", "           "));
            }
        }
        out
    }
}

impl Format for Terminal {
    fn head(&mut self) -> String {
        String::new()
    }

    fn rows(&mut self, rows: &[Row]) -> String {
        rows.chunk_by(|a, b| a.subject == b.subject).map(|of_subject| self.subject(of_subject)).collect()
    }

    fn tail(&mut self, summary: &Summary) -> String {
        if self.look.quiet {
            return String::new();
        }
        let text = format!(
            "{} lists asked: {} healthy, {} refused, {} dead or listing the world, {} silent. \
             At most {} questions a second to one operator.",
            summary.lists.len(),
            summary.in_state(&["healthy", "untestable"]),
            summary.in_state(&["refused"]),
            summary.in_state(&["dead", "wildcard", "foreign"]),
            summary.in_state(&["silent", "not-asked"]),
            summary.rate
        );
        format!("\n{}", wrap(&text, self.look.width, "", ""))
    }
}
