//! Exchange Server message tracking logs. Columns: "Message tracking", Microsoft
//! Learn, read 2026-11; the order of Exchange 2016/2019 is assumed where the
//! `#Fields:` line is missing.

use memchr::memmem;

use super::csv::{Columns, Open, fields};
use super::event::{Event, Kind, NO_TIME, Sink};
use super::stamp;

const DEFAULT: &[u8] = b"date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,\
source,event-id,internal-message-id,message-id,network-message-id,recipient-address,recipient-status,total-bytes,\
recipient-count,related-recipient-address,reference,message-subject,sender-address,return-path,message-info,\
directionality,tenant-id,original-client-ip,original-server-ip,custom-data,transport-traffic-type,log-id,schema-version";

const EVENTS: [&[u8]; 40] = [
    b"AGENTINFO",
    b"BADMAIL",
    b"CLIENTSUBMISSION",
    b"DEFER",
    b"DELIVER",
    b"DELIVERFAIL",
    b"DROP",
    b"DSN",
    b"DUPLICATEDELIVER",
    b"DUPLICATEEXPAND",
    b"DUPLICATEREDIRECT",
    b"EXPAND",
    b"FAIL",
    b"HADISCARD",
    b"HARECEIVE",
    b"HAREDIRECT",
    b"HAREDIRECTFAIL",
    b"INITMESSAGECREATED",
    b"LOAD",
    b"MODERATIONEXPIRE",
    b"MODERATORAPPROVE",
    b"MODERATORREJECT",
    b"MODERATORSALLNDR",
    b"NOTIFYMAPI",
    b"NOTIFYSHADOW",
    b"POISONMESSAGE",
    b"PROCESS",
    b"PROCESSMEETINGMESSAGE",
    b"RECEIVE",
    b"REDIRECT",
    b"RESOLVE",
    b"RESUBMIT",
    b"RESUBMITDEFER",
    b"RESUBMITFAIL",
    b"SEND",
    b"SENDEXTERNAL",
    b"SUBMIT",
    b"SUBMITDEFER",
    b"SUBMITFAIL",
    b"TRANSFER",
];

/// Whether a line could stand in a tracking log: for detection.
pub(crate) fn looks_like(line: &[u8]) -> bool {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    if line.starts_with(b"#Log-type: Message Tracking Log")
        || line.starts_with(b"#Fields: date-time") && memmem::find(line, b"event-id").is_some()
    {
        return true;
    }
    stamp::iso(line).is_some_and(|(_, len)| line.get(len) == Some(&b',')) && {
        let fields = fields(line);
        fields.len() >= 15 && fields.iter().take(12).any(|field| EVENTS.contains(&field.as_slice()))
    }
}

/// The columns in force, and a record whose quotes are open.
#[derive(Clone, Debug)]
pub(crate) struct State(Columns, Open);

impl Default for State {
    fn default() -> State {
        State(Columns::of(DEFAULT), Open::default())
    }
}

