//! `mailvet/send/1`: how one message was handed over.

use serde::Serialize;

use super::server::{self, CertificateV1, TlsV1};
use crate::facts::transport::servers::{Content, Exchange};
use crate::render::send::SendView;
use crate::triage::handover::Recipient;

#[derive(Serialize)]
pub(crate) struct SendV1 {
    schema: &'static str,
    /// accepted, partly, deferred, rejected or unknown; `null` with `--dry-run`.
    outcome: Option<&'static str>,
    dry_run: bool,
    relay: String,
    /// The address connected to.
    address: Option<String>,
    from: String,
    recipients: Vec<RecipientV1>,
    queue_id: Option<String>,
    message_id: Option<String>,
    message: MessageV1,
    /// How much of the message went over: nothing, part or whole.
    sent: &'static str,
    /// True where the relay may hold the message and did not say.
    may_have_been_taken: bool,
    /// Why there is no verdict, or why nothing was sent.
    problem: Option<String>,
    /// What an accepted message does not prove.
    caveat: Option<&'static str>,
    next: Option<String>,
    tls: Option<TlsV1>,
    certificate: Option<CertificateV1>,
    unreached: Vec<UnreachedV1>,
    dialogue: Vec<LineV1>,
}

#[derive(Serialize)]
struct MessageV1 {
    file: String,
    /// Octets as SIZE counts them.
    size: u64,
    bare_lf: usize,
    bare_cr: usize,
    eight_bit: bool,
    long_lines: usize,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct RecipientV1 {
    address: String,
    /// accepted, deferred, rejected, not-sent or unknown; `null` with `--dry-run`.
    status: Option<&'static str>,
    reply: Option<String>,
    reply_code: Option<u16>,
    enhanced_code: Option<String>,
    cause: Option<&'static str>,
    permanent: Option<bool>,
    who: Option<&'static str>,
    action: Option<String>,
    steps: Vec<String>,
}

#[derive(Serialize)]
struct UnreachedV1 {
    address: String,
    symptom: String,
}

#[derive(Serialize)]
struct LineV1 {
    /// client or server.
    direction: &'static str,
    /// The command, also of its reply; `greeting` for the first.
    verb: String,
    text: String,
    /// Of a reply.
    code: Option<u16>,
    ms: Option<u32>,
    encrypted: bool,
}

pub(crate) fn send(view: &SendView) -> SendV1 {
    let handover = view.handover;
    let judged = view.judged;
    SendV1 {
        schema: "mailvet/send/1",
        outcome: judged.map(|judged| judged.outcome.name()),
        dry_run: judged.is_none(),
        relay: view.relay.to_owned(),
        address: handover.address.map(|address| address.to_string()),
        from: view.from.to_owned(),
        recipients: match judged {
            Some(judged) => judged.recipients.iter().map(recipient).collect(),
            None => handover.recipients.iter().map(|(address, _)| planned(address)).collect(),
        },
        queue_id: judged.and_then(|judged| judged.queue_id.clone()),
        message_id: view.message_id.map(str::to_owned),
        message: MessageV1 {
            file: view.file.to_owned(),
            size: view.message.size,
            bare_lf: view.message.bare_lf,
            bare_cr: view.message.bare_cr,
            eight_bit: view.message.eight_bit,
            long_lines: view.message.long_lines,
            notes: view.message.notes(),
        },
        sent: match handover.content {
            Content::Nothing => "nothing",
            Content::Part => "part",
            Content::Whole => "whole",
        },
        may_have_been_taken: view.may_have_been_taken(),
        problem: judged.and_then(|judged| judged.problem.clone()),
        caveat: view.caveat(),
        next: view.next(),
        tls: handover.tls.as_ref().and_then(server::tls),
        certificate: view.chain.and_then(|chain| server::certificate(chain, view.host, view.now)),
        unreached: handover
            .unreached
            .iter()
            .map(|(address, broken)| UnreachedV1 {
                address: address.to_string(),
                symptom: broken.to_string(),
            })
            .collect(),
        dialogue: handover.exchanges.iter().flat_map(lines).collect(),
    }
}

fn planned(address: &str) -> RecipientV1 {
    RecipientV1 {
        address: address.to_owned(),
        status: None,
        reply: None,
        reply_code: None,
        enhanced_code: None,
        cause: None,
        permanent: None,
        who: None,
        action: None,
        steps: Vec::new(),
    }
}

fn recipient(one: &Recipient) -> RecipientV1 {
    let meaning = one.meaning.as_ref();
    RecipientV1 {
        status: Some(one.status.name()),
        reply: Some(one.said.clone()).filter(|said| !said.is_empty()),
        reply_code: meaning.and_then(|meaning| meaning.reply_code),
        enhanced_code: meaning.and_then(|meaning| meaning.enhanced_code).map(|code| code.to_string()),
        cause: one.cause().map(crate::triage::cause::Cause::name),
        permanent: meaning.and_then(|meaning| meaning.permanent),
        who: Some(one.who.name()),
        action: Some(one.action.join("; ")),
        steps: one.action.clone(),
        ..planned(&one.address)
    }
}

/// The command, if any, and its reply.
fn lines(exchange: &Exchange) -> Vec<LineV1> {
    let verb = match exchange.sent.split([' ', ':']).next().unwrap_or_default() {
        "" => "greeting",
        "." | "(the" => "message",
        "(user" | "(password)" => "AUTH",
        verb => verb,
    };
    let line = |direction, text, code, ms| LineV1 {
        direction,
        verb: verb.to_owned(),
        text,
        code,
        ms,
        encrypted: exchange.encrypted,
    };
    let command = (!exchange.sent.is_empty()).then(|| line("client", exchange.sent.clone(), None, None));
    let reply = (!exchange.reply.is_empty())
        .then(|| line("server", exchange.reply.join("\n"), exchange.code(), Some(exchange.ms)));
    command.into_iter().chain(reply).collect()
}
