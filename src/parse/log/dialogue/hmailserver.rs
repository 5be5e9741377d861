//! hMailServer's log: `"SMTPC"\t4120\t81\t"2026-11-24 09:00:01.412"\t"203.0.113.170"\t"SENT: QUIT"`, many
//! sessions beside each other, told apart by their number (hMailServer documentation, "Log files").

use super::super::event::{Event, NO_TIME, Sink};
use super::super::stamp;
use super::{State, make_room, speech};

/// One line of a dialogue.
pub(super) struct Record<'a> {
    /// The server's side of it: the peer gives the commands.
    inbound: bool,
    session: &'a [u8],
    at: &'a [u8],
    ip: &'a [u8],
    said: &'a [u8],
}

impl<'a> Record<'a> {
    /// `None` for another kind of line, such as `"APPLICATION"`.
    pub(super) fn read(text: &'a [u8]) -> Option<Record<'a>> {
        let inbound = match text.get(..8)? {
            b"\"SMTPC\"\t" => false,
            b"\"SMTPD\"\t" => true,
            _ => return None,
        };
        let mut columns = text[8..].splitn(5, |b| *b == b'\t');
        let (_thread, session) = (columns.next()?, columns.next()?);
        let (at, ip, said) = (columns.next()?, columns.next()?, columns.next()?);
        let said = unquoted(said);
        let said = said.strip_prefix(b"SENT: ").or_else(|| said.strip_prefix(b"RECEIVED: "))?;
        Some(Record { inbound, session, at: unquoted(at), ip: unquoted(ip), said })
    }
}

fn unquoted(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii();
    text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text)
}

pub(super) fn line(
    record: &Record<'_>,
    text: &[u8],
    number: u32,
    state: &mut State,
    batch: &mut dyn Sink,
) -> bool {
    let mut id = if record.inbound { b"smtpd-".to_vec() } else { b"smtpc-".to_vec() };
    id.extend_from_slice(record.session);
    make_room(&mut state.sessions, &id);
    let State { sessions, messages, .. } = state;
    let session = sessions.entry(id.clone()).or_default();
    session.ip = record.ip.to_vec();
    session.inbound = record.inbound;
    let at = stamp::iso(record.at).map_or(NO_TIME, |(at, _)| at);
    let event = Event { at, line: number, text, agent: b"hmailserver", ..Event::default() };
    match speech::speech(record.said) {
        Some(false) => session.command(record.said, &id, messages, event, batch),
        Some(true) => {
            // A reply of several lines stands in one, with `[nl]` between them.
            let end = memchr::memmem::rfind(record.said, b"[nl]").map_or(0, |at| at + 4);
            let last = &record.said[end..];
            session.reply(if last.is_empty() { record.said } else { last }, &id, messages, event, batch);
        }
        None => {}
    }
    true
}
