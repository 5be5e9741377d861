//! Microsoft 365 message trace: the CSV of Get-MessageTrace(V2), of the admin
//! center's summary, and of the extended report. Source: "Message trace in the
//! modern Exchange admin center", Microsoft Learn, read 2026-11.

use memchr::memmem;

use super::csv::{Columns, Open, fields};
use super::event::{Event, Kind, NO_TIME, Sink};
use super::own_word::own_word;
use super::stamp;

#[derive(Clone, Debug, Default)]
pub(crate) struct State(Columns, Open);

/// Column names, as [`Columns`] plainly writes them: English, German, French, Spanish.
const SENDER: &[&str] = &[
    "senderaddress",
    "absenderadresse",
    "absender",
    "adressedelexpditeur",
    "expditeur",
    "direccindelremitente",
    "remitente",
];
const RECIPIENT: &[&str] = &[
    "recipientaddress",
    "recipient",
    "empfngeradresse",
    "empfnger",
    "adressedudestinataire",
    "destinataire",
    "direccindeldestinatario",
    "destinatario",
];
const TIME: &[&str] = &[
    "origintimestamputc",
    "received",
    "datetimereceived",
    "date",
    "datetime",
    "senttime",
    "receiveddateutc",
    "datum",
    "datumutc",
    "empfangen",
    "dateutc",
    "reu",
    "fecha",
    "recibido",
];
const STATUS: &[&str] = &["status", "deliverystatus", "zustellungsstatus", "statut", "tat", "estado"];
const SUBJECT: &[&str] = &["messagesubject", "subject", "betreff", "objet", "sujet", "asunto"];

/// Whether the line is a header of such a file: for detection.
pub(crate) fn looks_like(line: &[u8]) -> bool {
    let columns = Columns::of(line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line));
    let any = |names: &[&str]| names.iter().any(|name| columns.has(name));
    let english = columns.has("senderaddress") && (columns.has("recipientstatus") || any(RECIPIENT));
    let local = any(SENDER) && any(RECIPIENT) && any(STATUS) && any(SUBJECT);
    (english || local) && !columns.has("eventid")
}

pub(crate) fn line(text: &[u8], number: u32, state: &mut State, batch: &mut dyn Sink) -> bool {
    let start = text.strip_prefix(b"\"").unwrap_or(text);
    let begins = start.first().is_some_and(u8::is_ascii_digit)
        && start.iter().take(40).any(|b| *b == b':')
        && memchr::memchr_iter(b',', text).count() >= 3;
    if let Some(torn) = state.1.torn(begins) {
        batch.unparsed(number, &torn);
    }
    let Some(whole) = state.1.whole(text) else { return true };
    let text = whole.as_ref();
    let line = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    if line.is_empty() || line.starts_with(b"#TYPE") {
        return true;
    }
    if looks_like(line) {
        state.0 = Columns::of(line);
        return true;
    }
    if state.0.is_empty() {
        return false;
    }
    let fields = fields(line);
    let get = |names: &[&str]| state.0.value(&fields, names);
    let at = get(TIME);
    let at = stamp::iso(at).map(|(at, _)| at).or_else(|| written_out(at)).unwrap_or(NO_TIME);
    let message_id = get(&["messageid", "nachrichtenid", "iddemessage", "iddumessage", "iddelmensaje"]);
    let message_id = message_id.strip_prefix(b"<").and_then(|id| id.strip_suffix(b">")).unwrap_or(message_id);
    let network_id = get(&["networkmessageid", "messagetraceid"]);
    let event = Event {
        at,
        line: number,
        text,
        id: if network_id.is_empty() { message_id } else { network_id },
        message_id,
        sender: get(SENDER),
        size: std::str::from_utf8(get(&["totalbytes", "size", "gre", "taille", "tamao"]))
            .ok()
            .and_then(|t| t.parse().ok())
            .unwrap_or(0),
        agent: b"microsoft-365",
        ..Event::default()
    };
    if event.id.is_empty() && event.sender.is_empty() {
        return false;
    }
    batch.push(&Event { kind: Kind::Received, ip: get(&["originalclientip", "fromip"]), ..event });
    let detail = get(&["detail", "errorcode", "reason", "statusdetail"]);
    let combined = get(&["recipientstatus"]);
    if combined.is_empty() {
        let recipient = get(RECIPIENT);
        let status = get(STATUS);
        outcome(&Event { recipient, ip: get(&["toip"]), ..event }, status, detail, batch);
        return true;
    }
    each(combined, event, detail, batch);
    true
}

