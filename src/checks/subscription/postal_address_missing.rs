//! Bulk mail without a postal address.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::kind::Duty;
use crate::facts::subscription::postal_address::has_address;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "postal-address-missing",
    area: Area::Subscription,
    title: "bulk mail without a postal address",
    severity: Severity::Low,
    why: "\
        CAN-SPAM (United States) and CASL (Canada) require a valid postal address in \
        advertising mail, and German law an imprint; readers and filters trust mail that \
        shows who sends it.",
    fix: "Write name and postal address of the sender into the footer.",
    references: &[pages::CAN_SPAM_ACT],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, policy: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    match facts.duty(policy.kind)? {
        Duty::Bulk => {}
        Duty::LikelyBulk => {
            return Ok(Verdict::NotApplicable("the mail may be bulk; --kind bulk judges it so"));
        }
        Duty::None(why) => return Ok(Verdict::NotApplicable(why)),
    }
    let text = message.visible_text();
    if message.visible_letters().alphabetic < 40 {
        return Err(Gap::undecidable(
            "the body is images or nearly empty; what stands in images is not read",
        ));
    }
    if has_address(text) || message.text_body().is_some_and(|body| has_address(&body.text)) {
        return Ok(Verdict::Pass);
    }
    message.seen_whole()?;
    Ok(Verdict::Fail(vec![
        Problem::at(Subject::Message, "nothing in the body looks like a postal address or an imprint")
            .fix("add to the footer: Example Shop Ltd, 12 High Street, London W1A 1AA")
            .confidence(Confidence::Tentative),
    ]))
}
