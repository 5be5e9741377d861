//! Event notifications in JSON: Amazon SES (event publishing and feedback
//! notifications, bare or inside SNS, SQS, EventBridge) and the SendGrid event
//! webhook. Sources: SES developer guide "Contents of event records", Twilio
//! SendGrid "Event Webhook Reference", read 2026-11.

use serde_json::Value;

use super::event::{Event, Kind, Millis, NO_TIME, Sink};
use super::feedback::complaint;
use super::own_word::own_word;
use super::stamp;

/// Whether the text is such JSON: for detection.
pub(crate) fn looks_like(text: &[u8]) -> bool {
    let head = &text[..text.len().min(64 << 10)];
    let has = |word: &[u8]| memchr::memmem::find(head, word).is_some();
    matches!(head.trim_ascii_start().first(), Some(b'{' | b'['))
        && (has(b"\"eventType\"")
            || has(b"\"notificationType\"")
            || has(b"eventType\\\"")
            || has(b"notificationType\\\"")
            || has(b"\"sg_message_id\"")
            || has(b"\"sg_event_id\""))
}

/// Which of the two.
pub(crate) fn is_sendgrid(text: &[u8]) -> bool {
    let head = &text[..text.len().min(64 << 10)];
    memchr::memmem::find(head, b"\"sg_").is_some()
}

/// A block: one value a line, values over many lines, or arrays of them. Its
/// first line has the number `first`; returns that of the line after it.
pub(crate) fn block(block: &[u8], first: u32, batch: &mut dyn Sink) -> u32 {
    each(block, first, batch, &|value, line, text, batch| value_events(value, line, text, batch, 0))
}

/// Reads one value: its line, its text; false where nothing in it was understood.
pub(super) type Read<'r> = &'r dyn Fn(&Value, u32, &[u8], &mut dyn Sink) -> bool;

/// Every JSON value of a block; a damaged line is counted and skipped.
pub(super) fn each(block: &[u8], first: u32, batch: &mut dyn Sink, read: Read<'_>) -> u32 {
    let mut line = first;
    let mut rest = block;
    while !rest.is_empty() {
        let mut stream = serde_json::Deserializer::from_slice(rest).into_iter::<Value>();
        let (mut done, mut failed) = (0, false);
        loop {
            let before = stream.byte_offset();
            match stream.next() {
                None => break,
                Some(Ok(value)) => {
                    let end = stream.byte_offset();
                    let text = rest.get(before..end).unwrap_or_default();
                    let blank = text.iter().take_while(|b| b.is_ascii_whitespace() || **b == b',').count();
                    let first = line + newlines(&rest[..before]) + newlines(&text[..blank]);
                    let shown = text[blank..].trim_ascii();
                    if !read(&value, first, shown, batch) {
                        batch.unparsed(first, shown);
                    }
                    done = end;
                }
                Some(Err(_)) => {
                    failed = true;
                    break;
                }
            }
        }
        line += newlines(&rest[..done]);
        rest = &rest[done..];
        if !failed {
            line += newlines(rest) + u32::from(rest.last().is_some_and(|b| *b != b'\n'));
            break;
        }
        // Skip the damaged line and begin anew.
        let blank = rest.iter().take_while(|b| b.is_ascii_whitespace() || **b == b',').count();
        line += newlines(&rest[..blank]);
        rest = &rest[blank..];
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let bad = rest[..end].trim_ascii();
        if !bad.is_empty() {
            batch.unparsed(line, bad);
        }
        line += 1;
        rest = &rest[end..];
    }
    line
}

fn newlines(text: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text).count()).unwrap_or(u32::MAX)
}

const NESTED: u32 = 6;

fn value_events(value: &Value, line: u32, text: &[u8], batch: &mut dyn Sink, depth: u32) -> bool {
    if depth > NESTED {
        return false;
    }
    if let Some(all) = value.as_array() {
        let unknown = all.iter().filter(|one| !value_events(one, line, text, batch, depth + 1)).count();
        return unknown == 0;
    }
    for wrapper in ["Message", "Body", "body", "detail", "Sns", "event_data"] {
        match value.get(wrapper) {
            Some(Value::String(inner)) if inner.trim_start().starts_with(['{', '[']) => {
                if let Ok(inner) = serde_json::from_str::<Value>(inner) {
                    return value_events(&inner, line, text, batch, depth + 1);
                }
            }
            Some(inner @ Value::Object(_)) if wrapper != "Message" => {
                return value_events(inner, line, text, batch, depth + 1);
            }
            _ => {}
        }
    }
    if let Some(records) = value.get("Records") {
        return value_events(records, line, text, batch, depth + 1);
    }
    if value.get("event").is_some() && value.get("email").is_some() {
        return sendgrid(value, line, text, batch);
    }
    ses(value, line, text, batch)
}

