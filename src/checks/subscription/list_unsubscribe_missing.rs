//! Bulk mail without a List-Unsubscribe header.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::kind::Duty;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "list-unsubscribe-missing",
    area: Area::Subscription,
    title: "bulk mail without a List-Unsubscribe header",
    severity: Severity::High,
    why: "\
        Google, Yahoo and Microsoft ask senders of bulk mail for it. Without it readers \
        press the spam button instead, and Google grants no mitigation to senders that lack \
        it.",
    fix: "\
        Add `List-Unsubscribe: <https://example.com/u/TOKEN>, <mailto:u-TOKEN@example.com>` \
        and `List-Unsubscribe-Post: List-Unsubscribe=One-Click`, and sign both.",
    references: &[
        Reference::Rfc { number: 2369, section: "3.2" },
        Reference::Rfc { number: 8058, section: "3.1" },
        pages::GOOGLE_SENDERS,
        pages::YAHOO_FAQ,
        pages::MICROSOFT_SENDERS,
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, policy: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let (severity, confidence) = match facts.duty(policy.kind)? {
        Duty::Bulk => (Severity::High, Confidence::Certain),
        Duty::LikelyBulk => (Severity::Medium, Confidence::Firm),
        Duty::None(why) => return Ok(Verdict::NotApplicable(why)),
    };
    if message.first("List-Unsubscribe").is_some() {
        return Ok(Verdict::Pass);
    }
    let marks = &facts.kind()?.marks;
    let by =
        if marks.is_empty() { "as --kind says".to_owned() } else { format!("it has {}", marks.join(", ")) };
    let domain = message.from_domain().unwrap_or_else(|| "example.com".to_owned());
    let domain = plain(&domain, Width::Name);
    Ok(Verdict::Fail(vec![
        Problem::at(
            Subject::Message,
            format!(
                "bulk mail ({by}) without List-Unsubscribe; Google, Yahoo and Microsoft require it of bulk \
                 senders, and refuse or junk the mail of those who lack it"
            ),
        )
        .fix(format!(
            "List-Unsubscribe: <https://{domain}/unsubscribe/TOKEN>, <mailto:unsubscribe-TOKEN@{domain}>\n\
                 List-Unsubscribe-Post: List-Unsubscribe=One-Click"
        ))
        .severity(severity)
        .confidence(confidence),
    ]))
}
