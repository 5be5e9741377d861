//! One way of escaping per kind of output; nothing attacker-written gets by.

use std::borrow::Cow;

use crate::model::untrusted::{COMMAND_MARKS, Width};

/// For a terminal: no control, bidi or zero-width characters.
pub(crate) fn terminal(text: &str) -> String {
    text.lines().map(|line| crate::model::untrusted::plain(line, Width::Block)).collect::<Vec<_>>().join("\n")
}

/// What a document is made of, where it goes to a log that somebody's runner reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matter {
    /// For people.
    Text,
    /// Fields of a table; no line starts with a stranger's text.
    Table,
    /// Lines that are commands, and meant to be.
    Commands,
    Json,
    /// XML or HTML.
    Markup,
    /// Must stay as it is: a diff is applied by its bytes.
    Verbatim,
}

/// Without workflow commands of strangers: GitHub's runner obeys a line that begins with `::` after any blanks,
/// and others obey [`COMMAND_MARKS`] anywhere in a line; a record or a file name may hold either. What the text means
/// stays the same where its language has a way to write so, and readable where it has none.
pub(crate) fn without_commands(text: &str, matter: Matter) -> Cow<'_, str> {
    let bracket = match matter {
        Matter::Verbatim => return Cow::Borrowed(text),
        Matter::Json => "\\u005b",
        Matter::Markup => "&#91;",
        Matter::Text | Matter::Table | Matter::Commands => "\\[",
    };
    let mut out = Cow::Borrowed(text);
    for mark in COMMAND_MARKS {
        if memchr::memmem::find(out.as_bytes(), mark.as_bytes()).is_some() {
            let broken = format!("{}{bracket}", &mark[..mark.len() - 1]);
            out = Cow::Owned(out.replace(mark, &broken));
        }
    }
    if !matches!(matter, Matter::Text | Matter::Markup)
        || memchr::memmem::find(out.as_bytes(), b"::").is_none()
    {
        return out;
    }
    let obeyed = |line: &str| line.trim_start().starts_with("::");
    if !out.lines().any(obeyed) {
        return out;
    }
    let colon = if matter == Matter::Markup { "&#58;:" } else { "\\::" };
    let lines = out.split_inclusive('\n').map(|line| match obeyed(line) {
        true => line.replacen("::", colon, 1),
        false => line.to_owned(),
    });
    Cow::Owned(lines.collect())
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

/// For HTML, between tags and in quoted attributes.
pub(crate) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in crate::model::untrusted::plain(text, Width::Block).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
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
    use super::{Matter, without_commands};

    #[test]
    fn no_line_is_a_command() {
        let text = "a ::b\n  ::error::x\n::warning::y ##[group]\n##vso[task] ##teamcity[x]\n";
        assert_eq!(
            without_commands(text, Matter::Text),
            "a ::b\n  \\::error::x\n\\::warning::y ##\\[group]\n##vso\\[task] ##teamcity\\[x]\n"
        );
        assert_eq!(without_commands("::error::ours ##[x", Matter::Commands), "::error::ours ##\\[x");
        assert_eq!(without_commands("<p>\n::x ##[y</p>", Matter::Markup), "<p>\n&#58;:x ##&#91;y</p>");
        let json = without_commands("{\"a\": \"##[b\"}", Matter::Json).into_owned();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["a"], "##[b");
        assert_eq!(without_commands("-##[\n", Matter::Verbatim), "-##[\n");
        assert!(matches!(
            without_commands("v=spf1 ip6:2001:db8::1 -all", Matter::Text),
            std::borrow::Cow::Borrowed(_)
        ));
    }

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