fn string<'a>(value: &'a Value, key: &str) -> &'a [u8] {
    value.get(key).and_then(Value::as_str).unwrap_or_default().as_bytes()
}

fn time(value: &Value, key: &str) -> Millis {
    match value.get(key) {
        Some(Value::String(text)) => stamp::iso(text.as_bytes()).map_or(NO_TIME, |(at, _)| at),
        Some(Value::Number(number)) => {
            number.as_i64().filter(|s| (0..1 << 36).contains(s)).map_or(NO_TIME, |s| s * stamp::SECOND)
        }
        _ => NO_TIME,
    }
}

fn unbracketed(id: &[u8]) -> &[u8] {
    id.strip_prefix(b"<").and_then(|id| id.strip_suffix(b">")).unwrap_or(id)
}

/// Kinds of notifications that are about a message and its recipients.
const OF_MAIL: &[&str] = &[
    "send",
    "received",
    "delivery",
    "bounce",
    "deliverydelay",
    "complaint",
    "reject",
    "renderingfailure",
    "subscription",
];

fn ses(value: &Value, line: u32, text: &[u8], batch: &mut dyn Sink) -> bool {
    let kind = value.get("eventType").or_else(|| value.get("notificationType")).and_then(Value::as_str);
    let Some(kind) = kind else { return false };
    let plain = kind.to_ascii_lowercase().replace([' ', '_'], "");
    let Some(mail) = value.get("mail") else {
        // "AmazonSnsSubscriptionSucceeded" and the like are about the topic itself.
        let of_topic = !OF_MAIL.contains(&plain.as_str());
        if of_topic {
            let (at, reply) = (time(value, "timestamp"), kind.as_bytes());
            batch.push(&Event { at, line, text, reply, agent: b"amazon-ses", ..Event::default() });
        }
        return of_topic;
    };
    let headers = mail.get("commonHeaders").unwrap_or(&Value::Null);
    let event = Event {
        at: time(mail, "timestamp"),
        line,
        text,
        id: string(mail, "messageId"),
        message_id: unbracketed(string(headers, "messageId")),
        sender: string(mail, "source"),
        source: string(mail, "sourceIp"),
        agent: b"amazon-ses",
        ..Event::default()
    };
    Notification { value, mail, event }.push(kind, &plain, batch);
    true
}

/// One notification of Amazon SES about a message.
struct Notification<'v> {
    value: &'v Value,
    mail: &'v Value,
    event: Event<'v>,
}

impl Notification<'_> {
    fn body(&self, key: &str) -> &Value {
        self.value.get(key).unwrap_or(&Value::Null)
    }

    fn push(&self, kind: &str, plain: &str, batch: &mut dyn Sink) {
        match plain {
            "send" | "received" => {
                batch.push(&Event { kind: Kind::Received, ..self.event });
                for (address, ..) in addresses(self.mail, "destination") {
                    let recipient = address.as_bytes();
                    batch.push(&Event { kind: Kind::Addressed, recipient, ..self.event });
                }
            }
            "delivery" => {
                let delivery = self.body("delivery");
                self.each(Kind::Delivered, delivery, "recipients", words(delivery, &["smtpResponse"]), batch);
            }
            "bounce" => {
                let bounce = self.body("bounce");
                // A "transient" bounce is final too: SES has stopped trying.
                let said = words(bounce, &["bounceType", "bounceSubType"]);
                self.each(Kind::Bounced, bounce, "bouncedRecipients", said, batch);
            }
            "deliverydelay" => {
                let delay = self.body("deliveryDelay");
                let said = words(delay, &["delayType", "reportingMTA"]);
                self.each(Kind::Deferred, delay, "delayedRecipients", said, batch);
            }
            "complaint" => {
                let body = self.body("complaint");
                // SES often leaves the type out.
                let kind = complaint(&words(body, &["complaintFeedbackType"]));
                let said = words(body, &["complaintFeedbackType", "userAgent"]);
                self.each(kind, body, "complainedRecipients", said, batch);
            }
            "reject" | "renderingfailure" => {
                // SES refuses what its scanner takes for malware and nothing else ("Bad content").
                let why = match plain {
                    "reject" => ("reject", words(self.body("reject"), &["reason"])),
                    _ => {
                        ("rendering failure", words(self.body("failure"), &["errorMessage", "templateName"]))
                    }
                };
                let why = own_word("amazon-ses", why.0, &why.1);
                self.each(Kind::Rejected, self.mail, "destination", why, batch);
            }
            "subscription" => {
                let wish = self.body("subscription");
                let (kind, said) = subscription(wish, self.mail);
                let event = Event { at: self.at(wish), ..self.event };
                Notification { event, ..*self }.each(kind, self.mail, "destination", said.to_owned(), batch);
            }
            _ => batch.push(&Event { reply: kind.as_bytes(), ..self.event }),
        }
    }

    /// The stamp of a part, else of the message.
    fn at(&self, part: &Value) -> Millis {
        match time(part, "timestamp") {
            NO_TIME => self.event.at,
            at => at,
        }
    }

    /// An event for each of the addresses under `key`; `said` where none has words of its own.
    fn each(&self, kind: Kind, part: &Value, key: &str, said: String, batch: &mut dyn Sink) {
        // The stamp of `mail` is when it was sent.
        let at = if std::ptr::eq(part, self.mail) { self.event.at } else { self.at(part) };
        for (address, diagnostic, status) in addresses(part, key) {
            let reply = diagnostic.split_once("smtp; ").map_or(diagnostic.as_str(), |(_, reply)| reply);
            batch.push(&Event {
                kind,
                at,
                recipient: address.as_bytes(),
                reply: if reply.is_empty() { said.as_bytes() } else { reply.as_bytes() },
                enhanced: status.as_bytes(),
                // `reportingMTA` is the service's own server, never the one that took or refused the mail.
                ip: string(part, "remoteMtaIp"),
                ..self.event
            });
        }
    }
}

