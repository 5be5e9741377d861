//! IBM i: a dump of the QZMF journal (entry type LG). Each entry begins with a
//! function and an action character. Source: IBM support document 686189,
//! "Using the QZMF journal", read 2026-11.

use memchr::memmem;

use super::event::{Event, Kind, Millis, NO_TIME, Sink};
use super::stamp;

/// What earlier entries said of the message at hand.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    id: Vec<u8>,
    sender: Vec<u8>,
    /// Next host of `DLVED`, or the retry level.
    next: Vec<u8>,
    outcome: Option<Kind>,
    messages: u64,
    closed: bool,
}

struct Entry<'a> {
    function: u8,
    action: u8,
    rest: &'a [u8],
}

impl<'a> Entry<'a> {
    /// What stands behind the entry's word: an address, a host, an identifier.
    ///
    /// A printed journal has the entry between apostrophes.
    fn value(&self) -> &'a [u8] {
        let word = self.rest.split(|b| *b == b' ').next().unwrap_or_default();
        let value = match word {
            b"O" | b"R" | b"U" | b"LIN" | b"RIN" | b"DLVED" | b"MSGID" | b"MSGID:" | b"RESERR" => {
                self.rest[word.len()..].trim_ascii()
            }
            _ => self.rest,
        };
        let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii();
        let value = value.strip_suffix(b"'").unwrap_or(value).trim_ascii();
        value.strip_prefix(b"<").and_then(|v| v.strip_suffix(b">")).unwrap_or(value)
    }
}

/// `88 DLVED 192.0.2.25` anywhere after the journal's own columns.
fn entry(line: &[u8]) -> Option<Entry<'_>> {
    let mut from = 0;
    for word in line.split(|b| b.is_ascii_whitespace() || *b == b',').take(24) {
        let end = from + word.len();
        let word = word.strip_prefix(b"'").unwrap_or(word);
        if let [
            function @ (b'6'..=b'9' | b'A'..=b'I' | b'L'..=b'P'),
            action @ (b'1'..=b'9' | b'A'..=b'H' | b'K'..=b'U'),
        ] = word
        {
            let rest = line.get(end..).unwrap_or_default().trim_ascii();
            let rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
            if known(*action, rest) {
                return Some(Entry { function: *function, action: *action, rest });
            }
        }
        from = end + 1;
    }
    None
}

/// Whether the text fits the action: keeps years and counts from matching.
fn known(action: u8, rest: &[u8]) -> bool {
    const WORDS: [&[u8]; 15] = [
        b"DLVED", b"LIN", b"RIN", b"MSGID", b"RESERR", b"TO ", b"FROM ", b"QTMS", b"UNDEL", b"COD", b"MSF",
        b"RTY", b"RETRY", b"SIZE", b"NOTICE",
    ];
    match action {
        b'1' => rest.starts_with(b"O ") || rest.contains(&b'@'),
        b'2' => rest.starts_with(b"R ") || rest.contains(&b'@'),
        b'3' => rest.starts_with(b"U ") || rest.contains(&b'@'),
        b'C' | b'D' if rest.contains(&b'@') => true,
        _ => rest.is_empty() || WORDS.iter().any(|word| rest.starts_with(word)),
    }
}

/// Whether a line could be an entry: for detection.
pub(crate) fn looks_like(line: &[u8]) -> bool {
    entry(line).is_some_and(|entry| match entry.action {
        b'1' => entry.rest.starts_with(b"O "),
        b'2' => entry.rest.starts_with(b"R "),
        b'3' => entry.rest.starts_with(b"U "),
        b'4' => entry.rest.starts_with(b"LIN"),
        b'5' => entry.rest.starts_with(b"RIN"),
        b'8' => entry.rest.starts_with(b"DLVED"),
        b'9' => entry.rest.starts_with(b"MSGID"),
        b'6' | b'7' | b'A'..=b'F' => memmem::find(entry.rest, b"QTMS").is_some(),
        b'K' => entry.rest.starts_with(b"RESERR"),
        _ => false,
    })
}

