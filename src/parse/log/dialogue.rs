//! SMTP dialogues in logs: the job log of IBM i mail programs (iMail: `S:`,
//! `SNT`, `R: 250 ...`) and Exchange protocol logs (`>`, `<`). A reply is told
//! by its digits, a command by its word, so wrong direction marks do no harm.
//! "Sent" here means handed to the next hop.

mod hmailserver;
mod speech;

use std::collections::{BTreeMap, VecDeque};

use memchr::memmem;

use super::csv::{Columns, fields};
use super::event::{Event, Kind, NO_TIME, Sink};
use super::stamp;
pub(crate) use speech::looks_like;
use speech::{angle, find_no_case, payload, prefix, speech};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Command {
    Hello,
    Mail,
    Recipient(usize),
    Data,
    Body,
    Other,
}

#[derive(Clone, Debug, Default)]
struct Session {
    message: u64,
    open: bool,
    sender: Vec<u8>,
    /// Address and whether the recipient was accepted.
    recipients: Vec<(Vec<u8>, bool)>,
    /// Commands whose reply has not come.
    waiting: VecDeque<Command>,
    /// Earlier lines of a reply in several.
    reply: Vec<u8>,
    host: Vec<u8>,
    ip: Vec<u8>,
    /// The peer gives the commands: we are the server.
    inbound: bool,
    /// Addresses of status lines, where the dialogue names none.
    hinted: Vec<Vec<u8>>,
    /// Reply to the end of data that no recipient was known for.
    unclaimed: Vec<u8>,
    greeted: bool,
    /// The peer's reply to a command about this message was noted.
    heard: bool,
}

/// Sessions at once in an Exchange log; an iMail log has one.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    sessions: BTreeMap<Vec<u8>, Session>,
    columns: Columns,
    messages: u64,
}

const SESSIONS_BOUND: usize = 10_000;
const RECIPIENTS_BOUND: usize = 10_000;
const REPLY_BOUND: usize = 8_000;

pub(crate) fn line(text: &[u8], number: u32, state: &mut State, batch: &mut dyn Sink) -> bool {
    let text_here = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    if let Some(header) = text_here.strip_prefix(b"#Fields: ") {
        state.columns = Columns::of(header);
        return true;
    }
    if text_here.starts_with(b"#") || text_here.trim_ascii().is_empty() {
        return true;
    }
    if !state.columns.is_empty()
        && stamp::iso(text_here).is_some_and(|(_, len)| text_here.get(len) == Some(&b','))
    {
        return protocol(text_here, number, state, batch);
    }
    if let Some(record) = hmailserver::Record::read(text_here) {
        return hmailserver::line(&record, text, number, state, batch);
    }
    let (at, rest) = prefix(text_here);
    let State { sessions, messages, .. } = state;
    let session = sessions.entry(Vec::new()).or_default();
    let event = Event { at, line: number, text, agent: b"smtp-dialogue", ..Event::default() };
    match payload(rest) {
        Some((true, said)) => session.reply(said, &[], messages, event, batch),
        Some((false, said)) => session.command(said, &[], messages, event, batch),
        None => session.status(rest, &[], messages, event, batch),
    }
    true
}

