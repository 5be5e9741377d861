//! What the checks on followed links share: the links with their ends, and how a verdict
//! follows from problems.

use super::repeats::without_repeats;
use super::{Problem, Verdict};
use crate::facts::Facts;
use crate::facts::links::SeenLink;
use crate::facts::links::chains::Chain;
use crate::model::Gap;

/// Judges the chains one by one: problems are found where they can be, and no chain of
/// unknown end is called clean.
pub(crate) fn judge(
    facts: &Facts,
    problem: impl Fn(&SeenLink, &Chain) -> Result<Option<Problem>, Gap>,
) -> Result<Verdict, Gap> {
    let chains = facts.link_chains()?;
    let links = facts.links()?;
    if chains.chains.is_empty() {
        return Ok(Verdict::NotApplicable("the message has no link to follow"));
    }
    let (mut problems, mut unknown) = (Vec::new(), None);
    for chain in &chains.chains {
        let Some(link) = links.all.get(chain.link) else { continue };
        match problem(link, chain) {
            Ok(found) => problems.extend(found.map(|problem| problem.proof(chain.shown()))),
            Err(gap) => unknown = unknown.or(Some(gap)),
        }
    }
    if problems.is_empty() {
        if let Some(gap) = chains.gap().or(unknown) {
            return Err(gap);
        }
        facts.message()?.seen_whole()?;
    }
    Ok(Verdict::from_problems(without_repeats(problems)))
}

/// Judges the links that redirects led to another host, as if they had named it.
pub(crate) fn judge_targets(
    facts: &Facts,
    problem: impl Fn(&SeenLink, &SeenLink) -> Result<Option<Problem>, Gap>,
) -> Result<Verdict, Gap> {
    let links = facts.links()?;
    judge(facts, |link, chain| match chain.target(links) {
        Some(target) if target.host != link.host => problem(link, &target),
        _ => Ok(None),
    })
}
