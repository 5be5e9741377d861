//! What a log line says, in one shape for every dialect, and the compact store
//! of the events of one block. Must not interpret replies: that is triage.

use super::stamp;

/// What happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A message entered the queue.
    Received,
    /// The queue id's Message-ID became known.
    Identified,
    /// The queue manager knows sender and size.
    Queued,
    /// A next hop or mailbox took the message for one recipient.
    Delivered,
    Deferred,
    Bounced,
    /// Given up after the queue lifetime, for one recipient or (none named) all.
    Expired,
    /// Refused before it was queued, by our own server.
    Rejected,
    /// A session refused before any mail: failed authentication, protocol abuse.
    SessionRefused,
    /// Discarded on purpose by a local rule.
    Discarded,
    /// The queue id is finished.
    Removed,
    /// `next_id` is the notification about `id`.
    Notified,
    /// `id` goes on as `next_id` without a delivery line.
    Linked,
    /// One next host failed; another may still take the recipient.
    HostFailed,
    /// An encrypted connection to a next hop.
    TlsOut,
    /// The recipient complained (feedback loop).
    Complained,
    /// A recipient is named before anything is tried.
    Addressed,
    #[default]
    Note,
}

impl Kind {
    /// As JSON shows it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Received => "received",
            Kind::Identified => "identified",
            Kind::Queued => "queued",
            Kind::Delivered => "delivered",
            Kind::Deferred => "deferred",
            Kind::Bounced => "bounced",
            Kind::Expired => "expired",
            Kind::Rejected => "rejected",
            Kind::SessionRefused => "session-refused",
            Kind::Discarded => "discarded",
            Kind::Removed => "removed",
            Kind::Notified => "notified",
            Kind::Linked => "linked",
            Kind::HostFailed => "host-failed",
            Kind::TlsOut => "tls",
            Kind::Complained => "complained",
            Kind::Addressed => "addressed",
            Kind::Note => "note",
        }
    }
}

/// Milliseconds since 1970, UTC. [`NO_TIME`] where the line has none.
pub type Millis = i64;
pub const NO_TIME: Millis = i64::MIN;
/// A delay the line does not state.
pub const NO_DELAY: u32 = u32::MAX;

/// One event. Empty slices mean "not stated"; a null sender is `<>`.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    pub kind: Kind,
    pub at: Millis,
    /// In the block, from 0.
    pub line: u32,
    /// The whole line.
    pub text: &'a [u8],
    /// The machine that wrote the line.
    pub log_host: &'a [u8],
    /// The message within this machine: queue id, session, tracking id.
    pub id: &'a [u8],
    /// The id it goes on under: at the next hop, or of a notification.
    pub next_id: &'a [u8],
    /// Without angle brackets.
    pub message_id: &'a [u8],
    pub sender: &'a [u8],
    pub recipient: &'a [u8],
    /// The address before aliasing.
    pub original: &'a [u8],
    /// The peer: next hop of a delivery, client of a reception or rejection.
    pub host: &'a [u8],
    pub ip: &'a [u8],
    /// Our own address towards the peer.
    pub source: &'a [u8],
    /// Reply or diagnostic as the log has it.
    pub reply: &'a [u8],
    /// Enhanced status code `x.y.z`.
    pub enhanced: &'a [u8],
    /// Program or transport that acted.
    pub agent: &'a [u8],
    /// Milliseconds since arrival.
    pub delay: u32,
    /// Postfix's a/b/c/d: before the queue manager, in it, connecting, sending.
    pub delays: [u32; 4],
    /// Bytes; 0 unknown.
    pub size: u64,
}

impl Default for Event<'_> {
    fn default() -> Self {
        Event {
            kind: Kind::Note,
            at: NO_TIME,
            line: 0,
            text: b"",
            log_host: b"",
            id: b"",
            next_id: b"",
            message_id: b"",
            sender: b"",
            recipient: b"",
            original: b"",
            host: b"",
            ip: b"",
            source: b"",
            reply: b"",
            enhanced: b"",
            agent: b"",
            delay: NO_DELAY,
            delays: [NO_DELAY; 4],
            size: 0,
        }
    }
}

/// A piece of the block, or of the text decoded beside it.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: u32,
    len: u32,
}

const TEXTS: usize = 14;

#[derive(Clone, Copy, Debug)]
struct Row {
    at: Millis,
    size: u64,
    spans: [Span; TEXTS],
    line: u32,
    delay: u32,
    delays: [u32; 4],
    kind: Kind,
}

/// The events of one block of lines. Slices pushed need not live in the block:
/// what was decoded elsewhere is copied.
#[derive(Debug)]
pub struct Batch<'a> {
    block: &'a [u8],
    decoded: Vec<u8>,
    rows: Vec<Row>,
    pub lines: u32,
    pub unparsed: u64,
    /// Line in the block and text of the first few.
    pub unparsed_examples: Vec<(u32, Vec<u8>)>,
    pub other_programs: u64,
    /// Set where stamps carry no year.
    pub calendar: Option<stamp::Calendar>,
}

