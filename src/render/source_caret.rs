//! A line of the user's own file with a caret under the guilty bytes. Shows
//! nothing of the file raw: what could move the cursor becomes U+FFFD.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use crate::model::untrusted::{COMMAND_MARKS, Width, is_unprintable, plain};
use crate::parse::zone::{self, Diagnostic, Parsed};

/// Characters shown to each side of the caret; a longer line is cut.
const CONTEXT: usize = 400;

/// Whether the output may hold colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Coloured,
}

/// What to point out, and where.
#[derive(Clone, Debug)]
pub(crate) struct Caret<'a> {
    pub error: bool,
    pub code: &'a str,
    pub message: &'a str,
    pub remedy: &'a str,
    pub file: &'a str,
    /// The whole file.
    pub source: &'a [u8],
    /// Bytes of it; of several lines, the first is shown.
    pub span: Range<usize>,
}

/// All problems of a zone file, each with its line, caret and remedy.
pub(crate) fn zone_diagnostics(parsed: &Parsed, diagnostics: &[Diagnostic], style: Style) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let caret = Caret {
            error: diagnostic.level == zone::Level::Error,
            code: diagnostic.code,
            message: &diagnostic.message,
            remedy: &diagnostic.remedy,
            file: &diagnostic.file,
            source: parsed.source_of(diagnostic),
            span: diagnostic.span.clone(),
        };
        out.push_str(&render(&caret, style));
        out.push('\n');
    }
    out
}

/// Title, `file:line:column`, the source line, the caret, the remedy.
pub(crate) fn render(caret: &Caret, style: Style) -> String {
    let source = caret.source;
    let start = caret.span.start.min(source.len());
    let line_start = memchr::memrchr(b'\n', &source[..start]).map_or(0, |n| n + 1);
    let line_end = memchr::memchr(b'\n', &source[start..]).map_or(source.len(), |n| start + n);
    let line_number = zone::line_of(source, start) as usize;
    let end = caret.span.end.clamp(start, line_end);
    let text_end =
        if source[..line_end].ends_with(b"\r") && line_end > end { line_end - 1 } else { line_end };

    let before = printable(&source[line_start..start]);
    let guilty = printable(&source[start..end]);
    let after = printable(&source[end.min(text_end)..text_end]);
    let column = before.chars().count() + 1;
    let skipped = column.saturating_sub(CONTEXT + 1);
    let mut shown: String = if skipped > 0 { "…".to_owned() } else { String::new() };
    shown.extend(before.chars().skip(skipped));
    let from = shown.len();
    shown.extend(guilty.chars().take(CONTEXT));
    let to = shown.len();
    shown.extend(after.chars().take(CONTEXT));
    // Runners of workflows read a command there; a sign of the same width keeps the caret's place.
    for mark in COMMAND_MARKS {
        shown = shown.replace(mark, &mark.replace('[', "("));
    }

    let level = if caret.error { Level::ERROR } else { Level::WARNING };
    let file = plain(caret.file, Width::Record);
    let title = level.clone().primary_title(plain(caret.message, Width::Record)).id(caret.code);
    let snippet =
        Snippet::source(shown).line_start(line_number).annotation(AnnotationKind::Primary.span(from..to));
    // The snippet counts columns itself, unless its line was cut in front.
    let title = if skipped == 0 {
        title.element(snippet.path(file))
    } else {
        title.element(Origin::path(file).line(line_number).char_column(column)).element(snippet)
    };
    let report = [title.element(Level::HELP.message(plain(caret.remedy, Width::Record)))];
    let renderer = if style == Style::Coloured { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&report)
}

/// One line as it may be shown; never longer than a few windows' worth of the bytes.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().map(|c| if c != '\t' && is_unprintable(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::zone::NoFiles;

    fn shown(source: &[u8]) -> String {
        let parsed = zone::parse("db.example", source, None, &mut NoFiles);
        zone_diagnostics(&parsed, &parsed.diagnostics, Style::Plain)
    }

    #[test]
    fn an_error_on_line_seven_names_file_line_column_and_remedy() {
        let source = b"$ORIGIN example.com.\n$TTL 3600\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n; x\nmx\tMX ten mail\n";
        let text = shown(source);
        assert!(text.contains("db.example:7:7"), "{text}");
        assert!(text.contains("7 | mx    MX ten mail"), "{text}");
        assert!(text.contains("^^^"), "{text}");
        assert!(text.contains("= help: write a number from 0 to 65535"), "{text}");
        let caret = text.lines().find(|l| l.contains("^^^")).unwrap();
        let line = text.lines().find(|l| l.contains("MX ten")).unwrap();
        assert_eq!(caret.find('^'), line.find("ten"), "{text}");
    }

    #[test]
    fn a_hostile_line_cannot_reach_the_terminal() {
        let text = shown(b"$TTL 1\n\xff\x1b[31m\xe2\x80\xae A x\n");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
        let long = format!("{} A x\n", "a".repeat(100_000));
        assert!(shown(long.as_bytes()).len() < 5000);
    }

    #[test]
    fn a_span_at_or_behind_the_end_is_shown() {
        for span in [0..0, 5..5, 3..9, 9..12] {
            let caret = Caret {
                error: false,
                code: "x",
                message: "m",
                remedy: "r",
                file: "f",
                source: b"a\r\nbc\r\n",
                span,
            };
            assert!(render(&caret, Style::Coloured).contains("help"));
        }
    }
}
