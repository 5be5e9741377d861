//! Does every include and redirect lead to a usable record?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{Node, Published, SpfFacts, Step, TermFound};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-include-broken",
    area: Area::Authentication,
    title: "an include or redirect leads to no usable SPF record",
    severity: Severity::High,
    why: "\
        An include without a record behind it, or with a broken one, makes the whole evaluation a \
        `permerror` for every sender that no earlier term has matched.",
    fix: "Drop the term, or name the record the provider documents today.",
    references: &[
        Reference::Rfc { number: 7208, section: "5.2" },
        Reference::Rfc { number: 7208, section: "6.1" },
    ],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    let node = match spf.tree()? {
        Ok(node) => node,
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    let mut broken = Vec::new();
    node.visit(0, &mut |node, _| {
        broken.extend(node.steps.iter().filter_map(|step| problem(node, step)));
    });
    if broken.is_empty() {
        return spf.policy.cost().gap.map_or(Ok(Verdict::Pass), Err);
    }
    Ok(Verdict::Fail(broken))
}

fn problem(node: &Node, step: &Step) -> Option<Problem> {
    let TermFound::Nested(target) = &step.found else { return None };
    let what = match &target.published {
        Published::Nothing(Some(_)) => "has no TXT record".to_owned(),
        Published::Nothing(None) => "has TXT records, but none starts with v=spf1".to_owned(),
        Published::Malformed => "is no name that can be asked for".to_owned(),
        Published::Several(records) => format!("has {} SPF records", records.len()),
        Published::Record(record, _) => {
            let fault = record.faults.first()?;
            let term = record.text.get(fault.term.clone()).unwrap_or_default();
            format!("has a syntax error at \"{}\": {}", plain(term, Width::Name), fault.message)
        }
        _ => return None,
    };
    let term = plain(node.text_of(step), Width::Line);
    let problem = Problem::at(
        SpfFacts::subject(node, node.term(step).map(|term| term.span.clone())),
        format!("{term}: {} {what}", plain(&target.domain, Width::Line)),
    );
    let problem = match target.record() {
        Some(record) => problem.proof(plain(&record.text, Width::Record)),
        None => problem,
    };
    let fix = format!(
        "Remove {term} from the record of {}, or ask whoever runs {} to mend it.",
        plain(&node.domain, Width::Line),
        plain(&target.domain, Width::Line)
    );
    Some(problem.fix(fix).located(node.location().cloned()))
}