/// Address, words and status code of each recipient.
fn addresses(part: &Value, key: &str) -> Vec<(String, String, String)> {
    let all = part.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let of = |one: &Value| match one {
        Value::String(address) => (address.clone(), String::new(), String::new()),
        one => {
            let get = |key| String::from_utf8_lossy(string(one, key)).into_owned();
            (get("emailAddress"), get("diagnosticCode"), get("status"))
        }
    };
    all.iter().map(of).collect()
}

fn words(part: &Value, keys: &[&str]) -> String {
    let all: Vec<_> = keys.iter().map(|key| String::from_utf8_lossy(string(part, key))).collect();
    all.join(" ").trim().to_owned()
}

/// What a recipient did with a subscription: out of everything is out, out of one topic
/// is the list's own affair. Of several addressees none is named.
fn subscription(wish: &Value, mail: &Value) -> (Kind, &'static str) {
    let all = wish.get("newTopicPreferences").and_then(|now| now.get("unsubscribeAll"));
    let alone = mail.get("destination").and_then(Value::as_array).is_some_and(|to| to.len() == 1);
    match (all.and_then(Value::as_bool), alone) {
        (Some(true), true) => (Kind::OptedOut, "unsubscribed from all topics"),
        (Some(true), false) => (Kind::Note, "one of the recipients unsubscribed from all topics"),
        _ => (Kind::Note, "the preferences of a recipient changed"),
    }
}

fn sendgrid(value: &Value, line: u32, text: &[u8], batch: &mut dyn Sink) -> bool {
    let id = string(value, "sg_message_id");
    // The part before the first dot is the message; what follows names the filter host.
    let id = id.split(|b| *b == b'.').next().unwrap_or(id);
    let what = string(value, "event");
    let blocked = string(value, "type") == b"blocked";
    let kind = match what {
        b"processed" => Kind::Received,
        b"delivered" => Kind::Delivered,
        b"deferred" => Kind::Deferred,
        b"bounce" | b"blocked" => Kind::Bounced,
        b"dropped" => Kind::Rejected,
        b"spamreport" => Kind::Complained,
        b"unsubscribe" | b"group_unsubscribe" => Kind::OptedOut,
        _ => Kind::Note,
    };
    let reply =
        [string(value, "response"), string(value, "reason"), what].into_iter().find(|t| !t.is_empty());
    let event = Event {
        kind,
        at: time(value, "timestamp"),
        line,
        text,
        id: if id.is_empty() { unbracketed(string(value, "smtp-id")) } else { id },
        message_id: unbracketed(string(value, "smtp-id")),
        recipient: string(value, "email"),
        sender: string(value, "from"),
        reply: reply.unwrap_or_default(),
        enhanced: string(value, "status"),
        host: string(value, "mx_server"),
        source: string(value, "ip"),
        agent: if blocked { b"sendgrid blocked" } else { b"sendgrid" },
        ..Event::default()
    };
    batch.push(&event);
    if kind == Kind::Received {
        batch.push(&Event { kind: Kind::Addressed, ..event });
    }
    true
}
