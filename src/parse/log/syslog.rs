//! The head of a syslog line: stamp, machine, program. RFC 3164 in its many
//! spellings, RFC 5424, rsyslog's RFC 3339 form, Solaris' message ids.

use super::event::{Millis, NO_TIME};
use super::stamp::{self, Calendar, DAY};

/// The parts of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'a> {
    pub at: Millis,
    pub host: &'a [u8],
    /// `postfix/smtp`, without process id.
    pub program: &'a [u8],
    pub body: &'a [u8],
}

/// Reads heads in order; remembers the last stamp, which most lines repeat, and
/// carries the year over New Year.
#[derive(Clone, Debug)]
pub(crate) struct Syslog {
    year: i32,
    last: [u8; 15],
    last_at: Millis,
    /// The machine of the last line and a space: most lines repeat it too.
    host: Vec<u8>,
    pub calendar: Option<Calendar>,
}

impl Syslog {
    /// `year` is what the first stamp without one is taken for.
    pub(crate) fn new(year: i32) -> Syslog {
        Syslog { year, last: [0; 15], last_at: NO_TIME, host: Vec::new(), calendar: None }
    }

    /// `None` where the line does not begin with a stamp.
    #[inline]
    pub(crate) fn head<'a>(&mut self, line: &'a [u8]) -> Option<Head<'a>> {
        if let Some(start) = line.first_chunk::<15>()
            && *start == self.last
            && line.get(15) == Some(&b' ')
        {
            let rest = &line[16..];
            if !self.host.is_empty()
                && let Some(tag) = rest.strip_prefix(self.host.as_slice())
                && let Some((program, body)) = plain_tag(tag)
            {
                return Some(Head { at: self.last_at, host: &rest[..self.host.len() - 1], program, body });
            }
            let head = after_stamp(self.last_at, rest);
            self.remember(&head, rest);
            return Some(head);
        }
        self.slow_head(line, 0)
    }

    /// Keeps the machine's name where it stands right behind the stamp.
    fn remember(&mut self, head: &Head<'_>, rest: &[u8]) {
        let len = head.host.len();
        if len > 0 && rest.first() != Some(&b'<') && rest.get(len) == Some(&b' ') {
            self.host.clear();
            self.host.extend_from_slice(&rest[..=len]);
        }
    }

    /// `depth` counts the wrappings taken off: a container's, a viewer's.
    fn slow_head<'a>(&mut self, line: &'a [u8], depth: u8) -> Option<Head<'a>> {
        let mut line = line;
        if line.first() == Some(&b'<') {
            let end = line.iter().take(5).position(|b| *b == b'>')?;
            line = &line[end + 1..];
            if let Some(rest) = line.strip_prefix(b"1 ") {
                return rfc5424(rest);
            }
        }
        // journalctl -o short-full: `Mon 2026-11-23 10:00:01 UTC host ...`.
        if line.get(3) == Some(&b' ')
            && line.get(4).is_some_and(u8::is_ascii_digit)
            && matches!(&line[..3], b"Mon" | b"Tue" | b"Wed" | b"Thu" | b"Fri" | b"Sat" | b"Sun")
        {
            line = &line[4..];
        }
        // journalctl -o short-unix: `1795000000.123456 host program[1]: ...`; qmail has the same stamps.
        if let Some((at, rest)) = epoch(line)
            && let Some(space) = memchr::memchr(b' ', rest)
            && plain_tag(&rest[space + 1..]).is_some()
        {
            return Some(after_stamp(at, rest));
        }
        if line.first()?.is_ascii_digit()
            && let Some((at, len)) = stamp::iso(line)
        {
            let rest = line.get(len..)?.strip_prefix(b" ")?;
            if depth < DEEPEST
                && let Some(inner) = contained(rest)
            {
                return self.slow_head(inner, depth + 1).or_else(|| {
                    let (program, body) = tagged(inner);
                    Some(Head { at, host: b"", program, body })
                });
            }
            return Some(after_stamp(at, rest));
        }
        let Some((month, day, millis, year, len)) = stamp::bsd(line) else {
            let inner = composed(line).filter(|_| depth < DEEPEST)?;
            return self.slow_head(inner, depth + 1);
        };
        let at = self.place(month, day, year) * DAY + millis;
        let rest = line.get(len..)?.strip_prefix(b" ")?;
        if len == 15
            && year.is_none()
            && let Some(start) = line.first_chunk::<15>()
        {
            self.last = *start;
            self.last_at = at;
        }
        Some(after_stamp(at, rest))
    }

    fn place(&mut self, month: u32, day: u32, year: Option<i32>) -> i64 {
        if let Some(year) = year {
            return stamp::days(year, month, day);
        }
        let month_day = (month * 31 + day) as u16;
        match &mut self.calendar {
            None => {
                let here = (self.year, month_day);
                self.calendar = Some(Calendar { first: here, last: here });
            }
            Some(calendar) => {
                self.year = stamp::following_year(calendar.last, month_day);
                calendar.last = (self.year, month_day);
            }
        }
        stamp::days(self.year, month, day)
    }
}

