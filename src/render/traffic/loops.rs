//! Programmes that pass complaints on: which matter to this log, and how to enrol.

use super::with_interval;
use crate::data::feedback_loops::Reports;
use crate::facts::traffic::loops::Loop;
use crate::model::counted::counted;
use crate::render::document::Block;
use crate::render::style::{Look, wrap};

/// What was heard of the programme.
fn heard(of: &Loop) -> String {
    match (of.complaints, of.programme.reports) {
        (Some(0), _) => "no complaint among the reports given".to_owned(),
        (Some(complaints), _) => {
            let rate = with_interval(complaints, of.delivered);
            format!("{} among the reports given, {rate}", counted(complaints, "complaint"))
        }
        (None, Reports::Dashboard) => "figures on its page only".to_owned(),
        (None, Reports::Arf) => "no feedback report was given (--reports PATH)".to_owned(),
    }
}

fn enrol(of: &Loop) -> String {
    let programme = of.programme;
    format!(
        "{} ({}); before that: {} [{}]",
        programme.enrol,
        programme.basis.words(),
        programme.before,
        programme.shown_source()
    )
}

/// For a terminal or pipe.
pub(super) fn terminal(loops: &[Loop], look: Look) -> String {
    if loops.is_empty() {
        return String::new();
    }
    let mut out = String::from("Feedback loops of these receivers\n");
    for of in loops {
        let text = format!("{}: {} deliveries; {}", of.programme.name, of.delivered, heard(of));
        out.push_str(&wrap(&text, look.width, "", "    "));
        if look.verbose {
            out.push_str(&wrap(&format!("enrol at {}", enrol(of)), look.width, "    ", "    "));
        }
    }
    if !look.verbose {
        out.push_str("-v shows where to enrol\n");
    }
    out.push('\n');
    out
}

/// For a ticket or a page.
pub(super) fn blocks(loops: &[Loop]) -> Vec<Block> {
    if loops.is_empty() {
        return Vec::new();
    }
    let row = |of: &Loop| vec![of.programme.name.clone(), of.delivered.to_string(), heard(of), enrol(of)];
    vec![
        Block::Heading("Feedback loops of these receivers".to_owned()),
        Block::Table {
            head: vec!["programme", "delivered", "heard", "enrol"],
            rows: loops.iter().map(row).collect(),
        },
    ]
}
