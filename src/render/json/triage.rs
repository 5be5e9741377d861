//! `mailvet/triage/1`.

use serde::Serialize;

use super::super::triage::Report;
use super::reply::ConfirmationV1;
use crate::model::redaction::shown;
use crate::parse::log::postfix;
use crate::parse::log::record::{DelayParts, LogEvent};
use crate::parse::log::stamp::timestamp;
use crate::triage::story::{Message, Recipient};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    /// What was searched: filters, files, lines, range of time.
    searched: Searched<'a>,
    /// Messages that match; `omitted` more are not listed.
    total: u64,
    omitted: u64,
    messages: Vec<Story>,
    /// Where nothing matched: what comes nearest.
    nearest: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<serde_json::Value>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Searched<'a> {
    query: String,
    files: &'a [String],
    dialects: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unparsed: Option<u64>,
}

#[derive(Serialize)]
struct Story {
    ids: Vec<String>,
    message_id: Option<String>,
    sender: Option<String>,
    size: Option<u64>,
    client_host: Option<String>,
    client_ip: Option<String>,
    received: Option<String>,
    notifications: Vec<String>,
    recipients: Vec<Verdict>,
    /// Every line about the message.
    events: Vec<Line>,
}

#[derive(Serialize)]
struct Verdict {
    address: String,
    /// The address the sender wrote, where an alias put this one in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<String>,
    /// The address the last hop knows it by, where it was rewritten on the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    final_address: Option<String>,
    status: &'static str,
    cause: Option<&'static str>,
    permanent: Option<bool>,
    reply: Option<String>,
    reply_code: Option<u16>,
    enhanced_code: Option<String>,
    remote_host: Option<String>,
    remote_ip: Option<String>,
    at: Option<String>,
    /// When the last hop took it, also where a complaint came later.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<String>,
    since: Option<String>,
    attempts: u32,
    next_try: Option<String>,
    until: Option<String>,
    queue_id: Option<String>,
    next_queue_id: Option<String>,
    who: &'static str,
    /// Whose words the reply is.
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<&'static str>,
    /// Who had the message, hop by hop, and how that is known.
    custody: Vec<CustodyV1>,
    answer: String,
    advice: Vec<String>,
    page: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation: Option<ConfirmationV1>,
    events: Vec<Line>,
}

/// One hop that took the message.
#[derive(Serialize)]
struct CustodyV1 {
    host: String,
    party: &'static str,
    proof: String,
    at: Option<String>,
}

#[derive(Serialize)]
struct Line {
    file: String,
    line: u32,
    at: Option<String>,
    event: &'static str,
    dialect: &'static str,
    queue_id: Option<String>,
    host: Option<String>,
    ip: Option<String>,
    recipient: Option<String>,
    reply: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delays: Option<DelayParts>,
    text: String,
    /// The line's parts under the names of its dialect.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    fields: std::collections::BTreeMap<&'static str, String>,
}

/// The document as text.
pub(crate) fn text(report: &Report<'_>) -> String {
    let mask = |text: &str| shown(text, report.redact).into_owned();
    let document = Document {
        schema: "mailvet/triage/1",
        searched: Searched {
            query: mask(&report.query),
            files: report.files,
            dialects: report.dialects,
            lines: report.summary.map(|summary| summary.lines),
            unparsed: report.summary.map(|summary| summary.unparsed),
        },
        total: report.total,
        omitted: report.total.saturating_sub(report.messages.len() as u64),
        messages: report.messages.iter().map(|message| story(message, report)).collect(),
        nearest: report.nearest.iter().map(|text| mask(text)).collect(),
        summary: report.summary.map(|summary| super::traffic::value(summary, report.redact)),
        notes: report.notes.iter().map(|note| mask(note)).collect(),
    };
    super::text(&document)
}

fn story(message: &Message, report: &Report<'_>) -> Story {
    let some = |text: &str| (!text.is_empty()).then(|| shown(text, report.redact).into_owned());
    let at = |millis| timestamp(millis).map(|at| at.to_string());
    Story {
        ids: message.ids.clone(),
        message_id: some(&message.message_id),
        sender: some(&message.sender),
        size: (message.size > 0).then_some(message.size),
        client_host: some(&message.client_host),
        client_ip: some(&message.client_ip),
        received: at(message.received),
        notifications: message.notifications.clone(),
        recipients: message.recipients.iter().map(|recipient| verdict(message, recipient, report)).collect(),
        events: message.events.iter().map(|event| line(event, report.redact)).collect(),
    }
}

fn verdict(message: &Message, recipient: &Recipient, report: &Report<'_>) -> Verdict {
    let mask = |text: &str| shown(text, report.redact).into_owned();
    let some = |text: &str| (!text.is_empty()).then(|| mask(text));
    let at = |millis| timestamp(millis).map(|at| at.to_string());
    let parsed = crate::parse::smtp::reply::Reply::read(&recipient.reply);
    Verdict {
        address: mask(&recipient.address),
        original: some(&recipient.original),
        final_address: some(&recipient.final_address),
        status: recipient.status.name(),
        cause: recipient.cause.map(|cause| cause.name()),
        permanent: recipient.permanent,
        reply: some(&recipient.reply),
        reply_code: parsed.code,
        enhanced_code: some(&recipient.enhanced),
        remote_host: some(&recipient.remote_host),
        remote_ip: some(&recipient.remote_ip),
        at: at(recipient.at),
        accepted: at(recipient.accepted),
        since: at(recipient.since),
        attempts: recipient.attempts,
        next_try: at(recipient.next_try),
        until: at(recipient.until),
        queue_id: some(&recipient.queue_id),
        next_queue_id: some(&recipient.next_id),
        who: recipient.who.name(),
        speaker: recipient.speaker.map(|speaker| speaker.name()),
        custody: recipient
            .custody
            .iter()
            .map(|hop| CustodyV1 {
                host: mask(&hop.host),
                party: hop.party.name(),
                proof: mask(&hop.proof),
                at: at(hop.at),
            })
            .collect(),
        answer: mask(&recipient.answer),
        advice: recipient.advice.iter().map(|step| mask(step)).collect(),
        page: recipient.page.clone(),
        confirmation: recipient.confirmation.as_ref().map(ConfirmationV1::from),
        events: recipient
            .events
            .iter()
            .filter_map(|index| message.events.get(*index))
            .map(|event| line(event, report.redact))
            .collect(),
    }
}

fn line(event: &LogEvent, redact: bool) -> Line {
    let some = |text: &str| (!text.is_empty()).then(|| shown(text, redact).into_owned());
    let fields = if matches!(event.dialect, "postfix" | "journald") {
        postfix::fields::of_line(&event.line)
            .into_iter()
            .map(|(name, value)| (name, shown(&value, redact).into_owned()))
            .collect()
    } else {
        std::collections::BTreeMap::new()
    };
    Line {
        file: event.location.file.clone(),
        line: event.location.line,
        at: timestamp(event.at).map(|at| at.to_string()),
        event: event.kind.name(),
        dialect: event.dialect,
        queue_id: some(&event.id),
        host: some(&event.host),
        ip: some(&event.ip),
        recipient: some(&event.recipient),
        reply: some(&event.reply),
        delay: event.delay,
        delays: event.delays.map(DelayParts::from),
        text: shown(&event.line, redact).into_owned(),
        fields,
    }
}
