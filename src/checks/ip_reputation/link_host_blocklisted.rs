//! The hosts that the message's links lead to, on lists of names.

use super::listing_problem::judge;
use crate::check::{Check, Reference, Verdict, pages};
use crate::data::blocklists::{About, Weight};
use crate::facts::Facts;
use crate::facts::listings::Part;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "link-host-blocklisted",
    area: Area::IpReputation,
    title: "a link in the message leads to a host on a blocklist of names",
    severity: Severity::High,
    why: "\
        Filters look every link's host up on URI lists. One listed host, in a signature or behind a \
        shortener, makes spam of a message whose sender is clean.",
    fix: "Remove the link, or lead it to a host of your own under a clean name; clear your own host if \
          it is the one listed.",
    references: &[Reference::Rfc { number: 5782, section: "4" }, pages::SURBL_LISTS],
    needs: &[Topic::Blocklists, Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    facts.message()?;
    judge(
        facts,
        &[Part::Link],
        |about, weight| about == About::Name && weight > Weight::None,
        |hit| match hit.weight {
            Weight::High => Severity::High,
            Weight::Medium => Severity::Medium,
            _ => Severity::Low,
        },
    )
}
