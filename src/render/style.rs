//! Colour and wrapping for terminals. Colour never carries meaning alone.

use anstyle::{AnsiColor, Style};

use crate::model::Severity;

/// How to draw.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub color: bool,
    /// Columns.
    pub width: usize,
    pub quiet: bool,
    pub verbose: bool,
}

impl Look {
    /// For pipes, files and tests.
    pub fn plain() -> Look {
        Look { color: false, width: 80, quiet: false, verbose: false }
    }

    pub fn paint(&self, style: Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    pub fn bold(&self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    pub fn dim(&self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    pub fn good(&self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    pub fn severity(&self, severity: Severity, text: &str) -> String {
        let style = match severity {
            Severity::Critical => AnsiColor::Red.on_default().bold(),
            Severity::High => AnsiColor::Red.on_default(),
            Severity::Medium => AnsiColor::Yellow.on_default(),
            Severity::Low => AnsiColor::Cyan.on_default(),
            Severity::Info => Style::new().dimmed(),
        };
        self.paint(style, text)
    }
}

/// Wraps at spaces to `width` columns; `first` and `rest` start the lines.
/// A word longer than the line stays whole, so that records can be copied.
pub fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let mut out = String::new();
    for (index, paragraph) in text.lines().enumerate() {
        let indent = if index == 0 { first } else { rest };
        let mut line = indent.to_owned();
        let mut room = width.saturating_sub(indent.chars().count());
        let mut empty = true;
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            let length = word.chars().count();
            if !empty && length + 1 > room {
                out.push_str(line.trim_end());
                out.push('\n');
                line = rest.to_owned();
                room = width.saturating_sub(rest.chars().count());
                empty = true;
            }
            if !empty {
                line.push(' ');
                room = room.saturating_sub(1);
            }
            line.push_str(word);
            room = room.saturating_sub(length);
            empty = false;
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The one look of tables: rules between header and rows, nothing that a
/// ticket system or a screen reader would stumble over.
pub fn table() -> comfy_table::TableStyle {
    comfy_table::presets::ASCII_MARKDOWN
}
