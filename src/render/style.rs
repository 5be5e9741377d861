//! Colour and wrapping for terminals. Colour never carries meaning alone.

use anstyle::{AnsiColor, Style};

use crate::model::Severity;

/// How to draw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub color: bool,
    /// Columns.
    pub width: usize,
    pub quiet: bool,
    pub verbose: bool,
}

impl Look {
    /// For pipes, files and tests.
    pub(crate) fn plain() -> Look {
        Look { color: false, width: 80, quiet: false, verbose: false }
    }

    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    pub(crate) fn bold(&self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    pub(crate) fn dim(&self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    pub(crate) fn good(&self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    pub(crate) fn severity(&self, severity: Severity, text: &str) -> String {
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

/// Wraps at spaces to `width` columns of the terminal; `first` and `rest` start the lines.
/// A word longer than the line stays whole, so that records can be copied.
pub(crate) fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let mut out = String::new();
    for (index, paragraph) in text.lines().enumerate() {
        let words: Vec<&str> = paragraph.split(' ').filter(|word| !word.is_empty()).collect();
        let options = textwrap::Options::new(width)
            .initial_indent(if index == 0 { first } else { rest })
            .subsequent_indent(rest)
            .break_words(false)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
        for line in textwrap::wrap(&words.join(" "), options) {
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    out
}

/// The one look of tables: rules between header and rows, nothing that a
/// ticket system or a screen reader would stumble over.
pub(crate) fn table() -> comfy_table::TableStyle {
    comfy_table::presets::ASCII_MARKDOWN
}
