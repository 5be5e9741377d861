//! Was a space lost where the record is split into strings?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::SpfFacts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::parse::spf::{SpfRecord, is_spf};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-strings-glued",
    area: Area::Authentication,
    title: "two terms of the SPF record run together where its strings meet",
    severity: Severity::High,
    why: "\
        The strings of a TXT record are joined without anything between. Where neither ends or starts with a \
        space, two terms become one that is unreadable or names the wrong host.",
    fix: "End each string but the last with a space.",
    references: &[Reference::Rfc { number: 7208, section: "3.3" }],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

/// What a term starts with.
const STARTS: [&str; 12] =
    ["ip4:", "ip6:", "include:", "a:", "mx:", "exists:", "ptr:", "redirect=", "exp=", "-all", "~all", "?all"];

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    let texts = spf.texts.clone()?;
    let mut records = texts.iter().filter(|text| is_spf(&text.joined()));
    let Some(text) = records.next() else {
        return Ok(Verdict::NotApplicable("no SPF record, see spf-missing"));
    };
    let starts = |bytes: &[u8]| {
        STARTS.iter().any(|start| {
            bytes.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
        })
    };
    let mut spaced: Vec<u8> = Vec::new();
    let mut seams = Vec::new();
    for string in &text.strings {
        let open = spaced.last().is_some_and(|byte| *byte != b' ');
        if open && starts(string) {
            seams.push(spaced.len());
            spaced.push(b' ');
        }
        spaced.extend(string);
    }
    // A string may end inside a name: only a seam whose mending helps is a lost space.
    let mended = SpfRecord::parse(&spaced);
    if seams.is_empty() || !mended.faults.is_empty() {
        return Ok(Verdict::Pass);
    }
    let joined = SpfRecord::parse(&text.joined());
    let problems = seams.iter().map(|seam| {
        let word = joined.terms.iter().find(|term| term.span.start < *seam && *seam <= term.span.end);
        let shown = word.map_or_else(String::new, |term| plain(joined.text_of(term), Width::Name));
        let span = word.map(|term| term.span.clone());
        Problem::at(
            SpfFacts::subject(&spf.policy.root, span),
            format!("\"{shown}\" is two terms: the space between two strings is missing"),
        )
        .confidence(Confidence::Firm)
        .located(text.location.clone())
    });
    Ok(Verdict::Fail(problems.collect()))
}
