//! The message is wrapped in winmail.dat.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "tnef-attachment",
    area: Area::Content,
    title: "the message is wrapped in winmail.dat",
    severity: Severity::Medium,
    why: "\
        Only Outlook opens TNEF. Other readers show a useless winmail.dat, lose the \
        formatting and every attachment inside, and scanners cannot look into it.",
    fix: "\
        In Outlook or Exchange send as HTML or plain text instead of Rich Text: \
        `Set-RemoteDomain Default -TNEFEnabled $false`.",
    references: &[Reference::Rfc { number: 2046, section: "4.5" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let problems = message
        .parts()
        .iter()
        .filter(|part| {
            let named = part.filename.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("winmail.dat"));
            part.is_leaf()
                && (named
                    || matches!(
                        part.content_type.as_str(),
                        "application/ms-tnef" | "application/vnd.ms-tnef"
                    ))
        })
        .map(|part| {
            Problem::at(
                message.part_subject(part),
                format!("part {} is TNEF (winmail.dat), which only Outlook can open", part.path),
            )
            .fix("send HTML or plain text: Set-RemoteDomain Default -TNEFEnabled $false")
            .located(message.location(part.line))
        })
        .collect();
    Ok(Verdict::from_problems(problems))
}