/// One record of an Exchange protocol log.
fn protocol(text: &[u8], number: u32, state: &mut State, batch: &mut dyn Sink) -> bool {
    let record = fields(text);
    let get = |name: &str| state.columns.value(&record, &[name]);
    let at = stamp::iso(get("datetime")).map_or(NO_TIME, |(at, _)| at);
    let id = get("sessionid").to_vec();
    let (direction, data) = (get("event").to_vec(), get("data").to_vec());
    let remote = get("remoteendpoint");
    let ip = match memchr::memrchr(b':', remote) {
        Some(colon) => &remote[..colon],
        None => remote,
    };
    let ip = ip.strip_prefix(b"[").and_then(|ip| ip.strip_suffix(b"]")).unwrap_or(ip).to_vec();
    if id.is_empty() || direction.is_empty() {
        return false;
    }
    make_room(&mut state.sessions, &id);
    let State { sessions, messages, .. } = state;
    let session = sessions.entry(id.clone()).or_default();
    session.ip = ip;
    let event = Event { at, line: number, text, agent: b"exchange-protocol", ..Event::default() };
    match direction.as_slice() {
        b"-" => {
            sessions.remove(&id);
        }
        b">" | b"<" => match speech(data.trim_ascii()) {
            Some(true) => session.reply(data.trim_ascii(), &id, messages, event, batch),
            Some(false) => {
                session.inbound = direction == b"<";
                session.command(data.trim_ascii(), &id, messages, event, batch);
            }
            None => {}
        },
        _ => {
            let context = get("context");
            if !context.is_empty() {
                batch.push(&Event { kind: Kind::Note, ip: get("remoteendpoint"), reply: context, ..event });
            }
        }
    }
    true
}

/// Drops a session where there are too many and this is a new one.
fn make_room(sessions: &mut BTreeMap<Vec<u8>, Session>, id: &[u8]) {
    if sessions.len() >= SESSIONS_BOUND && !sessions.contains_key(id) {
        sessions.pop_first();
    }
}

impl Session {
    fn id(&self, session: &[u8]) -> Vec<u8> {
        let mut id = if session.is_empty() { b"dialogue".to_vec() } else { session.to_vec() };
        id.extend_from_slice(format!("-{}", self.message).as_bytes());
        id
    }

    fn begin(&mut self, messages: &mut u64) {
        *messages += 1;
        self.message = *messages;
        self.open = true;
        self.heard = false;
        self.recipients.clear();
        self.hinted.clear();
        self.unclaimed.clear();
    }

    fn command(
        &mut self,
        said: &[u8],
        session: &[u8],
        messages: &mut u64,
        event: Event<'_>,
        batch: &mut dyn Sink,
    ) {
        if !self.reply.is_empty() {
            // Only the first line of a reply in several was logged.
            self.reply.clear();
            self.waiting.pop_front();
        }
        let word: Vec<u8> = said.iter().take(4).map(u8::to_ascii_uppercase).collect();
        let command = match word.as_slice() {
            b"EHLO" | b"HELO" => Command::Hello,
            b"MAIL" => {
                self.begin(messages);
                let sender = angle(said);
                self.sender = if sender.is_empty() { b"<>".to_vec() } else { sender.to_vec() };
                let id = self.id(session);
                let kind = if self.inbound { Kind::Note } else { Kind::Received };
                batch.push(&Event { kind, id: &id, sender: &self.sender, ..event });
                Command::Mail
            }
            b"RCPT" => {
                if !self.open {
                    self.begin(messages);
                }
                if self.recipients.len() >= RECIPIENTS_BOUND {
                    return;
                }
                self.recipients.push((angle(said).to_vec(), false));
                let id = self.id(session);
                batch.push(&Event {
                    kind: Kind::Addressed,
                    id: &id,
                    recipient: angle(said),
                    sender: &self.sender,
                    ..event
                });
                Command::Recipient(self.recipients.len() - 1)
            }
            b"DATA" => {
                self.sends(said, session, event, batch);
                Command::Data
            }
            b"BDAT" => {
                self.sends(said, session, event, batch);
                let last = said.to_ascii_uppercase().ends_with(b"LAST");
                if last { Command::Body } else { Command::Other }
            }
            // The end of data has been waited for since the 354.
            [b'.', ..] => return,
            _ => Command::Other,
        };
        const WAITING_BOUND: usize = 20_000;
        if self.waiting.len() < WAITING_BOUND {
            self.waiting.push_back(command);
        }
    }

    /// From here on the message may have left.
    fn sends(&self, said: &[u8], session: &[u8], event: Event<'_>, batch: &mut dyn Sink) {
        batch.push(&Event { kind: Kind::Note, id: &self.id(session), reply: said, ..event });
    }

