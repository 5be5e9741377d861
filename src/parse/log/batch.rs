//! The events of one block, kept compactly, and the texts of what is kept.

use super::event::{Event, Kind, Millis, Sink};
use super::stamp;

/// A piece of the block, or of the text decoded beside it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    start: u32,
    len: u32,
}

/// Texts decoded beside a block; spans count on from the block's end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decoded(Vec<u8>);

impl Decoded {
    /// Where `text` lies: in the block, or copied. The block is below 4 GiB;
    /// what does not fit beside it reads as empty.
    #[inline]
    pub(crate) fn span(&mut self, block: &[u8], text: &[u8]) -> Span {
        if text.is_empty() {
            return Span::default();
        }
        let offset = (text.as_ptr() as usize).wrapping_sub(block.as_ptr() as usize);
        let start = match offset.checked_add(text.len()) {
            Some(end) if end <= block.len() => offset,
            _ => {
                let start = block.len() + self.0.len();
                self.0.extend_from_slice(text);
                start
            }
        };
        match (u32::try_from(start), u32::try_from(text.len())) {
            (Ok(start), Ok(len)) => Span { start, len },
            _ => Span::default(),
        }
    }

    #[inline]
    pub(crate) fn text<'t>(&'t self, block: &'t [u8], span: Span) -> &'t [u8] {
        let (start, len) = (span.start as usize, span.len as usize);
        let piece = match start.checked_sub(block.len()) {
            Some(start) if len > 0 => self.0.get(start..start + len),
            _ => block.get(start..start + len),
        };
        piece.unwrap_or_default()
    }
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
    permanent: Option<bool>,
    returned: bool,
}

/// The events of one block of lines. Slices pushed need not live in the block:
/// what was decoded elsewhere is copied.
#[derive(Debug)]
pub struct Batch<'a> {
    block: &'a [u8],
    decoded: Decoded,
    rows: Vec<Row>,
    /// Lines of the block.
    pub lines: u32,
    /// Lines no rule understood.
    pub unparsed: u64,
    /// Line in the block and text of the first few.
    pub unparsed_examples: Vec<(u32, Vec<u8>)>,
    pub(crate) other_programs: u64,
    /// Set where stamps carry no year.
    pub calendar: Option<stamp::Calendar>,
}

/// Lines shown of those no rule understood.
pub(crate) const EXAMPLES: usize = 10;
const EXAMPLE_BYTES: usize = 300;

/// A line as it is shown: bounded.
pub(crate) fn example(line: u32, text: &[u8]) -> (u32, Vec<u8>) {
    (line, text[..text.len().min(EXAMPLE_BYTES)].to_vec())
}

impl<'a> Batch<'a> {
    /// `block` must be shorter than 4 GiB.
    pub fn new(block: &'a [u8]) -> Batch<'a> {
        Batch {
            block,
            decoded: Decoded::default(),
            rows: Vec::with_capacity(block.len() / 256 + 4),
            lines: 0,
            unparsed: 0,
            unparsed_examples: Vec::new(),
            other_programs: 0,
            calendar: None,
        }
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True without events.
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

    /// The event at this place, from 0.
    pub fn get(&self, index: usize) -> Option<Event<'_>> {
        self.rows.get(index).map(|row| self.event(row))
    }

    /// What happened in the event at this place.
    pub fn kind(&self, index: usize) -> Option<Kind> {
        self.rows.get(index).map(|row| row.kind)
    }

    /// The events in the order of the lines.
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
            text: self.decoded.text(self.block, text),
            log_host: self.decoded.text(self.block, log_host),
            id: self.decoded.text(self.block, id),
            next_id: self.decoded.text(self.block, next_id),
            message_id: self.decoded.text(self.block, message_id),
            sender: self.decoded.text(self.block, sender),
            recipient: self.decoded.text(self.block, recipient),
            original: self.decoded.text(self.block, original),
            host: self.decoded.text(self.block, host),
            ip: self.decoded.text(self.block, ip),
            source: self.decoded.text(self.block, source),
            reply: self.decoded.text(self.block, reply),
            enhanced: self.decoded.text(self.block, enhanced),
            agent: self.decoded.text(self.block, agent),
            delay: row.delay,
            delays: row.delays,
            size: row.size,
            permanent: row.permanent,
            returned: row.returned,
        }
    }
}

impl Sink for Batch<'_> {
    fn push(&mut self, event: &Event<'_>) {
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
            *span = self.decoded.span(self.block, text);
        }
        self.rows.push(Row {
            at: event.at,
            size: event.size,
            spans,
            line: event.line,
            delay: event.delay,
            delays: event.delays,
            kind: event.kind,
            permanent: event.permanent,
            returned: event.returned,
        });
    }

    fn other_program(&mut self) {
        self.other_programs += 1;
    }

    fn unparsed(&mut self, line: u32, text: &[u8]) {
        self.unparsed += 1;
        if self.unparsed_examples.len() < EXAMPLES {
            self.unparsed_examples.push(example(line, text));
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
