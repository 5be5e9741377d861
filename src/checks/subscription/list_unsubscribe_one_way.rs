//! The List-Unsubscribe header offers one way of the two.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::kind::Duty;
use crate::facts::subscription::unsubscribe::Scheme;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "list-unsubscribe-one-way",
    area: Area::Subscription,
    title: "the List-Unsubscribe header offers one way of the two",
    severity: Severity::Low,
    why: "\
        Google counts only the https address, Outlook.com reads the mailto one and Yahoo \
        takes both: with one of them some readers have no button.",
    fix: "Give both: `<https://example.com/u/TOKEN>, <mailto:u-TOKEN@example.com>`.",
    references: &[
        Reference::Rfc { number: 2369, section: "3.2" },
        Reference::Rfc { number: 8058, section: "3.1" },
        pages::GOOGLE_SENDERS,
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, policy: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(unsubscribe) = facts.unsubscribe()? else {
        return Ok(Verdict::NotApplicable("no List-Unsubscribe header, see list-unsubscribe-missing"));
    };

    let severity = match facts.duty(policy.kind)? {
        Duty::Bulk => Severity::Medium,
        Duty::LikelyBulk | Duty::None(_) => Severity::Low,
    };
    let web = unsubscribe.has(Scheme::Https) || unsubscribe.has(Scheme::Http);
    let (summary, severity) = match (web, unsubscribe.has(Scheme::Mailto)) {
        (true, true) | (false, false) => return Ok(Verdict::Pass),
        (false, true) => ("only a mailto address; it does not satisfy Google's one-click rule", severity),
        // The way Google asks for is there; this one only helps Outlook.com.
        (true, false) => ("only a web address; Outlook.com reads the mailto one", Severity::Info),
    };
    Ok(Verdict::Fail(vec![
        Problem::at(message.header_subject(unsubscribe.field), format!("List-Unsubscribe has {summary}"))
            .proof(format!("List-Unsubscribe: {}", plain(&unsubscribe.text, Width::Line)))
            .fix("write: List-Unsubscribe: <https://example.com/u/TOKEN>, <mailto:u-TOKEN@example.com>")
            .severity(severity)
            .located(message.location(unsubscribe.field.line)),
    ]))
}
