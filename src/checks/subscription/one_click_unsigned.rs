//! The unsubscribe headers are not covered by the DKIM signature.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::subscription::unsubscribe::signed_fields;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "one-click-unsigned",
    area: Area::Subscription,
    title: "the unsubscribe headers are not covered by the DKIM signature",
    severity: Severity::Medium,
    why: "\
        RFC 8058 requires both headers in a valid DKIM signature. Receivers ignore unsigned \
        ones, since anyone on the way could have added them.",
    fix: "\
        Add `list-unsubscribe` and `list-unsubscribe-post` to the fields the signer covers \
        (`h=`).",
    references: &[
        Reference::Rfc { number: 8058, section: "4" },
        Reference::Rfc { number: 6376, section: "5.4" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) =
        message.first("List-Unsubscribe-Post").filter(|_| message.first("List-Unsubscribe").is_some())
    else {
        return Ok(Verdict::NotApplicable("no one-click unsubscribe, see one-click-missing"));
    };
    let signed = signed_fields(message);
    if signed.is_empty() {
        return Err(Gap::undecidable("the sample carries no DKIM signature; give it as it left the signer"));
    }
    const BOTH: [&str; 2] = ["list-unsubscribe", "list-unsubscribe-post"];
    let missing = |names: &[String]| -> Vec<&str> {
        BOTH.into_iter().filter(|name| !names.iter().any(|n| n == name)).collect()
    };
    let Some((domain, lacks)) =
        signed.iter().map(|(domain, names)| (domain, missing(names))).min_by_key(|(_, lacks)| lacks.len())
    else {
        return Ok(Verdict::Pass);
    };
    if lacks.is_empty() {
        return Ok(Verdict::Pass);
    }
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(field),
            format!(
                "no DKIM signature covers {}; d={} lacks it in h=",
                lacks.join(" and "),
                plain(domain, Width::Name)
            ),
        )
        .fix(format!(
            "add {} to the signed header fields (h=) of the signer for {}",
            lacks.join(" and "),
            plain(domain, Width::Name)
        ))
        .located(message.location(field.line)),
    ]))
}
