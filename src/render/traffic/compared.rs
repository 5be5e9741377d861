//! One log against an earlier one, in words.

use super::with_interval;
use crate::facts::traffic::compared::{Compared, Share};
use crate::model::untrusted::{Width, plain};
use crate::render::document::Block;
use crate::render::style::{Look, wrap};

fn told(share: Share) -> String {
    match share.whole {
        0 => "none of none".to_owned(),
        whole => format!("{} of {whole}, {}", share.part, with_interval(share.part, whole)),
    }
}

fn name(row: &Compared) -> String {
    row.provider.as_ref().map_or("all mail".to_owned(), |name| plain(name, Width::Word))
}

/// For a terminal or pipe.
pub(super) fn terminal(rows: &[Compared], look: Look) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "\nCompared with the earlier log (95 % intervals; a change only where they lie apart)\n",
    );
    for row in rows {
        let text = format!(
            "{}: {} {} before, {} now: {}",
            name(row),
            row.measure.name(),
            told(row.before),
            told(row.now),
            row.change.name()
        );
        out.push_str(&wrap(&text, look.width, "", "    "));
    }
    out.push('\n');
    out
}

/// For a ticket or a page.
pub(super) fn blocks(rows: &[Compared]) -> Vec<Block> {
    if rows.is_empty() {
        return Vec::new();
    }
    let cells = rows.iter().map(|row| {
        let change = row.change.name().to_owned();
        vec![name(row), row.measure.name().to_owned(), told(row.before), told(row.now), change]
    });
    vec![
        Block::Heading("Compared with the earlier log".to_owned()),
        Block::Table { head: vec!["provider", "what", "before", "now", "change"], rows: cells.collect() },
    ]
}
