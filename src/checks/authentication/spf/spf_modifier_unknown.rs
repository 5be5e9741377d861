//! Do receivers know every modifier?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::SpfFacts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::spf::TermKind;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-modifier-unknown",
    area: Area::Authentication,
    title: "the SPF record has a modifier that receivers ignore",
    severity: Severity::Low,
    why: "\
        Receivers skip a modifier they do not know. Where a mechanism was meant, as in `include=` for \
        `include:`, its senders are silently not authorized.",
    fix: "Write mechanisms with a colon, and drop modifiers other than `redirect=` and `exp=`.",
    references: &[
        Reference::Rfc { number: 7208, section: "6" },
        Reference::Rfc { number: 7208, section: "4.6.1" },
    ],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

/// Mechanisms that people write with the wrong sign.
const MECHANISMS: [&str; 7] = ["include", "a", "mx", "ptr", "ip4", "ip6", "exists"];
/// Published on purpose: RFC 6652, and the tags of the obsolete RFC 7208 drafts.
const REGISTERED: [&str; 3] = ["ra", "rp", "rr"];

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    let record = match spf.single()? {
        Ok(record) => record,
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    let node = &spf.policy.root;
    let problems = record.terms.iter().filter_map(|term| {
        let TermKind::Unknown { name, .. } = &term.kind else { return None };
        let lower = name.to_ascii_lowercase();
        if REGISTERED.contains(&lower.as_str()) {
            return None;
        }
        let text = plain(record.text_of(term), Width::Name);
        let subject = SpfFacts::subject(node, Some(term.span.clone()));
        let problem = if MECHANISMS.contains(&lower.as_str()) {
            let meant = record.text_of(term).replacen('=', ":", 1);
            Problem::at(subject, format!("{text} is taken for an unknown modifier and ignored"))
                .severity(Severity::High)
                .fix(format!("Write {} instead.", plain(&meant, Width::Name)))
        } else if lower == "v" {
            Problem::at(subject, format!("{text} stands inside the record: two records were pasted together"))
                .severity(Severity::Medium)
                .fix("Keep one v=spf1, at the start, and one all, at the end.")
        } else {
            Problem::at(subject, format!("{text} is no known modifier, so receivers ignore it"))
                .fix(format!("Drop {text}."))
        };
        Some(problem.proof(plain(&record.text, Width::Record)).located(node.location().cloned()))
    });
    Ok(Verdict::from_problems(problems.collect()))
}
