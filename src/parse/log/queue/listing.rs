//! Queue listings for people: a line a message, its recipients below it.

use super::super::event::{Event, Kind, Millis, NO_TIME, Sink};
use super::super::stamp;
use super::{Entry, State, bare};

/// Headings, totals and an empty queue.
fn is_frame(line: &[u8]) -> bool {
    let has = |word: &[u8]| memchr::memmem::find(line, word).is_some();
    line.starts_with(b"-Queue ID-")
        || line.starts_with(b"-----Q-ID-----")
        || line.starts_with(b"-- ")
        || line.starts_with(b"Mail queue is empty")
        || line.starts_with(b"Mail Queue (")
        || line.starts_with(b"messages in ")
        // Two queues of sendmail, one below the other.
        || line.starts_with(b"MSP Queue status...")
        || line.starts_with(b"MTA Queue status...")
        || has(b"Total requests:")
        || line.starts_with(b"/")
            && (line.ends_with(b"is empty") || line.ends_with(b"requests)") || line.ends_with(b"request)"))
}

pub(super) fn looks_like(line: &[u8]) -> bool {
    let framed = is_frame(line) && !line.starts_with(b"-- ");
    framed || exim(line).is_some() || qmail(line).is_some()
}

pub(super) fn line(text: &[u8], number: u32, state: &mut State, sink: &mut dyn Sink) -> bool {
    let line = text.trim_ascii();
    if line.is_empty() {
        state.entry = Entry::default();
        return true;
    }
    if state.entry.in_reason {
        return reason(line, &mut state.entry);
    }
    if is_frame(line) {
        return true;
    }
    let indented = text.first().is_some_and(u8::is_ascii_whitespace);
    let head =
        exim(line).or_else(|| if indented { None } else { qmail(line).or_else(|| dated(line, state.year)) });
    if let Some(entry) = head {
        state.entry = Entry { head: line.to_vec(), ..entry };
        sink.push(&Event { kind: Kind::Queued, ..state.entry.event(number) });
        return true;
    }
    if state.entry.id.is_empty() {
        return false;
    }
    if line.first() == Some(&b'(') {
        state.entry.reason.clear();
        return reason(&line[1..], &mut state.entry);
    }
    if !indented {
        return false;
    }
    match recipient(line, state.entry.agent) {
        Some(b"") => {}
        Some(address) => state.entry.waits(address, number, sink),
        None => return false,
    }
    true
}

/// Longest reason kept.
const REASON: usize = 4096;

fn reason(line: &[u8], entry: &mut Entry) -> bool {
    let (part, ends) = match line.strip_suffix(b")") {
        Some(part) => (part, true),
        None => (line, false),
    };
    if !entry.reason.is_empty() {
        entry.reason.push(b' ');
    }
    entry.reason.extend_from_slice(&part[..part.len().min(REASON.saturating_sub(entry.reason.len()))]);
    entry.in_reason = !ends && entry.reason.len() < REASON;
    true
}

/// The address of a recipient's line; empty for one that is done with.
fn recipient<'l>(line: &'l [u8], agent: &str) -> Option<&'l [u8]> {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let first = words.next()?;
    let second = words.next();
    match (agent, first, second) {
        ("exim", b"D", Some(_)) | ("qmail", b"done", _) => Some(b""),
        ("qmail", b"remote" | b"local", Some(address)) => Some(bare(address)),
        (_, address, None) => Some(bare(address)),
        _ => None,
    }
}

