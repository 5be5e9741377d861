//! How much of what the record permits is in the hands of others?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{Authorised, SpfFacts};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-shared-senders",
    area: Area::Authentication,
    title: "most addresses the SPF record permits are shared with strangers",
    severity: Severity::Info,
    why: "\
        Every customer of a provider sends from the same ranges, so SPF alone cannot tell your mail from \
        theirs. DKIM with your own domain can, and DMARC needs it where the provider forwards.",
    fix: "Sign with DKIM in your own domain at every service the record includes.",
    references: &[Reference::Rfc { number: 7208, section: "11.4" }],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

/// A /16: more than one sender's own hosts.
const MANY: u128 = 1 << 16;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    let node = match spf.tree()? {
        Ok(node) => node,
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    let authorised = Authorised::of(node);
    let (all, foreign) = (authorised.set.count_four(), authorised.foreign().count_four());
    if foreign < MANY || authorised.is_world() {
        return authorised.gap.map_or(Ok(Verdict::Pass), Err);
    }
    let terms: Vec<String> = authorised
        .terms
        .iter()
        .map(|share| (share.adds.minus(&share.own).count_four(), plain(&share.text, Width::Name)))
        .filter(|(count, _)| *count > 0)
        .map(|(count, term)| format!("{count:>10}  {term}"))
        .collect();
    Ok(Verdict::Fail(vec![
        Problem::at(
            SpfFacts::subject(node, None),
            format!("{foreign} of {all} IPv4 addresses are permitted by records of other organisations"),
        )
        .proof(terms.join("\n")),
    ]))
}
