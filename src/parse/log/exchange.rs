//! Exchange Server message tracking logs. Columns: "Message tracking", Microsoft
//! Learn, read 2026-11; the order of Exchange 2016/2019 is assumed where the
//! `#Fields:` line is missing.

use memchr::memmem;

use super::csv::{Columns, Open, fields};
use super::event::{Event, Kind, NO_TIME, Sink};
use super::exchange_detail;
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
    if let Some(columns) = header(line) {
        state.0 = columns;
        return true;
    }
    if line.is_empty() || line.starts_with(b"#") {
        return true;
    }
    let fields = fields(line);
    record(&Row { columns: &state.0, fields: &fields, line }, text, number, batch)
}

/// The columns that a header line names.
fn header(line: &[u8]) -> Option<Columns> {
    if let Some(header) = line.strip_prefix(b"#Fields: ") {
        return Some(Columns::of(header));
    }
    // Exported by Get-MessageTrackingLog | Export-Csv: the header is a plain line.
    let plain = line.len() < 2000 && memmem::find(line, b"EventId").is_some() && stamp::iso(line).is_none();
    plain.then(|| Columns::of(line))
}

/// One record's line and its fields.
struct Row<'r> {
    columns: &'r Columns,
    fields: &'r [Vec<u8>],
    line: &'r [u8],
}

impl<'r> Row<'r> {
    fn get(&self, names: &[&str]) -> &'r [u8] {
        self.columns.value(self.fields, names)
    }
}

fn record(row: &Row<'_>, text: &[u8], number: u32, batch: &mut dyn Sink) -> bool {
    let at = stamp::iso(row.get(&["datetime", "timestamp"])).map_or(NO_TIME, |(at, _)| at);
    let event_id = row.get(&["eventid"]).to_ascii_uppercase();
    if at == NO_TIME || event_id.is_empty() {
        return false;
    }
    let message_id = unbracketed(row.get(&["messageid"]));
    let network_id = row.get(&["networkmessageid"]);
    let sender = match row.get(&["sender", "senderaddress", "returnpath"]) {
        b"" => row.get(&["returnpath"]),
        sender => sender,
    };
    let event = Event {
        kind: kind_of(&event_id),
        at,
        line: number,
        text,
        // Servers of one organisation share the network message id: join over hosts.
        log_host: b"",
        id: if network_id.is_empty() { message_id } else { network_id },
        message_id,
        sender,
        agent: row.get(&["source"]),
        size: std::str::from_utf8(row.get(&["totalbytes"])).ok().and_then(|t| t.parse().ok()).unwrap_or(0),
        ..Event::default()
    };
    by_recipient(row, &event, &event_id, batch);
    true
}

fn kind_of(event_id: &[u8]) -> Kind {
    match event_id {
        b"RECEIVE" => Kind::Received,
        b"SEND" | b"SENDEXTERNAL" | b"DELIVER" | b"DUPLICATEDELIVER" => Kind::Delivered,
        b"FAIL" | b"BADMAIL" | b"DELIVERFAIL" | b"SUBMITFAIL" | b"POISONMESSAGE" => Kind::Bounced,
        // Moderators refused it, did not answer in time or could not be asked.
        b"MODERATORREJECT" | b"MODERATIONEXPIRE" | b"MODERATORSALLNDR" => Kind::Bounced,
        b"DEFER" | b"SUBMITDEFER" => Kind::Deferred,
        b"DROP" => Kind::Discarded,
        b"DSN" => Kind::Notified,
        b"SUBMIT" | b"TRANSFER" | b"RESOLVE" | b"EXPAND" | b"REDIRECT" => Kind::Identified,
        _ => Kind::Note,
    }
}

fn unbracketed(id: &[u8]) -> &[u8] {
    id.strip_prefix(b"<").and_then(|id| id.strip_suffix(b">")).unwrap_or(id)
}

/// One event for each recipient that the record names.
fn by_recipient(row: &Row<'_>, event: &Event<'_>, event_id: &[u8], batch: &mut dyn Sink) {
    let kind = event.kind;
    let context = row.get(&["sourcecontext"]);
    let recipients = list(row.get(&["recipients", "recipientaddress"]));
    match kind {
        Kind::Received => {
            let (host, ip) = (row.get(&["clienthostname"]), row.get(&["originalclientip", "clientip"]));
            batch.push(&Event { host, ip, ..*event });
            for recipient in recipients {
                batch.push(&Event { kind: Kind::Addressed, recipient, ..*event });
            }
        }
        Kind::Delivered | Kind::Bounced | Kind::Deferred | Kind::Discarded => {
            let stated = row.get(&["recipientstatus"]);
            let statuses = exchange_detail::whole(stated, &list(stated));
            let said = reply_in_context(context);
            let (host, ip) = (row.get(&["serverhostname"]), row.get(&["serverip"]));
            let source = row.get(&["clientip"]);
            for (index, recipient) in recipients.iter().enumerate() {
                let status = statuses.get(index).or(statuses.last()).copied().unwrap_or_default();
                let reply = match kind {
                    Kind::Delivered if !said.is_empty() => said,
                    _ if !status.is_empty() => status,
                    _ if event_id.starts_with(b"MODERAT") => event_id,
                    _ => context,
                };
                // An agent (transport rule) and the routing ask no other server: the one named is their own.
                let (host, ip) = match event.agent {
                    b"AGENT" | b"ROUTING" => (&b""[..], &b""[..]),
                    _ => (host, ip),
                };
                let Some(detail) = exchange_detail::read(reply) else {
                    batch.push(&Event { recipient, reply, host, ip, source, ..*event });
                    continue;
                };
                let (host, ip) = if detail.host.is_empty() { (host, ip) } else { (detail.host, detail.ip) };
                batch.push(&Event { recipient, reply: detail.error, host, ip, source, ..*event });
            }
        }
        Kind::Notified => {
            // `reference` holds the message the notification is about.
            let about = unbracketed(row.get(&["reference"]));
            batch.push(&Event { id: about, next_id: event.id, reply: context, ..*event });
        }
        _ => {
            // The group whose members these are, or the address they were put in the place of.
            let original = match event_id {
                b"EXPAND" | b"REDIRECT" => row.get(&["relatedrecipientaddress"]),
                _ => b"",
            };
            for recipient in &recipients {
                batch.push(&Event { kind: Kind::Addressed, recipient, original, ..*event });
            }
            batch.push(&Event { reply: if context.is_empty() { row.line } else { context }, ..*event });
        }
    }
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
