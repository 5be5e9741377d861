//! Is a Sender ID record left over?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::SpfFacts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-senderid-leftover",
    area: Area::Authentication,
    title: "a Sender ID record (spf2.0) is left over",
    severity: Severity::Info,
    why: "\
        Sender ID is historic and no receiver of weight evaluates it; the record only makes the TXT answer \
        longer and misleads whoever reads the zone.",
    fix: "Delete the TXT record that starts with `spf2.0/`.",
    references: &[
        Reference::Rfc { number: 6686, section: "6" },
        Reference::Rfc { number: 7208, section: "3.4" },
    ],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    let texts = spf.texts.clone()?;
    let problems = texts.iter().filter_map(|text| {
        let joined = String::from_utf8_lossy(&text.joined()).into_owned();
        let version = joined.get(..7)?;
        version.eq_ignore_ascii_case("spf2.0/").then(|| {
            Problem::at(
                SpfFacts::subject(&spf.policy.root, None),
                format!("\"{}\" is a Sender ID record, which nobody evaluates", plain(&joined, Width::Name)),
            )
            .fix("Delete this TXT record.")
            .located(text.location.clone())
        })
    });
    Ok(Verdict::from_problems(problems.collect()))
}