/// `a@b.example##Receive, Send;c@d.example##Receive, Fail`
fn each(combined: &[u8], event: Event<'_>, detail: &[u8], batch: &mut dyn Sink) {
    for part in combined.split(|b| *b == b';').take(2000) {
        let (recipient, status) = match memmem::find(part, b"##") {
            Some(at) => (&part[..at], &part[at + 2..]),
            None => (part, &b""[..]),
        };
        let recipient = recipient.trim_ascii();
        if !recipient.is_empty() {
            outcome(&Event { recipient, ..event }, status, detail, batch);
        }
    }
}

/// The last word that decides wins: `Receive, Defer, Send` was delivered.
fn outcome(event: &Event<'_>, status: &[u8], detail: &[u8], batch: &mut dyn Sink) {
    let mut kind = Kind::Addressed;
    let mut spam = false;
    for word in status.split(|b| matches!(b, b',' | b';')) {
        let word: Vec<u8> =
            word.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
        spam = matches!(word.as_slice(), b"filteredasspam" | b"alsspamgefiltert");
        kind = match word.as_slice() {
            b"deliver" | b"delivered" | b"send" | b"sendexternal" | b"sent" | b"zugestellt" | b"remis"
            | b"livr" | b"entregado" => Kind::Delivered,
            b"fail" | b"failed" | b"filteredasspam" | b"moderationexpire" | b"fehlgeschlagen" | b"fehler"
            | b"alsspamgefiltert" | b"chec" | b"chou" | b"error" => Kind::Bounced,
            b"quarantined"
            | b"unterquarantne"
            | b"unterquarantnegestellt"
            | b"enquarantaine"
            | b"encuarentena" => Kind::Quarantined,
            b"defer" | b"deferred" | b"pending" | b"ausstehend" | b"verzgert" | b"enattente"
            | b"pendiente" => Kind::Deferred,
            b"drop" | b"dropped" => Kind::Discarded,
            _ => kind,
        };
    }
    let word = own_word("microsoft-365", "FilteredAsSpam", &String::from_utf8_lossy(detail));
    let reply = match (spam, detail.is_empty()) {
        (true, _) => word.as_bytes(),
        (false, true) => status,
        (false, false) => detail,
    };
    batch.push(&Event { kind, reply, ..*event });
}

/// `3/22/2024 8:00:01 AM`, month first; `22.3.2024 08:00:01`, day first.
fn written_out(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let mut words = text.split_whitespace();
    let date = words.next()?.trim_end_matches(',');
    let mut parts = date.split(['/', '.']).map(|part| part.parse::<u32>().ok());
    let (first, second, year) = (parts.next()??, parts.next()??, parts.next()??);
    let (month, day) = if date.contains('.') { (second, first) } else { (first, second) };
    let mut clock = words.next().unwrap_or("0:00:00").split(':').map(|part| part.parse::<u32>().ok());
    let (mut hour, minute) = (clock.next()??, clock.next()??);
    let second = clock.next().flatten().unwrap_or(0);
    match words.next().map(str::to_ascii_uppercase).as_deref() {
        Some("PM") if hour < 12 => hour += 12,
        Some("AM") if hour == 12 => hour = 0,
        _ => {}
    }
    let valid = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (1970..=9999).contains(&year)
        && hour < 24
        && minute < 60
        && second < 61;
    valid.then(|| {
        stamp::days(year as i32, month, day) * stamp::DAY
            + i64::from(hour * 3600 + minute * 60 + second) * 1000
    })
}