const EXAMPLES: usize = 10;
const EXAMPLE_BYTES: usize = 300;

impl<'a> Batch<'a> {
    /// `block` must be shorter than 4 GiB.
    pub fn new(block: &'a [u8]) -> Batch<'a> {
        Batch {
            block,
            decoded: Vec::new(),
            rows: Vec::with_capacity(block.len() / 256 + 4),
            lines: 0,
            unparsed: 0,
            unparsed_examples: Vec::new(),
            other_programs: 0,
            calendar: None,
        }
    }

    pub fn push(&mut self, event: &Event<'_>) {
        let texts = [
            event.text,
            event.log_host,
            event.id,
            event.next_id,
            event.message_id,
            event.sender,
            event.recipient,
            event.original,
            event.host,
            event.ip,
            event.source,
            event.reply,
            event.enhanced,
            event.agent,
        ];
        let mut spans = [Span::default(); TEXTS];
        for (span, text) in spans.iter_mut().zip(texts) {
            *span = self.span(text);
        }
        self.rows.push(Row {
            at: event.at,
            size: event.size,
            spans,
            line: event.line,
            delay: event.delay,
            delays: event.delays,
            kind: event.kind,
        });
    }

    fn span(&mut self, text: &[u8]) -> Span {
        if text.is_empty() {
            return Span::default();
        }
        let offset = (text.as_ptr() as usize).wrapping_sub(self.block.as_ptr() as usize);
        let start = match offset.checked_add(text.len()) {
            Some(end) if end <= self.block.len() => offset,
            _ => {
                let start = self.block.len() + self.decoded.len();
                self.decoded.extend_from_slice(text);
                start
            }
        };
        match (u32::try_from(start), u32::try_from(text.len())) {
            (Ok(start), Ok(len)) => Span { start, len },
            _ => Span::default(),
        }
    }

    fn text(&self, span: Span) -> &[u8] {
        let (start, len) = (span.start as usize, span.len as usize);
        let piece = match start.checked_sub(self.block.len()) {
            Some(start) if len > 0 => self.decoded.get(start..start + len),
            _ => self.block.get(start..start + len),
        };
        piece.unwrap_or_default()
    }

    pub fn unparsed(&mut self, line: u32, text: &[u8]) {
        self.unparsed += 1;
        if self.unparsed_examples.len() < EXAMPLES {
            self.unparsed_examples.push((line, text[..text.len().min(EXAMPLE_BYTES)].to_vec()));
        }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Moves all stamps by whole years, keeping month, day and time of day.
    pub fn shift_years(&mut self, years: i32) {
        if years != 0 {
            for row in &mut self.rows {
                row.at = stamp::shift_years(row.at, years);
            }
            if let Some(calendar) = &mut self.calendar {
                calendar.shift(years);
            }
        }
    }

    pub fn get(&self, index: usize) -> Option<Event<'_>> {
        self.rows.get(index).map(|row| self.event(row))
    }

    pub fn kind(&self, index: usize) -> Option<Kind> {
        self.rows.get(index).map(|row| row.kind)
    }

    pub fn iter(&self) -> impl Iterator<Item = Event<'_>> {
        self.rows.iter().map(|row| self.event(row))
    }

    #[inline]
    fn event(&self, row: &Row) -> Event<'_> {
        let [
            text,
            log_host,
            id,
            next_id,
            message_id,
            sender,
            recipient,
            original,
            host,
            ip,
            source,
            reply,
            enhanced,
            agent,
        ] = row.spans;
        Event {
            kind: row.kind,
            at: row.at,
            line: row.line,
            text: self.text(text),
            log_host: self.text(log_host),
            id: self.text(id),
            next_id: self.text(next_id),
            message_id: self.text(message_id),
            sender: self.text(sender),
            recipient: self.text(recipient),
            original: self.text(original),
            host: self.text(host),
            ip: self.text(ip),
            source: self.text(source),
            reply: self.text(reply),
            enhanced: self.text(enhanced),
            agent: self.text(agent),
            delay: row.delay,
            delays: row.delays,
            size: row.size,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_from_inside_and_outside_the_block_come_back() {
        let block = b"to=<a@example.com> later".to_vec();
        let elsewhere = b"decoded text".to_vec();
        let mut batch = Batch::new(&block);
        batch.push(&Event { recipient: &block[4..17], reply: &elsewhere, ..Event::default() });
        batch.push(&Event { reply: &elsewhere[..7], text: &block, ..Event::default() });
        let first = batch.get(0).unwrap();
        assert_eq!(first.recipient, b"a@example.com");
        assert_eq!(first.reply, b"decoded text");
        assert_eq!(first.sender, b"");
        let second = batch.get(1).unwrap();
        assert_eq!((second.reply, second.text), (&b"decoded"[..], &block[..]));
        assert!(batch.get(2).is_none());
    }
}