/// `1795000000.123456 `: milliseconds, and what follows.
fn epoch(line: &[u8]) -> Option<(Millis, &[u8])> {
    let digits = line.iter().take(12).take_while(|b| b.is_ascii_digit()).count();
    if !(9..=11).contains(&digits) || line.get(digits) != Some(&b'.') {
        return None;
    }
    let fraction = line[digits + 1..].iter().take(9).take_while(|b| b.is_ascii_digit()).count();
    let rest = line.get(digits + 1 + fraction..)?.strip_prefix(b" ")?;
    let number = |bytes: &[u8]| bytes.iter().fold(0i64, |sum, b| sum * 10 + i64::from(b - b'0'));
    let millis = number(line.get(digits + 1..digits + 1 + fraction.min(3))?);
    Some((number(&line[..digits]) * 1000 + if fraction >= 3 { millis } else { 0 }, rest))
}

/// Wrappings of one line that are taken off.
const DEEPEST: u8 = 2;

/// The line within Kubernetes' `2026-01-02T03:04:05.6Z stdout F line`, after the stamp.
fn contained(rest: &[u8]) -> Option<&[u8]> {
    let rest = rest.strip_prefix(b"stdout ").or_else(|| rest.strip_prefix(b"stderr "))?;
    rest.strip_prefix(b"F ").or_else(|| rest.strip_prefix(b"P "))
}

/// The line without what a container's log has put before it: `mail_1  | `, `[pod/mx-0] ` or, of
/// Kubernetes' own files, `2026-11-24T09:00:00.1Z stdout F `.
pub(super) fn unwrapped(line: &[u8]) -> &[u8] {
    if let Some(inner) = composed(line) {
        return inner;
    }
    let behind_stamp = || line.get(stamp::iso(line)?.1..)?.strip_prefix(b" ");
    match line.first() {
        Some(b'0'..=b'9') => behind_stamp().and_then(contained).unwrap_or(line),
        _ => line,
    }
}

/// The line within `mail_1  | line` (docker compose) and `[pod/mx-0/postfix] line`
/// (kubectl --prefix), where it begins with a stamp.
fn composed(line: &[u8]) -> Option<&[u8]> {
    let near = line.get(..line.len().min(80))?;
    let end = match near.first()? {
        b'[' => memchr::memmem::find(near, b"] ")? + 2,
        b if b.is_ascii_alphanumeric() => memchr::memmem::find(near, b"| ")? + 2,
        _ => return None,
    };
    let inner = line.get(end..)?;
    (stamp::iso(inner).is_some() || stamp::bsd(inner).is_some()).then_some(inner)
}

/// The line of another syslog within the body of this one: a container's log
/// driver writes `docker[32360]: May  2 20:56:14 mail postfix/smtp[1]: ...`.
#[inline]
pub(crate) fn within<'a>(head: &Head<'a>) -> Option<&'a [u8]> {
    let body = head.body;
    (body.get(3) == Some(&b' ') && stamp::bsd(body).is_some()).then_some(body)
}

