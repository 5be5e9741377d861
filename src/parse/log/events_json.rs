//! Event notifications in JSON: Amazon SES (event publishing and feedback
//! notifications, bare or inside SNS, SQS, EventBridge) and the SendGrid event
//! webhook. Sources: SES developer guide "Contents of event records", Twilio
//! SendGrid "Event Webhook Reference", read 2026-11.

use serde_json::Value;

use super::event::{Event, Kind, Millis, NO_TIME, Sink};
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
                    if !value_events(&value, first, shown, batch, 0) {
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

fn ses(value: &Value, line: u32, text: &[u8], batch: &mut dyn Sink) -> bool {
    let kind = value.get("eventType").or_else(|| value.get("notificationType")).and_then(Value::as_str);
    let (Some(kind), Some(mail)) = (kind, value.get("mail")) else { return false };
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
    let addresses = |body: &Value, key: &str| -> Vec<(String, String, String)> {
        let all = body.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        all.iter()
            .map(|one| match one {
                Value::String(address) => (address.clone(), String::new(), String::new()),
                one => {
                    let get = |key| String::from_utf8_lossy(string(one, key)).into_owned();
                    (get("emailAddress"), get("diagnosticCode"), get("status"))
                }
            })
            .collect()
    };
    let mut each = |kind: Kind, body: &Value, key: &str, default: String| {
        let at = match time(body, "timestamp") {
            NO_TIME => event.at,
            at => at,
        };
        for (address, diagnostic, status) in addresses(body, key) {
            let reply = diagnostic.split_once("smtp; ").map_or(diagnostic.as_str(), |(_, reply)| reply);
            batch.push(&Event {
                kind,
                at,
                recipient: address.as_bytes(),
                reply: if reply.is_empty() { default.as_bytes() } else { reply.as_bytes() },
                enhanced: status.as_bytes(),
                host: string(body, "reportingMTA"),
                ip: string(body, "remoteMtaIp"),
                ..event
            });
        }
    };
    let null = Value::Null;
    let body = |key: &str| value.get(key).unwrap_or(&null);
    let text_of = |body: &Value, keys: [&str; 2]| {
        keys.map(|key| String::from_utf8_lossy(string(body, key)).into_owned()).join(" ").trim().to_owned()
    };
    match kind.to_ascii_lowercase().replace([' ', '_'], "").as_str() {
        "send" | "received" => {
            batch.push(&Event { kind: Kind::Received, ..event });
            for (address, ..) in addresses(mail, "destination") {
                batch.push(&Event { kind: Kind::Addressed, recipient: address.as_bytes(), ..event });
            }
        }
        "delivery" => {
            let reply = String::from_utf8_lossy(string(body("delivery"), "smtpResponse")).into_owned();
            each(Kind::Delivered, body("delivery"), "recipients", reply);
        }
        "bounce" => {
            let bounce = body("bounce");
            // A "transient" bounce is final too: SES has stopped trying.
            each(
                Kind::Bounced,
                bounce,
                "bouncedRecipients",
                text_of(bounce, ["bounceType", "bounceSubType"]),
            );
        }
        "deliverydelay" => {
            let delay = body("deliveryDelay");
            each(Kind::Deferred, delay, "delayedRecipients", text_of(delay, ["delayType", "reportingMTA"]));
        }
        "complaint" => {
            let complaint = body("complaint");
            each(
                Kind::Complained,
                complaint,
                "complainedRecipients",
                text_of(complaint, ["complaintFeedbackType", "userAgent"]),
            );
        }
        "reject" | "renderingfailure" => {
            let why = text_of(body("reject"), ["reason", "reason"]);
            let why =
                if why.is_empty() { text_of(body("failure"), ["errorMessage", "templateName"]) } else { why };
            each(Kind::Rejected, mail, "destination", why);
        }
        _ => batch.push(&Event { reply: kind.as_bytes(), ..event }),
    }
    true
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
