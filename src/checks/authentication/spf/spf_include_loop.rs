//! Do includes or redirects lead back to where they came from?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{Node, Published, SpfFacts, TermFound};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-include-loop",
    area: Area::Authentication,
    title: "includes of the SPF record run in a circle",
    severity: Severity::High,
    why: "\
        A receiver follows the circle until it has spent its ten look-ups and stops with `permerror`: \
        no sender behind that term is ever authorized.",
    fix: "Drop the include or redirect that leads back.",
    references: &[Reference::Rfc { number: 7208, section: "4.6.4" }],
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
    let mut circles = Vec::new();
    walk(node, &mut vec![node], &mut circles);
    if circles.is_empty() {
        return spf.policy.cost().gap.map_or(Ok(Verdict::Pass), Err);
    }
    Ok(Verdict::Fail(circles))
}

fn walk<'n>(node: &'n Node, path: &mut Vec<&'n Node>, circles: &mut Vec<Problem>) {
    for step in &node.steps {
        let TermFound::Nested(target) = &step.found else { continue };
        if !matches!(target.published, Published::Loop) {
            path.push(target);
            walk(target, path, circles);
            path.pop();
            continue;
        }
        let names: Vec<String> =
            path.iter().copied().chain([&**target]).map(|node| plain(&node.domain, Width::Name)).collect();
        let term = plain(node.text_of(step), Width::Name);
        let span = node.term(step).map(|term| term.span.clone());
        circles.push(
            Problem::at(
                SpfFacts::subject(node, span),
                format!("{term} in the record of {} leads in a circle", plain(&node.domain, Width::Name)),
            )
            .proof(names.join(" -> "))
            .fix(format!("Remove {term} from the record of {}.", plain(&node.domain, Width::Name)))
            .located(node.location().cloned()),
        );
    }
}
