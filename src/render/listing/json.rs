//! `mailvet/blocklist/1`, written as it comes.

use serde::Serialize;

use super::{Format, ListState, Row, Summary};

#[derive(Default)]
pub(crate) struct Json {
    any: bool,
}

#[derive(Serialize)]
struct Lists<'a> {
    asked: usize,
    healthy: usize,
    refused: usize,
    /// Empty, gone, or listing the world.
    dead: usize,
    silent: usize,
    untestable: usize,
    states: &'a [ListState],
}

impl Format for Json {
    fn head(&mut self) -> String {
        "{\n  \"schema\": \"mailvet/blocklist/1\",\n  \"results\": [".to_owned()
    }

    fn rows(&mut self, rows: &[Row]) -> String {
        let mut out = String::new();
        for row in rows {
            out.push_str(if self.any { ",\n    " } else { "\n    " });
            self.any = true;
            out.push_str(&serde_json::to_string(row).unwrap_or_default());
        }
        out
    }

    fn tail(&mut self, summary: &Summary) -> String {
        let lists = Lists {
            asked: summary.lists.len(),
            healthy: summary.in_state(&["healthy"]),
            refused: summary.in_state(&["refused"]),
            dead: summary.in_state(&["dead", "wildcard", "foreign"]),
            silent: summary.in_state(&["silent", "not-asked"]),
            untestable: summary.in_state(&["untestable"]),
            states: &summary.lists,
        };
        let lists = serde_json::to_string_pretty(&lists).unwrap_or_default().replace('\n', "\n  ");
        format!(
            "{}],\n  \"lists\": {lists},\n  \"totals\": {{ \"subjects\": {}, \"listed\": {}, \"clean\": {}, \
             \"unknown\": {} }},\n  \"queries_per_second_per_operator\": {},\n  \"taken_at\": \"{}\"\n}}\n",
            if self.any { "\n  " } else { "" },
            summary.subjects,
            summary.listed,
            summary.clean,
            summary.unknown,
            summary.rate,
            crate::judge::report::rfc3339(summary.taken_at),
        )
    }
}
