//! A link leads nowhere.

use crate::check::link_ends::judge;
use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::facts::links::chains::End;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "link-broken",
    area: Area::Content,
    title: "a link leads nowhere",
    severity: Severity::Medium,
    why: "\
        A reader who meets an error page does not come back, and dead links in many copies of a \
        mail look like a list nobody tends.",
    fix: "\
        Correct the address, or bring the page back, before the mail goes out.",
    references: &[
        Reference::Rfc { number: 9110, section: "15.5.5" },
        Reference::Rfc { number: 9110, section: "15.5.11" },
        pages::GOOGLE_SENDERS,
    ],
    needs: &[Topic::Message, Topic::Links],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    judge(facts, |link, chain| {
        let last = chain.last().map(|url| plain(url.as_str(), Width::Name)).unwrap_or_default();
        let summary = match &chain.end {
            End::NoSuchHost(name) => {
                format!(
                    "{} has no address in the DNS, so {last} cannot be opened",
                    plain(name.as_str(), Width::Name)
                )
            }
            End::Arrived(status @ (404 | 410)) => format!("{last} answers {status}: the page is not there"),
            End::Arrived(200..=399) => return Ok(None),
            // 405 and 501 speak of HEAD alone; 403 and 429 of us; 5xx of this moment.
            End::Arrived(status) => {
                return Err(Gap::undecidable(format!(
                    "{last} answers {status} to HEAD, which does not tell whether a browser gets the page"
                )));
            }
            _ => return Ok(None),
        };
        Ok(Some(Problem::at(link.subject(), summary).confidence(Confidence::Firm)))
    })
}
