//! Is there exactly one SPF record?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{Published, SpfFacts};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-multiple",
    area: Area::Authentication,
    title: "the domain publishes more than one SPF record",
    severity: Severity::High,
    why: "\
        A receiver that finds two `v=spf1` records must stop with `permerror`, so neither record \
        authorizes anyone and SPF can no longer satisfy DMARC.",
    fix: "Merge the records into one TXT record that starts with `v=spf1`, and delete the others.",
    references: &[Reference::Rfc { number: 7208, section: "4.5" }],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    let records = match &spf.policy.root.published {
        Published::Unknown(gap) => return Err(gap.clone()),
        Published::Several(records) => records,
        Published::Record(..) => return Ok(Verdict::Pass),
        _ => return Ok(Verdict::NotApplicable("no SPF record, see spf-missing")),
    };
    let shown: Vec<String> =
        records.iter().map(|r| plain(&String::from_utf8_lossy(r), Width::Record)).collect();
    let problem = Problem::at(
        SpfFacts::subject(&spf.policy.root, None),
        format!("{} TXT records start with v=spf1, so SPF ends in permerror for all mail", records.len()),
    )
    .proof(shown.join("\n"));
    let location = facts.spf()?.texts.as_ref().ok().and_then(|texts| {
        texts.iter().filter(|t| crate::parse::spf::is_spf(&t.joined())).nth(1)?.location.clone()
    });
    Ok(Verdict::Fail(vec![problem.located(location)]))
}
