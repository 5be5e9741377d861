//! The report as people read it at a terminal.

use std::fmt::Write as _;

use super::{ignored, unknown, verdict, words};
use crate::judge::zone::{Row, State, ZoneReport};
use crate::model::Severity;
use crate::render::escape;
use crate::render::style::Look;

/// What the change does first, then zone by zone.
pub(crate) fn terminal(report: &ZoneReport, fail_on: Option<Severity>, look: Look) -> String {
    let mut out = String::new();
    let rows = report.shown();
    // Writing to a string cannot fail.
    let consequences: Vec<&&Row> = rows.iter().filter(|row| row.is_consequence()).collect();
    if !consequences.is_empty() {
        out.push_str("What the change does to mail:\n");
        for row in consequences {
            let _ = writeln!(out, "  {}:{}  {}", row.location.file, row.location.line, words(row));
        }
        out.push('\n');
    }
    for zone in &report.zones {
        let shown = |row: &&Row| {
            row.ignored.is_none()
                && !row.is_consequence()
                && (look.verbose || (row.finding.severity > Severity::Info && row.state != Some(State::Same)))
        };
        let found: Vec<&Row> = zone.rows.iter().filter(shown).collect();
        if found.is_empty() && !look.verbose {
            continue;
        }
        let _ = writeln!(out, "{} ({}, {})", zone.origin, zone.file, zone.format);
        if look.verbose {
            for name in &zone.names {
                let _ = writeln!(out, "  {}: {}, {} checks", name.name, name.role.name(), name.results.len());
            }
        }
        for row in found {
            let state = row.state.map(|state| format!(", {}", state.name())).unwrap_or_default();
            let _ = writeln!(
                out,
                "  {}:{}: {}{state}: {}\n      {}\n      fix: {}",
                row.location.file,
                row.location.line,
                row.finding.severity.name(),
                row.check.code,
                words(row),
                row.fix().replace('\n', "\n           ")
            );
        }
        out.push('\n');
    }
    let aside = ignored(report);
    if !aside.is_empty() {
        out.push_str("Ignored by the settings or the file:\n");
        aside.iter().for_each(|text| {
            let _ = writeln!(out, "  {text}");
        });
        out.push('\n');
    }
    for text in unknown(report) {
        let _ = writeln!(out, "unknown: {text}");
    }
    let _ = writeln!(out, "{}", verdict(report, fail_on));
    escape::terminal(&out) + "\n"
}