/// `25m  2.9K 0t5C6f-0000c8-00 <alice@example.com> *** frozen ***`
fn exim(line: &[u8]) -> Option<Entry> {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let (age, size, id, sender) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let (unit, digits) = age.split_last()?;
    let aged = b"smhdw".contains(unit) && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let parts: Vec<&[u8]> = id.split(|b| *b == b'-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let is_id = matches!(lengths[..], [6, 6, 2] | [6, 11, 4])
        && parts.iter().all(|part| part.iter().all(u8::is_ascii_alphanumeric));
    (aged && is_id && sender.starts_with(b"<")).then(|| Entry {
        id: id.to_vec(),
        sender: bare(sender).to_vec(),
        // An age by the clock of whoever listed it.
        at: NO_TIME,
        size: bytes(size),
        agent: "exim",
        held: memchr::memmem::find(line, b"*** frozen ***").is_some(),
        ..Entry::default()
    })
}

/// `2.9K`, `310`, `1.2M`.
fn bytes(text: &[u8]) -> u64 {
    let text = std::str::from_utf8(text).unwrap_or_default();
    let (number, unit) = match text.strip_suffix(['K', 'M', 'G']) {
        Some(number) => (number, text.bytes().last()),
        None => (text, None),
    };
    let unit = match unit {
        Some(b'K') => 1024.0,
        Some(b'M') => 1_048_576.0,
        Some(_) => 1_073_741_824.0,
        None => 1.0,
    };
    number.parse::<f64>().map_or(0, |number| (number * unit) as u64)
}

/// `10 Nov 2026 12:00:00 GMT  #1234567  1024  <sender@example.com>`
fn qmail(line: &[u8]) -> Option<Entry> {
    let text = std::str::from_utf8(line).ok()?;
    let words: Vec<&str> = text.split_whitespace().take(9).collect();
    let [day, month, year, clock, "GMT", id, size, sender, ..] = words[..] else { return None };
    let stamped = format!("{month} {day} {year} {clock}");
    let (_, _, _, Some(year), _) = stamp::bsd(stamped.as_bytes())? else { return None };
    Some(Entry {
        id: id.strip_prefix('#')?.as_bytes().to_vec(),
        sender: bare(sender.as_bytes()).to_vec(),
        at: instant(stamped.as_bytes(), year)?,
        size: size.parse().unwrap_or(0),
        agent: "qmail",
        ..Entry::default()
    })
}

/// `3F1A2B4C5D*  1234 Mon Nov 30 05:14:03  sender@example.com` of Postfix, and
/// `41TKxZ6S012345  1234 Mon Nov 30 05:14 <a@example.com>` of sendmail.
fn dated(line: &[u8], year: i32) -> Option<Entry> {
    let text = std::str::from_utf8(line).ok()?;
    let words: Vec<&str> = text.split_whitespace().take(7).collect();
    let [marked, size, weekday, month, day, clock, sender] = words[..] else { return None };
    let id = marked.trim_end_matches(['*', '!', '#', '-', 'X', '?']);
    let is_id = id.len() >= 5 && id.bytes().all(|b| b.is_ascii_alphanumeric());
    let size = size.parse::<u64>().ok()?;
    let seconds = if clock.len() == 5 { ":00" } else { "" };
    let stamped = format!("{month} {day} {clock}{seconds}");
    let at = by_weekday(stamped.as_bytes(), weekday, year)?;
    is_id.then(|| Entry {
        id: id.as_bytes().to_vec(),
        sender: bare(sender.as_bytes()).to_vec(),
        at,
        size,
        agent: if sender.starts_with('<') { "sendmail" } else { "postfix" },
        held: marked.ends_with('!'),
        ..Entry::default()
    })
}

fn instant(stamped: &[u8], year: i32) -> Option<Millis> {
    let (month, day, millis, _, _) = stamp::bsd(stamped)?;
    Some(stamp::days(year, month, day) * stamp::DAY + millis)
}

/// The latest year up to `year` in which the day fell on that weekday.
fn by_weekday(stamped: &[u8], weekday: &str, year: i32) -> Option<Millis> {
    const WEEK: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let want = WEEK.iter().position(|name| *name == weekday)?;
    let of = |year: i32| instant(stamped, year);
    let fits = |at: &Millis| usize::try_from(at.div_euclid(stamp::DAY).rem_euclid(7)).ok() == Some(want);
    (0..=11).filter_map(|back| of(year - back)).find(fits).or_else(|| of(year))
}
