//! Bulk mail without Feedback-ID.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::kind::Duty;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "feedback-id-missing",
    area: Area::FeedbackLoops,
    title: "bulk mail without Feedback-ID",
    severity: Severity::Low,
    why: "\
        Gmail has no complaint mails; its feedback loop shows spam rates per campaign by \
        this header and in no other way.",
    fix: "Add `Feedback-ID: campaign:customer:mailtype:senderid` to bulk mail and sign it.",
    references: &[pages::GOOGLE_FEEDBACK_ID],
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
    if message.first("Feedback-ID").is_some() {
        return Ok(Verdict::Pass);
    }
    Ok(Verdict::Fail(vec![
        Problem::at(
            Subject::Message,
            "bulk mail without Feedback-ID: Gmail cannot show which campaign is complained about",
        )
        .fix("add: Feedback-ID: autumn26:shop:newsletter:exampleshop"),
    ]))
}
