//! The HTML is broken.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;
use std::collections::BTreeMap;

pub(super) static CHECK: Check = Check {
    code: "html-broken",
    area: Area::Content,
    title: "the HTML is broken",
    severity: Severity::Low,
    why: "\
        Mail programs repair broken HTML each in its own way: text disappears, layouts fall \
        apart, and filters count sloppy markup.",
    fix: "Mend the markup at the lines named; generate it rather than write it by hand.",
    references: &[pages::HTML_PARSING],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    if message.htmls().is_empty() {
        return Ok(Verdict::NotApplicable("the message has no HTML part"));
    }
    let mut problems = Vec::new();
    for (html, part) in message.html_parts() {
        let mut seen: BTreeMap<&str, (u32, usize)> = BTreeMap::new();
        for fault in html.faults.iter().filter(|fault| matters(fault.code)) {
            seen.entry(fault.code).or_insert((fault.line, 0)).1 += 1;
        }
        for (code, (line, count)) in seen {
            problems.push(
                Problem::at(
                    message.part_subject(part),
                    format!("{code}, {count} times, first on line {line}"),
                )
                .fix(format!("{}, from line {line} on", remedy(code)))
                .located(message.location(line)),
            );
        }
        for (list, what, fix) in [
            (&html.unclosed, "is never closed", "add the end tag"),
            (&html.stray_ends, "is closed but was not open", "remove the end tag"),
        ] {
            let Some((name, line)) = list.iter().find(|(name, _)| !forgiven(name)) else { continue };
            let more = list.iter().filter(|(name, _)| !forgiven(name)).count();
            problems.push(
                Problem::at(
                    message.part_subject(part),
                    format!("<{}> {what} (line {line}; {more} such elements)", plain(name, Width::Word)),
                )
                .fix(format!("{fix} of <{}> on line {line}", plain(name, Width::Word)))
                .confidence(Confidence::Firm)
                .located(message.location(*line)),
            );
        }
    }
    Ok(Verdict::from_problems(problems))
}

/// Codes after which text or attributes are lost; the rest is spelling.
fn matters(code: &str) -> bool {
    matches!(
        code,
        "duplicate-attribute"
            | "eof-in-tag"
            | "eof-in-comment"
            | "eof-before-tag-name"
            | "missing-end-tag-name"
            | "invalid-first-character-of-tag-name"
            | "unexpected-character-in-attribute-name"
            | "unexpected-equals-sign-before-attribute-name"
            | "missing-whitespace-between-attributes"
            | "missing-attribute-value"
            | "nested-comment"
            | "incorrectly-closed-comment"
            | "abrupt-closing-of-empty-comment"
            | "unexpected-character-in-unquoted-attribute-value"
            | "eof-in-doctype"
            | "end-tag-with-attributes"
            | "unexpected-solidus-in-tag"
    )
}

fn remedy(code: &str) -> &'static str {
    match code {
        "duplicate-attribute" => "write each attribute once; the second is dropped",
        code if code.starts_with("eof-") => "close what is open where the file ends",
        code if code.contains("comment") => "close comments with --> and do not nest them",
        code if code.contains("attribute") => "quote attribute values and separate attributes by spaces",
        _ => "mend the tag; write < as &lt; in text",
    }
}

/// Elements whose missing or extra tag changes nothing a reader sees.
fn forgiven(name: &str) -> bool {
    name.contains(':')
        || matches!(
            name,
            "p" | "br"
                | "html"
                | "body"
                | "head"
                | "img"
                | "meta"
                | "link"
                | "tbody"
                | "center"
                | "xml"
                | "![endif]"
        )
}