    fn reply(
        &mut self,
        said: &[u8],
        session: &[u8],
        messages: &mut u64,
        event: Event<'_>,
        batch: &mut dyn Sink,
    ) {
        if self.reply.len() < REPLY_BOUND {
            if !self.reply.is_empty() {
                self.reply.push(b' ');
            }
            self.reply.extend_from_slice(said);
        }
        if said.get(3) == Some(&b'-') {
            return;
        }
        let reply = std::mem::take(&mut self.reply);
        let failed = match said.first() {
            Some(b'4') => Some(Kind::Deferred),
            Some(b'5') => Some(Kind::Bounced),
            _ => None,
        };
        let id = self.id(session);
        let (host, ip, sender) = (self.host.clone(), self.ip.clone(), self.sender.clone());
        let event = Event { id: &id, sender: &sender, host: &host, ip: &ip, reply: &reply, ..event };
        match self.waiting.pop_front() {
            Some(command) => self.answered(command, failed, session, event, batch),
            None => self.unasked(said, failed, (session, messages), event, batch),
        }
    }

    /// What a refusal is to who keeps this log.
    fn refused(&self, kind: Kind) -> Kind {
        if self.inbound { Kind::Rejected } else { kind }
    }

    /// A reply to no command in the log: the greeting, or the log keeps replies only.
    fn unasked(
        &mut self,
        said: &[u8],
        failed: Option<Kind>,
        (session, messages): (&[u8], &mut u64),
        event: Event<'_>,
        batch: &mut dyn Sink,
    ) {
        if !self.greeted && said.starts_with(b"220") {
            self.greeted = true;
            self.host = said[3..].trim_ascii().split(|b| *b == b' ').next().unwrap_or_default().to_vec();
        } else if let Some(kind) = failed
            && !self.open
        {
            // A greeting that refuses: nothing left this machine.
            self.begin(messages);
            let id = self.id(session);
            batch.push(&Event { kind: self.refused(kind), id: &id, ..event });
            self.open = false;
        } else if event.reply.starts_with(b"2") && memmem::find(event.reply, b"ueued").is_some() {
            // The log keeps replies only: the next hop took something.
            if !self.open {
                let hinted = std::mem::take(&mut self.hinted);
                self.begin(messages);
                self.hinted = hinted;
            }
            self.taken(session, event, batch);
        } else {
            batch.push(&event);
        }
    }

    fn answered(
        &mut self,
        command: Command,
        failed: Option<Kind>,
        session: &[u8],
        event: Event<'_>,
        batch: &mut dyn Sink,
    ) {
        match (command, failed) {
            (Command::Mail, Some(kind)) => batch.push(&Event { kind: self.refused(kind), ..event }),
            (Command::Recipient(index), Some(kind)) => {
                let recipient = self.recipients.get(index).map_or(&b""[..], |(address, _)| address);
                batch.push(&Event { kind: self.refused(kind), recipient, ..event });
            }
            (Command::Recipient(index), None) => {
                if let Some((_, accepted)) = self.recipients.get_mut(index) {
                    *accepted = true;
                }
                self.hears(event, batch);
            }
            (Command::Data, Some(kind)) => self.all(kind, event, batch),
            // A log without the 354 line: this is the end of data already.
            (Command::Data, None) if event.reply.starts_with(b"2") => self.taken(session, event, batch),
            (Command::Data, None) => self.waiting.push_front(Command::Body),
            (Command::Body, Some(kind)) => {
                self.all(kind, event, batch);
                self.open = false;
            }
            (Command::Body, None) => self.taken(session, event, batch),
            (Command::Hello | Command::Other, Some(_)) => {
                batch.push(&Event { kind: Kind::HostFailed, ..event });
            }
            (Command::Mail, None) => self.hears(event, batch),
            (Command::Hello | Command::Other, None) => {}
        }
    }

