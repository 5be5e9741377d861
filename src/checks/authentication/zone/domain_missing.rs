//! Does the domain exist at all?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::zone::existence;
use crate::model::{Area, Gap, Name, Severity, Subject, Topic};
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

/// Ends of names that are mistyped most.
const COMMON: &[&str] = &[
    "com", "net", "org", "de", "fr", "it", "es", "nl", "eu", "ch", "at", "be", "io", "co.uk", "com.au", "ca",
    "jp", "pl", "se", "dk", "no", "fi", "info", "biz", "us", "co", "ru", "cn", "com.br", "cz", "ie", "pt",
];

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(top) = existence::missing(facts)? else { return Ok(Verdict::Pass) };
    let domain = facts.domain()?;
    let whose = if *domain == top { String::new() } else { format!(", and so not {domain}") };
    let summary =
        format!("{top} does not exist (NXDOMAIN){whose}: nothing can be sent from it; is it misspelt?");
    let problem = Problem::at(Subject::Domain(top.clone()), summary);
    let near = near_misses(&top);
    Ok(Verdict::Fail(vec![if near.is_empty() {
        problem
    } else {
        problem.fix(format!("Look for a slip in the name: did you mean {}?", near.join(" or ")))
    }]))
}

/// The name with common ends that are one slip away from its own.
fn near_misses(top: &Name) -> Vec<String> {
    let Some((label, end)) = top.as_str().split_once('.') else { return Vec::new() };
    let near = COMMON.iter().filter(|common| **common != end && one_slip(end, common));
    near.take(3).map(|common| format!("{label}.{common}")).collect()
}

/// One letter more, less, other, or two neighbours swapped.
fn one_slip(typed: &str, meant: &str) -> bool {
    let (a, b) = (typed.as_bytes(), meant.as_bytes());
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same..], &b[same..]);
    let swapped =
        matches!((a, b), ([p, q, rest @ ..], [r, s, other @ ..]) if p == s && q == r && rest == other);
    let dropped = |long: &[u8], short: &[u8]| long.len() == short.len() + 1 && long[1..] == *short;
    let replaced = a.len() == b.len() && a.len() > 1 && a[1..] == b[1..];
    let last = a.len() == 1 && b.len() == 1 && typed.len() > 2;
    swapped || replaced || last || (typed.len() > 2 && dropped(a, b)) || dropped(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_seen() {
        for typed in ["cmo", "con", "comm", "cm", "ocm", "vom"] {
            assert!(
                near_misses(&Name::lenient(&format!("example.{typed}"))).contains(&"example.com".to_owned()),
                "{typed}"
            );
        }
        assert!(near_misses(&Name::lenient("example.com")).len() < 3);
        assert!(near_misses(&Name::lenient("example.museum")).is_empty());
    }
}