/// `host program[pid]: body`; the host may be missing, a facility may precede it.
#[inline]
fn after_stamp(at: Millis, rest: &[u8]) -> Head<'_> {
    let mut rest = rest;
    if rest.first() == Some(&b'<')
        && let Some(end) = rest.iter().take(24).position(|b| *b == b'>')
    {
        rest = rest[end + 1..].trim_ascii_start();
    }
    let space = rest.iter().position(|b| *b == b' ').unwrap_or(rest.len());
    let (mut host, mut tag) = (&rest[..space], rest.get(space + 1..).unwrap_or_default());
    if host.last() == Some(&b':') {
        (host, tag) = (b"", rest);
    }
    let (program, body) = tagged(tag);
    if program.is_empty() || is_facility(program) {
        return decorated(at, host, tag).unwrap_or(Head { at, host, program, body });
    }
    Head { at, host, program, body }
}

fn is_facility(word: &[u8]) -> bool {
    matches!(word, b"mail" | b"daemon" | b"user" | b"syslog" | b"auth" | b"authpriv" | b"kern" | b"cron")
        || word.strip_prefix(b"local").is_some_and(|n| matches!(n, [b'0'..=b'7']))
}

/// Where something stands between machine and program: BusyBox' `mail.info`,
/// AIX' `mail:info` and `Message forwarded from host:`, a level in capitals, or
/// a zone in the machine's place.
fn decorated<'a>(at: Millis, host: &'a [u8], tag: &'a [u8]) -> Option<Head<'a>> {
    let (host, rest) = match tag.strip_prefix(b"Message forwarded from ") {
        Some(rest) => {
            let colon = memchr::memchr(b':', rest.get(..rest.len().min(260))?)?;
            (&rest[..colon], rest[colon + 1..].trim_ascii_start())
        }
        None => {
            let space = memchr::memchr(b' ', tag.get(..tag.len().min(260))?)?;
            let (word, rest) = (&tag[..space], tag[space + 1..].trim_ascii_start());
            let parts = word.iter().position(|b| matches!(b, b'.' | b':')).map(|at| &word[..at]);
            let level = matches!(
                word,
                b"DEBUG" | b"INFO" | b"NOTICE" | b"WARN" | b"WARNING" | b"ERR" | b"ERROR" | b"CRIT"
            );
            let zone = (3..=5).contains(&host.len()) && host.iter().all(u8::is_ascii_uppercase);
            if parts.is_some_and(is_facility) || level {
                (host, rest)
            } else if zone {
                (word, rest)
            } else {
                return None;
            }
        }
    };
    let (program, body) = tagged(rest);
    (!program.is_empty()).then_some(Head { at, host, program, body })
}

/// `program[123]: body` and nothing more special, as [`tagged`] reads it.
#[inline]
fn plain_tag(tag: &[u8]) -> Option<(&[u8], &[u8])> {
    let name = tag.iter().position(|b| matches!(b, b'[' | b':' | b' ')).filter(|at| tag[*at] == b'[')?;
    let digits = tag[name + 1..].iter().position(|b| !b.is_ascii_digit())?;
    let body = tag[name + 1 + digits..].strip_prefix(b"]: ")?;
    (body.first() != Some(&b'[')).then(|| (&tag[..name], body))
}

/// `program[pid]: body`. Without a tag the program is empty.
#[inline]
pub(super) fn tagged(tag: &[u8]) -> (&[u8], &[u8]) {
    let mut name = tag.len();
    for (index, byte) in tag.iter().enumerate() {
        match byte {
            b'[' => name = name.min(index),
            b':' => {
                let mut body = tag.get(index + 1..).unwrap_or_default();
                body = body.strip_prefix(b" ").unwrap_or(body);
                if body.starts_with(b"[ID ")
                    && let Some(end) = body.iter().take(40).position(|b| *b == b']')
                {
                    body = body[end + 1..].trim_ascii_start();
                }
                return (&tag[..name.min(index)], body);
            }
            b' ' => break,
            _ => {}
        }
    }
    (b"", tag)
}

/// RFC 5424 after `<pri>1 `.
fn rfc5424(rest: &[u8]) -> Option<Head<'_>> {
    let mut fields = rest.splitn(6, |b| *b == b' ');
    let at = match fields.next()? {
        b"-" => NO_TIME,
        text => stamp::iso(text)?.0,
    };
    let (host, program) = (fields.next()?, fields.next()?);
    let (_process, _message_id) = (fields.next()?, fields.next()?);
    let rest = fields.next()?;
    let body = if rest.first() == Some(&b'[') { after_structured_data(rest) } else { rest.get(1..)? };
    let body = body.trim_ascii_start();
    Some(Head { at, host, program, body: body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body) })
}