pub(crate) fn line(text: &[u8], number: u32, state: &mut State, batch: &mut dyn Sink) -> bool {
    let Some(entry) = entry(text) else {
        // Headings of the dump.
        return text.trim_ascii().is_empty() || !looks_dated(text);
    };
    let value = entry.value();
    let at = when(text);
    let named = !state.id.is_empty() && !state.id.starts_with(b"QZMF-");
    let begins = match entry.action {
        // Local or relay in: a new message, once the last one is done.
        b'4' | b'5' => state.closed,
        b'1' => state.closed && !state.sender.is_empty(),
        b'9' => named && value != state.id,
        _ => false,
    };
    if begins || state.id.is_empty() {
        state.messages += 1;
        *state = State {
            id: format!("QZMF-{}", state.messages).into_bytes(),
            messages: state.messages,
            ..State::default()
        };
    }
    let given = std::mem::take(&mut state.id);
    let event = Event {
        at,
        line: number,
        text,
        id: &given,
        agent: b"qzmf",
        reply: text.trim_ascii(),
        ..Event::default()
    };
    if entry.action == b'9' {
        // Entries before it know the message by no name: link them.
        if given.starts_with(b"QZMF-") {
            batch.push(&Event { kind: Kind::Linked, next_id: value, message_id: value, ..event });
        }
        batch.push(&Event { kind: Kind::Identified, id: value, message_id: value, ..event });
        state.id = value.to_vec();
        return true;
    }
    state.told(&entry, value, event, batch);
    state.id = given;
    true
}

impl State {
    /// What an entry says of the message at hand.
    fn told(&mut self, entry: &Entry, value: &[u8], event: Event<'_>, batch: &mut dyn Sink) {
        match entry.action {
            b'1' => {
                self.sender = value.to_vec();
                batch.push(&Event { kind: Kind::Received, sender: value, ..event });
            }
            b'4' | b'5' => batch.push(&Event { kind: Kind::Note, ip: value, ..event }),
            b'8' => {
                self.next = value.split(|b| *b == b' ').next().unwrap_or_default().to_vec();
                self.outcome = Some(Kind::Delivered);
                self.closed = true;
            }
            b'C' | b'D' => {
                self.next = Vec::new();
                self.outcome = Some(Kind::Deferred);
                if value.contains(&b'@') {
                    let recipient = value.split(|b| *b == b' ').next_back().unwrap_or_default();
                    batch.push(&Event { kind: Kind::Deferred, recipient, ..event });
                }
            }
            b'K' => {
                self.next = Vec::new();
                self.outcome = Some(Kind::Deferred);
                batch.push(&Event { kind: Kind::HostFailed, ..event });
            }
            b'E' | b'F' => self.outcome = None,
            b'3' => {
                batch.push(&Event { kind: Kind::Bounced, recipient: value, sender: &self.sender, ..event });
            }
            b'2' => {
                let outbound = entry.function == b'8' || entry.function == b'B';
                let kind = self.outcome.filter(|_| outbound).unwrap_or(Kind::Addressed);
                batch.push(&Event { kind, recipient: value, ip: &self.next, sender: &self.sender, ..event });
            }
            _ => batch.push(&Event { kind: Kind::Note, ..event }),
        }
    }
}

fn looks_dated(text: &[u8]) -> bool {
    when(text) != NO_TIME
}

/// An ISO stamp in the line, or `JODATE` (MMDDYY) and `JOTIME` (HHMMSS) columns.
fn when(text: &[u8]) -> Millis {
    let words: Vec<&[u8]> =
        text.split(|b| matches!(b, b' ' | b',' | b'\t')).filter(|w| !w.is_empty()).take(16).collect();
    for (index, word) in words.iter().enumerate() {
        if let Some((at, _)) = stamp::iso(word) {
            return at;
        }
        // `2024-03-03-10.15.02.000000`, as Db2 for i writes it.
        if word.len() >= 19 && word[10] == b'-' && word[13] == b'.' {
            let mut iso = word[..19].to_vec();
            (iso[10], iso[13], iso[16]) = (b'T', b':', b':');
            if let Some((at, _)) = stamp::iso(&iso) {
                return at;
            }
        }
        let six = |word: &[u8]| -> Option<[u32; 3]> {
            if word.len() != 6 || !word.iter().all(u8::is_ascii_digit) {
                return None;
            }
            let part = |at: usize| u32::from(word[at] - b'0') * 10 + u32::from(word[at + 1] - b'0');
            Some([part(0), part(2), part(4)])
        };
        if let (Some([month, day, year]), Some([h, m, s])) =
            (six(word), words.get(index + 1).and_then(|w| six(w)))
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && h < 24
            && m < 60
            && s < 61
        {
            // Two-digit years: 1940 to 2039, as IBM i takes them.
            let year = if year < 40 { 2000 + year } else { 1900 + year };
            return stamp::days(year as i32, month, day) * stamp::DAY
                + i64::from(h * 3600 + m * 60 + s) * stamp::SECOND;
        }
    }
    NO_TIME
}