    /// That the peer spoke of this message is noted once.
    fn hears(&mut self, event: Event<'_>, batch: &mut dyn Sink) {
        if !std::mem::replace(&mut self.heard, true) {
            batch.push(&Event { kind: Kind::Note, ..event });
        }
    }

    /// The next hop took the message (or we did).
    fn taken(&mut self, session: &[u8], event: Event<'_>, batch: &mut dyn Sink) {
        self.open = false;
        let id = self.id(session);
        let event = Event { id: &id, ..event };
        if self.inbound {
            batch.push(&Event { kind: Kind::Received, ..event });
            return;
        }
        if self.recipients.is_empty() && !self.hinted.is_empty() {
            self.recipients = self.hinted.drain(..).map(|address| (address, true)).collect();
        }
        if self.recipients.iter().any(|(_, accepted)| *accepted) {
            self.all(Kind::Delivered, event, batch);
        } else {
            self.unclaimed = event.reply.to_vec();
            batch.push(&Event { kind: Kind::Delivered, ..event });
        }
    }

    /// The same end for all recipients accepted.
    fn all(&self, kind: Kind, event: Event<'_>, batch: &mut dyn Sink) {
        let kind = self.refused(kind);
        for (recipient, _) in self.recipients.iter().filter(|(_, accepted)| *accepted) {
            batch.push(&Event { kind, recipient, ..event });
        }
    }

    /// `*SENT a@b.example`, `FAILED ...`: the application's own view.
    fn status(
        &mut self,
        rest: &[u8],
        session: &[u8],
        messages: &mut u64,
        event: Event<'_>,
        batch: &mut dyn Sink,
    ) {
        let id = self.id(session);
        if let Some(at) = find_no_case(rest, b"message-id:") {
            let message_id = angle(&rest[at..]);
            batch.push(&Event { kind: Kind::Identified, id: &id, message_id, ..event });
            return;
        }
        let words = words(rest);
        let said = |names: &[&str]| {
            words.iter().any(|word| {
                let word = word.strip_prefix(b"*").unwrap_or(word);
                names.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()))
            })
        };
        let addresses: Vec<&[u8]> =
            words.iter().map(Vec::as_slice).filter(|word| word[1..].contains(&b'@')).collect();
        let sent = said(&["SENT", "SNT"]);
        let failed = said(&["FAILED", "ERROR"]);
        let note = Event { kind: Kind::Note, reply: rest.trim_ascii(), ..event };
        if !(sent || failed || said(&["RETRY", "PENDING", "READY"])) {
            batch.push(&Event { id: if self.open { &id } else { b"" }, ..note });
            return;
        }
        if sent && !self.unclaimed.is_empty() && !addresses.is_empty() {
            let reply = std::mem::take(&mut self.unclaimed);
            for recipient in &addresses {
                batch.push(&Event { kind: Kind::Delivered, id: &id, recipient, reply: &reply, ..event });
            }
            return;
        }
        let in_dialogue = self.open || !self.recipients.is_empty();
        if sent && !in_dialogue {
            // The reply that proves it may follow.
            self.hinted.extend(addresses.iter().take(100).map(|address| address.to_vec()));
            self.hinted.truncate(RECIPIENTS_BOUND);
            batch.push(&note);
        } else if failed && !addresses.is_empty() && !in_dialogue {
            self.begin(messages);
            let id = self.id(session);
            for recipient in &addresses {
                batch.push(&Event { kind: Kind::Bounced, id: &id, recipient, ..note });
            }
            self.open = false;
        } else {
            batch.push(&Event { id: &id, ..note });
        }
    }
}

/// The words of an application's line, addresses among them.
fn words(line: &[u8]) -> Vec<Vec<u8>> {
    let is_in =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'*' | b'@' | b'.' | b'_' | b'-' | b'+' | b'=');
    line.split(|b| !is_in(b)).filter(|word| !word.is_empty()).take(40).map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests;
