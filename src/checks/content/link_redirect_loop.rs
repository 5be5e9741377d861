//! A link's redirects come to no end.

use crate::check::link_ends::judge;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::links::chains::{End, MOST_REDIRECTS};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "link-redirect-loop",
    area: Area::Content,
    title: "a link's redirects come to no end",
    severity: Severity::Medium,
    why: "\
        Browsers stop a circle with an error page. A chain of many redirects costs the reader \
        seconds, breaks with its weakest host, and looks to filters like an attempt to shake them off.",
    fix: "\
        Lead the link to its page in one step, two where clicks are counted.",
    references: &[Reference::Rfc { number: 9110, section: "15.4" }],
    needs: &[Topic::Message, Topic::Links],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    judge(facts, |link, chain| {
        let last = chain.last().map(|url| plain(url.as_str(), Width::Name)).unwrap_or_default();
        let (summary, severity) = match &chain.end {
            End::Loop => (format!("{last} redirects back to where it came from"), Severity::Medium),
            End::TooLong => (format!("{MOST_REDIRECTS} redirects, and {last} is not the end"), Severity::Low),
            _ => return Ok(None),
        };
        Ok(Some(Problem::at(link.subject(), summary).severity(severity).confidence(Confidence::Firm)))
    })
}
