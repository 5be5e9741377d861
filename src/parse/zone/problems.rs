//! What is wrong with a zone, as the catalogue's checks report it: each rule of the reader and
//! of the linter belongs to one check.

use std::collections::BTreeMap;

use super::lint::lint;
use super::{Diagnostic, Level, Parsed, ZoneRecord, lint_mail};
use crate::model::{Location, Name, Severity, ZoneProblem};

/// Rule of the reader or linter, and the check that reports it.
const CHECK_OF: &[(&str, &str)] = &[
    ("no-origin", "zone-origin-missing"),
    ("no-ttl", "zone-ttl-missing"),
    ("large-ttl", "zone-ttl-large"),
    ("comment-cuts-text", "zone-text-cut"),
    ("touching-strings", "zone-strings-touching"),
    ("not-ascii", "zone-text-not-ascii"),
    ("opaque-data", "zone-data-opaque"),
    ("provider-type", "zone-address-unknown"),
    ("value-unknown", "zone-value-unknown"),
    ("name-not-ascii", "zone-name-not-ascii"),
    ("soa-missing", "zone-soa-missing"),
    ("soa-multiple", "zone-soa-misplaced"),
    ("soa-not-apex", "zone-soa-misplaced"),
    ("ns-missing", "zone-ns-missing"),
    ("cname-multiple", "zone-cname-conflict"),
    ("cname-and-other", "zone-cname-conflict"),
    ("cname-at-apex", "zone-cname-at-apex"),
    ("dname-and-other", "zone-dname-conflict"),
    ("dname-and-below", "zone-dname-conflict"),
    ("cname-loop", "zone-cname-loop"),
    ("cname-dangling", "zone-cname-dangling"),
    ("duplicate-record", "zone-duplicate-record"),
    ("ttl-mismatch", "zone-ttl-mismatch"),
    ("spf-multiple", "zone-spf-multiple"),
    ("out-of-zone", "zone-out-of-zone"),
    ("ds-without-delegation", "zone-ds-undelegated"),
    ("below-delegation", "zone-below-delegation"),
    ("missing-dot", "zone-missing-dot"),
    ("target-alias", "zone-target-alias"),
    ("target-without-address", "zone-target-addressless"),
    ("wildcard-ns", "zone-entry-broken"),
    ("missing-glue", "zone-glue-missing"),
    ("unquoted-text", "zone-text-unquoted"),
    ("spf-string-boundary", "zone-spf-strings-joined"),
    ("orphaned", "zone-record-orphaned"),
    ("split-record", "zone-record-split"),
    ("host-name", "zone-mx-host-invalid"),
    ("policy-host", "zone-mta-sts-host-missing"),
    ("delegation-hides", "zone-delegation-hides-mail"),
    ("wildcard-key", "zone-selector-wildcard"),
];

/// The check of an entry that cannot be read, whatever is wrong in it.
const BROKEN: &str = "zone-entry-broken";

/// Every problem of a file, in the order of file and line. The name is the zone's where the
/// entry's own owner could not be read.
pub fn problems(parsed: &Parsed) -> Vec<ZoneProblem> {
    let apex = parsed.zone.origin().cloned().unwrap_or_else(Name::root);
    doubts(parsed)
        .into_iter()
        .map(|diagnostic| ZoneProblem {
            code: check_of(&diagnostic).to_owned(),
            severity: severity(&diagnostic),
            whole: whole(parsed, &diagnostic),
            name: diagnostic.owner.unwrap_or_else(|| apex.clone()),
            summary: diagnostic.message,
            fix: diagnostic.remedy,
            location: Location { file: diagnostic.file.to_string(), line: diagnostic.line },
        })
        .collect()
}

/// All that the reader and the linters say, in the order of file and line.
pub fn doubts(parsed: &Parsed) -> Vec<Diagnostic> {
    let mut all: Vec<Diagnostic> = parsed.diagnostics.clone();
    all.extend(lint(&parsed.zone));
    all.extend(lint_mail::lint(&parsed.zone));
    all.sort_by(|a, b| (&a.file, a.line, a.span.start).cmp(&(&b.file, b.line, b.span.start)));
    own(parsed, &mut all);
    all
}

/// The lexer cuts a text before anybody knows whose it is.
fn own(parsed: &Parsed, doubts: &mut [Diagnostic]) {
    let is_ownerless = |doubt: &Diagnostic| is_cut(doubt) && doubt.owner.is_none();
    if !doubts.iter().any(is_ownerless) {
        return;
    }
    let written: BTreeMap<(&str, usize), &ZoneRecord> =
        parsed.zone.records().iter().map(|record| (start(record), record)).collect();
    for doubt in doubts.iter_mut().filter(|doubt| is_ownerless(doubt)) {
        let entry = written.range(..=(&*doubt.file, doubt.span.start)).next_back();
        let entry = entry.filter(|((file, _), _)| *file == &*doubt.file);
        doubt.owner = entry.map(|(_, record)| record.owner.clone());
    }
}

fn start(record: &ZoneRecord) -> (&str, usize) {
    (&*record.place.file, record.place.span.range().start)
}

/// A semicolon outside quotes cuts a text short.
fn is_cut(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == "comment-cuts-text"
}

/// Of a text that a semicolon outside quotes cut short: what its owner wrote, up to the line's end.
fn whole(parsed: &Parsed, diagnostic: &Diagnostic) -> Option<String> {
    let source = parsed.source_of(diagnostic);
    let rest = source.get(diagnostic.span.start..).filter(|_| is_cut(diagnostic))?;
    let rest = rest.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    let head = source[..diagnostic.span.start].rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = [words_before(head), rest].concat();
    // A second comment, quotes or parentheses would say something else than text.
    let is_plain = |byte: &u8| (0x20..0x7f).contains(byte) && !b"\"\\()".contains(byte);
    (line.len() <= LONGEST && line.iter().all(is_plain)).then(|| String::from_utf8_lossy(&line).into_owned())
}

/// The words of the same text in front of the one that was cut: each is a string of its own to a server.
fn words_before(head: &[u8]) -> &[u8] {
    let is_type = |word: &[u8]| word.eq_ignore_ascii_case(b"TXT") || word.eq_ignore_ascii_case(b"SPF");
    let mut at = head.len();
    for word in head.split(|byte| byte.is_ascii_whitespace()).rev() {
        if is_type(word) {
            return head[at..].trim_ascii_start();
        }
        at = at.saturating_sub(word.len() + 1);
    }
    // The text began on a line before.
    &[]
}

/// Octets of a text that are kept: more than any record of mail needs.
const LONGEST: usize = 4096;

/// The code of the check that reports a rule.
pub fn check_of(diagnostic: &Diagnostic) -> &'static str {
    CHECK_OF.iter().find(|(rule, _)| *rule == diagnostic.code).map_or(BROKEN, |(_, check)| check)
}

/// What makes servers refuse the whole zone outweighs the check's own severity.
fn severity(diagnostic: &Diagnostic) -> Option<Severity> {
    (diagnostic.level == Level::Error).then_some(Severity::High)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::zone::{NoFiles, parse};

    #[test]
    fn broken_entries_and_doubts_are_all_told() {
        let text = "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 1 1 1 1\n@ NS ns\nns A 192.0.2.300\n\
                    www CNAME gone\n";
        let parsed = parse("z", text.as_bytes(), None, &mut NoFiles);
        let found: Vec<String> =
            problems(&parsed).iter().map(|p| format!("{} {} {}", p.location.line, p.code, p.name)).collect();
        assert_eq!(found, ["5 zone-entry-broken ns.example.com", "6 zone-cname-dangling www.example.com"]);
    }
}
