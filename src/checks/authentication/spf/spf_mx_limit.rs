//! Do the mx terms name at most ten hosts each?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{Limits, SpfFacts, TermFound};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-mx-limit",
    area: Area::Authentication,
    title: "an mx term of the SPF record names more than ten hosts",
    severity: Severity::High,
    why: "\
        A receiver that meets more than ten mail exchangers behind one `mx` must stop with `permerror`, and \
        then no address is authorized by anything that follows.",
    fix: "Name the sending addresses with `ip4:` and `ip6:` instead of `mx`.",
    references: &[Reference::Rfc { number: 7208, section: "4.6.4" }],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    let root = match spf.tree()? {
        Ok(node) => node,
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    let limit = Limits::RFC.names;
    let mut problems = Vec::new();
    root.visit(0, &mut |node, _| {
        for step in &node.steps {
            let TermFound::Exchanges(Ok(exchanges)) = &step.found else { continue };
            if exchanges.len() <= limit {
                continue;
            }
            let text = plain(node.text_of(step), Width::Name);
            let span = node.term(step).map(|term| term.span.clone());
            problems.push(
                Problem::at(
                    SpfFacts::subject(node, span),
                    format!("{text} names {} hosts where {limit} are allowed: permerror", exchanges.len()),
                )
                .located(node.location().cloned()),
            );
        }
    });
    if problems.is_empty() {
        return spf.policy.cost().gap.map_or(Ok(Verdict::Pass), Err);
    }
    Ok(Verdict::Fail(problems))
}