pub(crate) fn line(text: &[u8], number: u32, state: &mut State, batch: &mut dyn Sink) -> bool {
    let begins = text.starts_with(b"#")
        || stamp::iso(text.strip_prefix(b"\"").unwrap_or(text)).is_some_and(|(_, len)| {
            matches!(text.get(len..), Some([b',' | b'"', ..] | [_, b',' | b'"', ..]))
        });
    if let Some(torn) = state.1.torn(begins) {
        batch.unparsed(number, &torn);
    }
    let Some(whole) = state.1.whole(text) else { return true };
    let text = whole.as_ref();
    let line = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    if let Some(header) = line.strip_prefix(b"#Fields: ") {
        state.0 = Columns::of(header);
        return true;
    }
    // Exported by Get-MessageTrackingLog | Export-Csv: the header is a plain line.
    let plain_header =
        line.len() < 2000 && memmem::find(line, b"EventId").is_some() && stamp::iso(line).is_none();
    if plain_header {
        state.0 = Columns::of(line);
        return true;
    }
    if line.is_empty() || line.starts_with(b"#") {
        return true;
    }
    let fields = fields(line);
    let get = |names: &[&str]| state.0.value(&fields, names);
    let at = stamp::iso(get(&["datetime", "timestamp"])).map_or(NO_TIME, |(at, _)| at);
    let event_id = get(&["eventid"]).to_ascii_uppercase();
    if at == NO_TIME || event_id.is_empty() {
        return false;
    }
    let message_id = get(&["messageid"]);
    let message_id = message_id.strip_prefix(b"<").and_then(|id| id.strip_suffix(b">")).unwrap_or(message_id);
    let network_id = get(&["networkmessageid"]);
    let sender = match get(&["sender", "senderaddress", "returnpath"]) {
        b"" => get(&["returnpath"]),
        sender => sender,
    };
    let context = get(&["sourcecontext"]);
    let event = Event {
        at,
        line: number,
        text,
        log_host: get(&["serverhostname"]),
        id: if network_id.is_empty() { message_id } else { network_id },
        message_id,
        sender,
        agent: get(&["source"]),
        size: std::str::from_utf8(get(&["totalbytes"])).ok().and_then(|t| t.parse().ok()).unwrap_or(0),
        ..Event::default()
    };
    // Servers of one organisation share the network message id: join over hosts.
    let event = Event { log_host: b"", ..event };
    let (client, client_ip) = (get(&["clienthostname"]), get(&["originalclientip", "clientip"]));
    let kind = match event_id.as_slice() {
        b"RECEIVE" => Kind::Received,
        b"SEND" | b"SENDEXTERNAL" | b"DELIVER" | b"DUPLICATEDELIVER" => Kind::Delivered,
        b"FAIL" | b"BADMAIL" | b"DELIVERFAIL" | b"SUBMITFAIL" | b"POISONMESSAGE" | b"MODERATORREJECT" => {
            Kind::Bounced
        }
        b"DEFER" | b"SUBMITDEFER" => Kind::Deferred,
        b"DROP" => Kind::Discarded,
        b"DSN" => Kind::Notified,
        b"SUBMIT" | b"TRANSFER" | b"RESOLVE" | b"EXPAND" | b"REDIRECT" => Kind::Identified,
        _ => Kind::Note,
    };
    let recipients = list(get(&["recipients", "recipientaddress"]));
    let statuses = list(get(&["recipientstatus"]));
    match kind {
        Kind::Received => {
            batch.push(&Event { kind, host: client, ip: client_ip, ..event });
            for recipient in recipients {
                batch.push(&Event { kind: Kind::Addressed, recipient, ..event });
            }
        }
        Kind::Delivered | Kind::Bounced | Kind::Deferred | Kind::Discarded => {
            let said = reply_in_context(context);
            let (host, ip) = (get(&["serverhostname"]), get(&["serverip"]));
            for (index, recipient) in recipients.iter().enumerate() {
                let status = statuses.get(index).or(statuses.last()).copied().unwrap_or_default();
                let reply = match kind {
                    Kind::Delivered if !said.is_empty() => said,
                    _ if !status.is_empty() => status,
                    _ => context,
                };
                batch.push(&Event { kind, recipient, reply, host, ip, source: get(&["clientip"]), ..event });
            }
        }
        Kind::Notified => {
            // `reference` holds the message the notification is about.
            let about = get(&["reference"]);
            let about = about.strip_prefix(b"<").and_then(|id| id.strip_suffix(b">")).unwrap_or(about);
            batch.push(&Event { kind, id: about, next_id: event.id, reply: context, ..event });
        }
        _ => {
            for recipient in &recipients {
                batch.push(&Event { kind: Kind::Addressed, recipient, ..event });
            }
            batch.push(&Event { kind, reply: if context.is_empty() { line } else { context }, ..event });
        }
    }
    true
}

/// `;250 2.6.0 <...> Queued mail for delivery;ClientSubmitTime:`: the reply.
fn reply_in_context(context: &[u8]) -> &[u8] {
    context
        .split(|b| *b == b';')
        .find(|part| {
            part.len() > 4 && part[..3].iter().all(u8::is_ascii_digit) && matches!(part[3], b' ' | b'-')
        })
        .unwrap_or_default()
}

/// Values separated by semicolons; a status in quotes or braces keeps its own.
fn list(text: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let (mut start, mut depth, mut quoted) = (0, 0i32, false);
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'\'' | b'"' => quoted = !quoted,
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth -= 1,
            b';' if depth <= 0 && !quoted && out.len() < 1000 => {
                out.push(text[start..index].trim_ascii());
                start = index + 1;
            }
            _ => {}
        }
    }
    out.push(text[start..].trim_ascii());
    out.retain(|part| !part.is_empty());
    out
}
