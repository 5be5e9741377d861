//! Does the domain exist at all?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::zone::existence;
use crate::model::{Area, Gap, Name, Severity, Subject, Topic};
use crate::parse::web::psl;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "domain-missing",
    area: Area::Authentication,
    title: "the domain does not exist",
    severity: Severity::Critical,
    why: "\
        Nobody has registered the name, or it is no longer delegated. Receivers refuse mail whose sender \
        cannot be answered (Sender address rejected: Domain not found).",
    fix: "Look for a slip in the name; else register or renew the domain before anything else.",
    references: &[
        Reference::Rfc { number: 8020, section: "2" },
        Reference::Rfc { number: 5321, section: "2.3.5" },
    ],
    needs: &[Topic::Spf],
    since: "0.2.0",
    run,
};

/// Ends of names that are mistyped most, the most frequent first.
const COMMON: &[&str] = &[
    "com", "net", "org", "de", "fr", "it", "es", "nl", "eu", "ch", "at", "be", "io", "co.uk", "com.au", "ca",
    "jp", "pl", "se", "dk", "no", "fi", "info", "biz", "us", "co", "ru", "cn", "com.br", "cz", "ie", "pt",
];

/// Names offered in place of a misspelt one: more would be guessing.
const MAX_OFFERED: usize = 3;

/// No suffix that people type is longer, and the slips of a label grow with its length.
const MAX_TYPED: usize = 24;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(top) = existence::missing(facts)? else { return Ok(Verdict::Pass) };
    let domain = facts.domain()?;
    let whose = if *domain == top { String::new() } else { format!(", and so not {domain}") };
    let summary =
        format!("{top} does not exist (NXDOMAIN){whose}: nothing can be sent from it; is it misspelt?");
    let problem = Problem::at(Subject::Domain(top.clone()), summary);
    let near = near_misses(domain);
    Ok(Verdict::Fail(vec![if near.is_empty() {
        problem
    } else {
        problem.fix(format!("Look for a slip in the name: did you mean {}?", near.join(" or ")))
    }]))
}

/// The registrable names whose public suffix is one slip away from the end that was typed, the
/// likeliest first. A rare suffix is offered only where no common one is near, and where the end is a suffix
/// itself, only one that is typed more often than it (`.cm` for `.com`).
fn near_misses(domain: &Name) -> Vec<String> {
    let typed = domain.as_str();
    let own = psl::suffix_str(typed).filter(|own| psl::is_icann_suffix(own));
    let frequency = |end: &str| COMMON.iter().position(|common| *common == end).unwrap_or(COMMON.len());
    let limit = own.map_or(COMMON.len() + 1, frequency);
    let mut near: Vec<(usize, bool, String)> = slips_of_end(typed)
        .into_iter()
        .filter_map(|(swapped, meant)| {
            let suffix = psl::suffix_str(&meant).filter(|suffix| psl::is_icann_suffix(suffix))?;
            let label_before = meant.strip_suffix(suffix)?.strip_suffix('.')?.rsplit('.').next()?;
            // The slip is in the end: the name before it is one that was typed (`internal` is no `intern.al`).
            typed.split('.').find(|label| *label == label_before)?;
            Some((frequency(suffix), !swapped, format!("{label_before}.{suffix}")))
        })
        .filter(|(frequency, ..)| *frequency < limit)
        .collect();
    near.sort_by(|a, b| (a.1, a.0, &a.2).cmp(&(b.1, b.0, &b.2)));
    if near.iter().any(|(frequency, ..)| *frequency < COMMON.len()) {
        near.retain(|(frequency, ..)| *frequency < COMMON.len());
    }
    let mut names: Vec<String> = Vec::new();
    for (.., name) in near {
        if names.len() < MAX_OFFERED && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The name with one slip undone in its last label, or in the one before (`example.cu.uk`); each
/// with whether two neighbours were swapped, the likeliest slip of all.
fn slips_of_end(typed: &str) -> Vec<(bool, String)> {
    let labels: Vec<&str> = typed.split('.').collect();
    let mut found = Vec::new();
    for back in [1, 2].into_iter().filter(|back| labels.len() > *back) {
        let at = labels.len() - back;
        for (swapped, label) in slips(labels[at]) {
            let mut meant = labels.clone();
            meant[at] = &label;
            found.push((swapped, meant.join(".")));
        }
    }
    found
}

/// The label with two neighbours swapped, or one letter less, other or more: a dot too, for one left out.
fn slips(label: &str) -> Vec<(bool, String)> {
    if !label.is_ascii() || label.len() > MAX_TYPED || label.starts_with("xn--") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for at in 0..=label.len() {
        let (before, after) = label.split_at(at);
        for letter in ('a'..='z').chain(['.']) {
            found.push((false, format!("{before}{letter}{after}")));
            if let Some(rest) = after.get(1..).filter(|_| letter != '.') {
                found.push((false, format!("{before}{letter}{rest}")));
            }
        }
        if let Some(rest) = after.get(1..) {
            found.push((false, format!("{before}{rest}")));
        }
        if let (Some(two), Some(rest)) = (after.get(..2), after.get(2..)) {
            let swapped: String = two.chars().rev().collect();
            found.push((true, format!("{before}{swapped}{rest}")));
        }
    }
    found.retain(|(_, other)| other != label);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(typed: &str) -> Vec<String> {
        near_misses(&Name::lenient(typed))
    }

    #[test]
    fn a_slip_in_the_end_is_undone() {
        for typed in ["cmo", "con", "comm", "cm", "ocm", "vom", "om", "cim"] {
            assert_eq!(
                near(&format!("gmial.{typed}")).first().map(String::as_str),
                Some("gmial.com"),
                "{typed}"
            );
        }
        for (typed, meant) in [
            ("example.co.ku", "example.co.uk"),
            ("example.cu.uk", "example.co.uk"),
            ("example.couk", "example.co.uk"),
            ("mail.example.ed", "example.de"),
            ("example.museun", "example.museum"),
            ("example.ac.ukk", "example.ac.uk"),
        ] {
            assert_eq!(near(typed).first().map(String::as_str), Some(meant), "{typed}");
        }
    }

    #[test]
    fn no_end_is_made_up() {
        for typed in
            ["example.com", "example.museum", "example.internal", "qqqqqqq.zzzzzzz", "localhost", "com"]
        {
            assert_eq!(near(typed), [""; 0], "{typed}");
        }
    }

    /// What is offered for a slip in a common end is a suffix, and not what was typed; an end of one label
    /// that two letters swapped make no suffix leads back to itself.
    #[test]
    fn every_common_end_is_found_again() {
        let mut led_back = 0;
        for end in COMMON.iter().filter(|end| !end.contains('.')) {
            for (swapped, slip) in slips(end).into_iter().filter(|(_, slip)| slip.bytes().all(|b| b != b'.'))
            {
                let typed = format!("example.{slip}");
                let names = near(&typed);
                assert!(names.len() <= MAX_OFFERED, "{typed}: {names:?}");
                for name in &names {
                    let suffix = psl::suffix_str(name).unwrap();
                    assert!(psl::is_icann_suffix(suffix) && *name != typed, "{typed}: {name}");
                }
                if psl::is_icann_suffix(&slip) {
                    continue;
                }
                assert!(!names.is_empty(), "{typed}");
                if swapped {
                    assert!(names.contains(&format!("example.{end}")), "{typed}: {names:?}");
                    led_back += 1;
                }
            }
        }
        assert!(led_back > 20, "{led_back}");
    }
}
