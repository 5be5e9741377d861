//! One way of escaping per kind of output; nothing attacker-written gets by.

use crate::model::untrusted::Width;

/// For a terminal: no control, bidi or zero-width characters.
pub(crate) fn terminal(text: &str) -> String {
    text.lines().map(|line| crate::model::untrusted::plain(line, Width::Block)).collect::<Vec<_>>().join("\n")
}

/// For Markdown: what could start markup, a link or HTML is escaped.
pub(crate) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in crate::model::untrusted::plain(text, Width::Block).chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            _ => out.push(c),
        }
    }
    out
}

/// For a ticket in Markdown. Ticket systems show entities as they are written,
/// so signs are escaped by a backslash, and addresses stay addresses.
pub(crate) fn ticket(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in crate::model::untrusted::plain(text, Width::Block).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '<' | '>' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// For a CSV field: quoted, and never read as a formula by a spreadsheet.
pub(crate) fn csv(text: &str) -> String {
    let text = crate::model::untrusted::plain(text, Width::Block);
    let guarded = match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
        _ => text,
    };
    format!("\"{}\"", guarded.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_dangerous_gets_by() {
        assert_eq!(super::terminal("a\x1b[31mb\u{202e}"), "a\\u{1b}[31mb\\u{202e}");
        assert_eq!(super::markdown("[x](y) <b>"), "\\[x\\](y) &lt;b&gt;");
        assert_eq!(
            super::ticket("[x](y) <a_b@example.org> &amp;"),
            "\\[x\\](y) \\<a\\_b@example.org\\> \\&amp;"
        );
        assert_eq!(super::csv("=cmd()\""), "\"'=cmd()\"\"\"");
    }
}
