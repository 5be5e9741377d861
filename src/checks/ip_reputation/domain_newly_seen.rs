//! Names too young for receivers to trust.

use super::listing_problem::{any_of, judge};
use crate::check::{Check, Reference, Verdict, pages};
use crate::data::blocklists::{About, Weight};
use crate::facts::Facts;
use crate::facts::listings::Part;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "domain-newly-seen",
    area: Area::IpReputation,
    title: "a domain of the sender is on a list of names just registered or first seen",
    severity: Severity::Medium,
    why: "\
        Most names used for spam are days old, so receivers distrust every young name: the first days \
        of mail go to the spam folder or are put off.",
    fix: "Start with little, wanted mail and raise it as `mailvet warmup` says; keep the old name for \
          important mail until then.",
    references: &[Reference::Rfc { number: 5782, section: "4" }, pages::GOOGLE_SENDERS],
    needs: &[Topic::Blocklists],
    since: "0.1.0",
    run,
};

const PARTS: &[Part] = &[Part::From, Part::MailFrom, Part::DkimDomain, Part::Helo];

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    if !any_of(facts, PARTS) {
        facts.domain()?;
    }
    judge(
        facts,
        PARTS,
        |about, _| about == About::Fresh,
        |hit| match hit.weight {
            Weight::High => Severity::High,
            Weight::Medium => Severity::Medium,
            Weight::Low => Severity::Low,
            Weight::None => Severity::Info,
        },
    )
}
