//! The one-click address does not unsubscribe with one POST.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::facts::subscription::one_click::PostReply;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "one-click-refused",
    area: Area::Subscription,
    title: "the one-click address does not unsubscribe with one POST",
    severity: Severity::High,
    why: "\
        The mailbox provider sends one POST without cookies and follows nothing. An address that answers \
        with a redirect, an error or a page to confirm leaves the reader subscribed, and the spam button is next.",
    fix: "\
        Take POST at the address itself, unsubscribe by the token in it, and answer 200 or 202.",
    references: &[
        Reference::Rfc { number: 8058, section: "3.1" },
        Reference::Rfc { number: 8058, section: "3.2" },
        pages::GOOGLE_SENDERS,
    ],
    needs: &[Topic::Unsubscribe],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("List-Unsubscribe") else {
        return Ok(Verdict::NotApplicable("no List-Unsubscribe header, see list-unsubscribe-missing"));
    };
    let Some(reply) = facts.one_click()? else {
        return Ok(Verdict::NotApplicable("the message offers no one-click address"));
    };
    let (summary, severity, confidence) = match (fault(&reply), asks_again(&reply)) {
        (Some((summary, severity)), _) => (summary, severity, Confidence::Firm),
        (None, true) => {
            let summary =
                format!("the POST got {} and a page that asks to confirm; nobody will see it", reply.status);
            (summary, Severity::Medium, Confidence::Tentative)
        }
        (None, false) => return Ok(Verdict::Pass),
    };
    Ok(Verdict::Fail(vec![
        Problem::at(message.header_subject(field), summary)
            .severity(severity)
            .confidence(confidence)
            .located(message.location(field.line)),
    ]))
}

/// What is wrong with the status of an answer.
fn fault(reply: &PostReply) -> Option<(String, Severity)> {
    let status = reply.status;
    match status {
        200..=299 => None,
        300..=399 => {
            let to = match reply.location.as_str() {
                "" => String::new(),
                location => format!(" to {}", plain(location, Width::Name)),
            };
            Some((
                format!("the POST got {status}, a redirect{to}, which no provider follows"),
                Severity::High,
            ))
        }
        401 | 403 => Some((
            format!("the POST got {status}: it wants a login, a cookie or a token that no provider has"),
            Severity::High,
        )),
        404 | 410 => Some((format!("the POST got {status}: the address leads nowhere"), Severity::High)),
        405 | 501 => Some((format!("the POST got {status}: the address takes GET only"), Severity::High)),
        429 => Some((
            "the POST got 429: too many requests; providers send them in bursts".to_owned(),
            Severity::Medium,
        )),
        _ => Some((format!("the POST got {status} instead of 200"), Severity::High)),
    }
}

/// A form to be sent before anything happens. A page that says it is done may hold a form
/// all the same: to tell why, or to come back.
fn asks_again(reply: &PostReply) -> bool {
    const DONE: &[&str] = &[
        "unsubscribed",
        "been removed",
        "removed from",
        "opted out",
        "success",
        "no longer receive",
        "abgemeldet",
        "ausgetragen",
        "désinscrit",
        "désabonn",
        "dado de baja",
        "cancelad",
        "disiscritto",
        "cancellat",
        "uitgeschreven",
        "descadastrad",
    ];
    let lower = reply.body.to_lowercase();
    let button = lower.contains("<form") && (lower.contains("submit") || lower.contains("<button"));
    button && !DONE.iter().any(|word| lower.contains(word))
}
