//! `mailvet/bounce/1`: what one message about a delivery says; and
//! `mailvet/bounces/1` for several.

use serde::Serialize;

use crate::parse::bounce::dsn::Action;
use crate::triage::bounce::{BounceVerdict, Kind, Recipient};

#[derive(Serialize)]
pub(crate) struct BounceV1 {
    schema: &'static str,
    file: String,
    /// From 1; only where the file holds several messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<usize>,
    kind: &'static str,
    recipients: Vec<RecipientV1>,
    original: OriginalV1,
    feedback_type: Option<String>,
    /// What it is where it tells of no failed delivery: `receipt`, `virus-notice`, `command-reply`.
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<&'static str>,
    reporting_mta: Option<String>,
    /// The single messages of a mailbox file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<BounceV1>,
}

#[derive(Serialize)]
struct RecipientV1 {
    address: Option<String>,
    /// Where a forwarding made another address of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    original_recipient: Option<String>,
    action: Option<Action>,
    cause: &'static str,
    permanent: Option<bool>,
    /// Whether the server that reports has stopped trying, whatever the code is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    given_up: Option<bool>,
    reply_code: Option<u16>,
    enhanced_code: Option<String>,
    enhanced_code_from: Option<&'static str>,
    reply: Option<String>,
    remote_mta: Option<String>,
    who: Option<&'static str>,
    advice: Vec<String>,
    page: Option<String>,
}

#[derive(Serialize)]
struct OriginalV1 {
    message_id: Option<String>,
    from: Option<String>,
    subject: Option<String>,
    date: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct BouncesV1 {
    schema: &'static str,
    messages: Vec<BounceV1>,
}

/// Longest reply put out, in characters.
const LONGEST_REPLY: usize = 2000;

/// One message; `message` numbers it inside a mailbox file.
pub(crate) fn bounce(file: &str, message: Option<usize>, verdict: &BounceVerdict) -> BounceV1 {
    BounceV1 {
        schema: "mailvet/bounce/1",
        file: file.to_owned(),
        message,
        kind: verdict.kind.name(),
        recipients: verdict.recipients.iter().map(|r| recipient(r, verdict.kind)).collect(),
        original: OriginalV1 {
            message_id: verdict.original.message_id.clone(),
            from: verdict.original.from.clone(),
            subject: verdict.original.subject.clone(),
            date: verdict.original.date.clone(),
        },
        feedback_type: verdict.feedback_type.clone(),
        other: verdict.other.as_ref().map(|other| other.name()),
        reporting_mta: verdict.reporting_mta.clone(),
        messages: Vec::new(),
    }
}

/// A file of several messages as one object: the first names the kind and the
/// original, the recipients are everybody's.
pub(crate) fn mailbox(file: &str, verdicts: &[BounceVerdict]) -> BounceV1 {
    let mut messages: Vec<BounceV1> =
        verdicts.iter().enumerate().map(|(index, verdict)| bounce(file, Some(index + 1), verdict)).collect();
    let first = verdicts.iter().find(|v| v.kind != Kind::None).or(verdicts.first());
    let Some(first) = first else {
        return bounce(file, None, &BounceVerdict::none());
    };
    let mut whole = bounce(file, None, first);
    whole.recipients =
        verdicts.iter().flat_map(|v| v.recipients.iter().map(|r| recipient(r, v.kind))).collect();
    if messages.len() > 1 {
        whole.messages.append(&mut messages);
    }
    whole
}

pub(crate) fn bounces(messages: Vec<BounceV1>) -> BouncesV1 {
    BouncesV1 { schema: "mailvet/bounces/1", messages }
}

fn recipient(recipient: &Recipient, kind: Kind) -> RecipientV1 {
    let assumed = match kind {
        Kind::Bounce => Some(Action::Failed),
        Kind::Delay => Some(Action::Delayed),
        Kind::Delivered => Some(Action::Delivered),
        Kind::Relayed => Some(Action::Relayed),
        _ => None,
    };
    RecipientV1 {
        address: Some(recipient.address.clone()).filter(|a| !a.is_empty()),
        original_recipient: recipient.original_address.clone(),
        action: recipient.action.or(assumed),
        cause: recipient.cause.name(),
        permanent: recipient.permanent,
        given_up: match recipient.action.or(assumed) {
            Some(Action::Failed) => Some(true),
            Some(Action::Delayed) => Some(false),
            _ => None,
        },
        reply_code: recipient.reply_code,
        enhanced_code: recipient.enhanced_code.map(|code| code.to_string()),
        enhanced_code_from: recipient.enhanced_code.map(|_| recipient.code_from.name()),
        reply: recipient.reply.as_ref().map(|text| text.chars().take(LONGEST_REPLY).collect()),
        remote_mta: recipient.remote_mta.clone(),
        who: recipient.verdict.as_ref().map(|v| v.who.name()),
        advice: recipient.verdict.as_ref().map(|v| v.action.clone()).unwrap_or_default(),
        page: recipient.verdict.as_ref().and_then(|v| v.page.clone()),
    }
}
