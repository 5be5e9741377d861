//! One line for a monitor, with performance data (Monitoring Plugins guidelines).

use super::{Format, Row, Summary};
use crate::data::blocklists::Weight;

/// The plugin's state; its number is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NagiosState {
    Ok = 0,
    Warning = 1,
    Critical = 2,
    Unknown = 3,
}

#[derive(Default)]
pub(crate) struct Nagios {
    heavy: usize,
    light: usize,
    /// Unknown verdicts of lists that receivers act on.
    blind: usize,
    shown: Vec<String>,
    reasons: Vec<String>,
}

/// Listed by a list that receivers act on: critical; by a small one: warning.
/// Nothing listed and a list that matters silent, or a subject left open: unknown, never OK.
pub(super) fn nagios_state(heavy: usize, light: usize, blind: usize, leaves_open: bool) -> NagiosState {
    match (heavy, light, blind) {
        (1.., ..) => NagiosState::Critical,
        (0, 1.., _) => NagiosState::Warning,
        (0, 0, 1..) => NagiosState::Unknown,
        (0, 0, 0) if leaves_open => NagiosState::Unknown,
        (0, 0, 0) => NagiosState::Ok,
    }
}

impl Nagios {
    pub(crate) fn state(&self, summary: &Summary) -> NagiosState {
        nagios_state(self.heavy, self.light, self.blind, summary.leaves_open())
    }
}

impl Format for Nagios {
    fn head(&mut self) -> String {
        String::new()
    }

    fn rows(&mut self, rows: &[Row]) -> String {
        for row in rows {
            match row.outcome {
                "listed" if row.weighs >= Weight::Medium => self.heavy += 1,
                "listed" if row.weighs == Weight::Low => self.light += 1,
                "unknown" if row.weighs >= Weight::Medium => {
                    self.blind += 1;
                    if self.reasons.len() < 3 {
                        self.reasons.extend(row.reason.clone());
                    }
                }
                _ => {}
            }
            if row.outcome == "listed" && self.shown.len() < 10 {
                self.shown.push(format!("{} on {}", row.subject, row.zone));
            }
        }
        String::new()
    }

    fn tail(&mut self, summary: &Summary) -> String {
        let (name, what) = match self.state(summary) {
            NagiosState::Ok => ("OK", "not listed".to_owned()),
            NagiosState::Warning => ("WARNING", self.shown.join(", ")),
            NagiosState::Critical => ("CRITICAL", self.shown.join(", ")),
            NagiosState::Unknown => ("UNKNOWN", self.reasons.join("; ")),
        };
        let more = match summary.listed.saturating_sub(self.shown.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        // `|` starts the performance data.
        let text = format!("{what}{more}").replace(['|', '\n'], " ");
        format!(
            "BLOCKLIST {name} - {text} | listed={};;0;0 clean={} unknown={} lists={} healthy={} time={:.3}s\n",
            summary.listed,
            summary.clean,
            summary.unknown,
            summary.lists.len(),
            summary.in_state(&["healthy"]),
            summary.seconds,
        )
    }
}
