//! The hosts that the message's links were followed to, on lists of names.

use super::listing_problem::judge;
use crate::check::{Check, Reference, Verdict, pages};
use crate::data::blocklists::{About, Weight};
use crate::facts::Facts;
use crate::facts::listings::Part;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "link-target-blocklisted",
    area: Area::IpReputation,
    title: "a link leads on to a host on a blocklist of names",
    severity: Severity::High,
    why: "\
        Filters that follow links look up every host on the way. A redirect through a listed host, or \
        to one, makes spam of a message that names none.",
    fix: "Remove the link, or lead it past the listed host; clear your own host if it is the one listed.",
    references: &[Reference::Rfc { number: 5782, section: "4" }, pages::SURBL_LISTS],
    needs: &[Topic::Blocklists, Topic::Message, Topic::Links],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let chains = facts.link_chains()?;
    if chains.led_to().is_empty() {
        return match chains.gap() {
            Some(gap) => Err(gap),
            None => Ok(Verdict::NotApplicable("no link leads on to another host")),
        };
    }
    judge(
        facts,
        &[Part::LinkTarget],
        |about, weight| about == About::Name && weight > Weight::None,
        |hit| match hit.weight {
            Weight::High => Severity::High,
            Weight::Medium => Severity::Medium,
            _ => Severity::Low,
        },
    )
}