/// Skips `[id name="value"]...`; a `]` in quotes does not end it.
fn after_structured_data(text: &[u8]) -> &[u8] {
    let (mut quoted, mut escaped) = (false, false);
    for (index, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b']' if !quoted && text.get(index + 1) != Some(&b'[') => return &text[index + 1..],
            _ => {}
        }
    }
    b""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(line: &str) -> (String, String, String) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let head = Syslog::new(2024).head(line.as_bytes()).unwrap();
        (text(head.host), text(head.program), text(head.body))
    }

    #[test]
    fn spellings_of_one_line() {
        let want = ("out1".to_owned(), "postfix/smtp".to_owned(), "A1: x".to_owned());
        for line in [
            "Mar  3 00:00:00 out1 postfix/smtp[12]: A1: x",
            "<22>Mar  3 00:00:00 out1 postfix/smtp[12]: A1: x",
            "Mar  3 00:00:00 <mail.info> out1 postfix/smtp[12]: A1: x",
            "Mar  3 00:00:00 out1 postfix/smtp[12]: [ID 197553 mail.info] A1: x",
            "2024-03-03T00:00:00.123456+00:00 out1 postfix/smtp[12]: A1: x",
            "<22>1 2024-03-03T00:00:00Z out1 postfix/smtp 12 - [a b=\"]\"][c] A1: x",
            "<22>1 2024-03-03T00:00:00Z out1 postfix/smtp 12 - - A1: x",
            "Mar  3 00:00:00 out1 mail.info postfix/smtp[12]: A1: x",
            "Mar  3 00:00:00 out1 mail:info postfix/smtp[12]: A1: x",
            "Mar  3 00:00:00 relay Message forwarded from out1: postfix/smtp[12]: A1: x",
            "2024-03-03T00:00:00Z out1 INFO postfix/smtp[12]: A1: x",
            "Sun 2024-03-03 00:00:00 UTC out1 postfix/smtp[12]: A1: x",
            "1709424000.123456 out1 postfix/smtp[12]: A1: x",
        ] {
            assert_eq!(head(line), want, "{line}");
        }
    }

    /// The short way must read what the long one reads, whatever came before.
    #[test]
    fn repeated_stamps_and_hosts_change_nothing() {
        let stamp = "Mar  3 00:00:00 ";
        let rests = [
            "out1 postfix/smtp[12]: A1: x",
            "out1 postfix/smtp[12]:A1",
            "out1 postfix/smtp[12]: [ID 1 mail.info] A1: x",
            "out1 postfix/smtp[1a]: x",
            "out1 postfix/smtp[12] x: y",
            "out1 postfix/smtp[]: x",
            "out1 postfix/smtp: x",
            "out1 a b[1]: x",
            "out1 [12]: x",
            "out1",
            "out1 ",
            "out1: x",
            "out12 p[1]: x",
            "<mail.info> out1 p[1]: x",
            "",
            " p[1]: x",
            "p[1]: x",
            "out1 p[1]: ",
            "out1 p[1]:",
            "out1 p[99999999999999999999]: \u{0}\u{fffd}",
        ];
        for before in rests {
            for rest in rests {
                let (first, line) = (format!("{stamp}{before}"), format!("{stamp}{rest}"));
                let mut warm = Syslog::new(2024);
                warm.head(first.as_bytes());
                warm.head(first.as_bytes());
                let got = warm.head(line.as_bytes());
                assert_eq!(got, Syslog::new(2024).head(line.as_bytes()), "{rest:?} after {before:?}");
            }
        }
    }

    #[test]
    fn new_year_and_back() {
        let mut syslog = Syslog::new(2023);
        let years: Vec<i32> = ["Dec 31 23:59:59 h p: x", "Jan  1 00:00:00 h p: x", "Dec 31 23:59:58 h p: x"]
            .iter()
            .map(|line| stamp::year_of(syslog.head(line.as_bytes()).unwrap().at))
            .collect();
        assert_eq!(years, [2023, 2024, 2023]);
        assert!(syslog.head(b"torn").is_none());
        assert!(syslog.head(b"").is_none());
    }
}
