//! Address fields (RFC 5322 section 3.4) and dates, read by mail-parser; from fields that
//! break the grammar, what looks like addresses, because every receiver must find some author
//! to judge by (RFC 9989 section 4.6).

use mail_parser::parsers::MessageStream;
use mail_parser::{Addr, Address, DateTime, HeaderValue};

use super::fields::Field;
use crate::model::Name;

/// One mailbox as readers see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// The display name, decoded.
    pub name: Option<String>,
    /// `local@domain`, as written; it may be malformed.
    pub address: Option<String>,
}

impl Mailbox {
    /// What stands after the last `@`, lower case.
    pub fn domain(&self) -> Option<String> {
        let (_, domain) = self.address.as_deref()?.rsplit_once('@')?;
        let domain = domain.trim().trim_end_matches('.').to_ascii_lowercase();
        (!domain.is_empty()).then_some(domain)
    }

    pub(crate) fn local_part(&self) -> Option<&str> {
        Some(self.address.as_deref()?.rsplit_once('@')?.0)
    }
}

/// The mailboxes of an address field, groups flattened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// In order, at most 10,000.
    pub mailboxes: Vec<Mailbox>,
    /// Names of groups, such as `undisclosed-recipients`.
    pub groups: Vec<String>,
}

/// Mailboxes of one field that are kept.
const MAILBOXES: usize = 10_000;

impl Addresses {
    /// Reads an address field.
    pub fn read(field: &Field) -> Addresses {
        Addresses::read_bytes(&field.terminated(), || field.unfolded())
    }

    /// Reads the text of an address field, such as `Ann <ann@a.example>`.
    pub fn read_text(text: &str) -> Addresses {
        Addresses::read_bytes(format!("{text}\r\n").as_bytes(), || text.to_owned())
    }

    fn read_bytes(bytes: &[u8], text: impl FnOnce() -> String) -> Addresses {
        let mut out = Addresses::default();
        let mailbox = |addr: Addr<'_>| Mailbox {
            name: addr.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
            // A bracket too many is no part of the domain (`ann@a.example>`).
            address: addr
                .address
                .map(|a| a.trim_matches(['<', '>', ' ', '\t']).to_owned())
                .filter(|a| !a.is_empty()),
        };
        match MessageStream::new(bytes).parse_address() {
            HeaderValue::Address(Address::List(list)) => {
                out.mailboxes = list.into_iter().take(MAILBOXES).map(mailbox).collect();
            }
            HeaderValue::Address(Address::Group(groups)) => {
                for group in groups {
                    out.groups.extend(group.name.map(|name| name.trim().to_owned()));
                    let room = MAILBOXES.saturating_sub(out.mailboxes.len());
                    out.mailboxes.extend(group.addresses.into_iter().take(room).map(mailbox));
                }
            }
            _ => {}
        }
        // `"Ann <ann@a.example>` without its last quote still has an author; of
        // `<ann@a.example> b@b.example` the library makes one address with two signs.
        let merged = |mailbox: &Mailbox| {
            mailbox
                .address
                .as_ref()
                .is_some_and(|address| memchr::memchr_iter(b'@', address.as_bytes()).count() > 1)
        };
        let unread = !out.mailboxes.iter().any(|mailbox| mailbox.domain().is_some());
        if unread || out.mailboxes.iter().any(merged) {
            let recovered = recovered(&text());
            let mailbox = |address| Mailbox { name: None, address: Some(address) };
            if !recovered.is_empty() {
                out.mailboxes = recovered.into_iter().take(MAILBOXES).map(mailbox).collect();
            }
        }
        out
    }

    /// The domains of the mailboxes, each once, in order; an IDN in A-labels.
    pub fn domains(&self) -> Vec<Name> {
        let mut found = Vec::new();
        for mailbox in &self.mailboxes {
            let Some(domain) = mailbox.domain() else { continue };
            let domain = domain.trim_matches('.');
            let name = Name::parse(domain).unwrap_or_else(|_| Name::lenient(domain));
            if !name.is_root() && !found.contains(&name) {
                found.push(name);
            }
        }
        found
    }

    /// The first mailbox, whose domain speaks for the field.
    pub fn first(&self) -> Option<&Mailbox> {
        self.mailboxes.first()
    }
}

/// What looks like addresses in a field that breaks the grammar.
fn recovered(field: &str) -> Vec<String> {
    split(&without_comments(field)).iter().filter_map(|part| address(part)).collect()
}

/// Comments are dropped, quoted strings become nothing unless they are a local part.
fn without_comments(field: &str) -> String {
    let mut out = String::with_capacity(field.len());
    let mut depth = 0usize;
    let mut quoted: Option<String> = None;
    let mut chars = field.chars().peekable();
    while let Some(c) = chars.next() {
        if let Some(text) = &mut quoted {
            match c {
                '\\' => text.extend(chars.next()),
                '"' => {
                    // `"john doe"@example.com`: the quotes hold a local part.
                    if chars.peek() == Some(&'@') {
                        out.push_str(&text.replace([',', '<', '>', '@', ';', ':', ' '], "_"));
                    } else {
                        out.push(' ');
                    }
                    quoted = None;
                }
                _ => text.push(c),
            }
        } else if depth > 0 {
            match c {
                '\\' => {
                    chars.next();
                }
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
        } else {
            match c {
                '(' => depth = 1,
                '"' => quoted = Some(String::new()),
                _ => out.push(c),
            }
        }
    }
    // An unclosed quote hides nothing.
    out.push_str(&quoted.unwrap_or_default());
    out
}

/// At commas outside angle brackets, and at the ends of groups.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut angle) = (Vec::new(), 0, 0usize);
    for (at, c) in text.char_indices() {
        match c {
            '<' => angle += 1,
            '>' => angle = angle.saturating_sub(1),
            ',' | ';' if angle == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// What stands in angle brackets, else the last word with an `@`.
fn address(part: &str) -> Option<String> {
    let inner = part.rsplit('<').find(|piece| piece.contains('@') && part.contains('<'));
    let text = inner.map(|piece| piece.split('>').next().unwrap_or(piece)).unwrap_or(part);
    let word = text.split_whitespace().rfind(|word| word.contains('@')).unwrap_or(text).trim();
    let word = word.rsplit(':').next().unwrap_or(word).trim_matches(['<', '>', '.', ' ']);
    let (local, domain) = word.rsplit_once('@')?;
    (!local.is_empty() && !domain.is_empty()).then(|| word.to_owned())
}

/// A Date field's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentAt {
    /// Seconds since the Unix epoch.
    pub timestamp: i64,
    /// Minutes east of UTC.
    pub offset: i32,
}

/// Reads a date (RFC 5322 section 3.3) leniently; `None` where it is none.
pub(crate) fn date(field: &Field) -> Option<SentAt> {
    read_date(&field.terminated())
}

/// Reads a date that stands at the end of another field, such as Received.
pub(crate) fn date_text(text: &str) -> Option<SentAt> {
    read_date(format!("{text}\r\n").as_bytes())
}

fn read_date(bytes: &[u8]) -> Option<SentAt> {
    let HeaderValue::DateTime(date) = MessageStream::new(bytes).parse_date() else { return None };
    let DateTime { tz_hour, tz_minute, tz_before_gmt, .. } = date;
    if !date.is_valid() {
        return None;
    }
    let minutes = i32::from(tz_hour) * 60 + i32::from(tz_minute);
    Some(SentAt { timestamp: date.to_timestamp(), offset: if tz_before_gmt { -minutes } else { minutes } })
}

#[cfg(test)]
mod tests {
    use super::super::fields::Header;
    use super::*;

    fn field(raw: &str) -> Field {
        Header::scan(raw.as_bytes(), 0..raw.len(), 1, true).fields.remove(0)
    }

    #[test]
    fn mailboxes_are_read() {
        let read = Addresses::read(&field("To: \"Doe, Jane\" <jane@Example.com>, bob@example.net\n\n"));
        assert_eq!(read.mailboxes.len(), 2);
        assert_eq!(read.mailboxes[0].name.as_deref(), Some("Doe, Jane"));
        assert_eq!(read.mailboxes[0].domain().as_deref(), Some("example.com"));
        assert_eq!(read.mailboxes[1].local_part(), Some("bob"));
        let group = Addresses::read(&field("To: undisclosed-recipients:;\n\n"));
        assert_eq!((group.groups.len(), group.mailboxes.len()), (1, 0));
        assert_eq!(Addresses::read(&field("To:\n\n")), Addresses::default());
        let broken = Addresses::read(&field("From: \"Ann <ann@a.example>\n\n"));
        assert_eq!(broken.first().and_then(Mailbox::domain).as_deref(), Some("a.example"));
    }

    /// DMARC, DKIM and the content checks ask the same reader for the author.
    #[test]
    fn every_reader_of_the_author_finds_one_domain() {
        for (field, wanted) in [
            ("Ann <ann@a.example>", "a.example"),
            ("ann@a.example (b@b.example)", "a.example"),
            ("\"x, y <b@b.example>\" <ann@a.example>", "a.example"),
            ("\"ann lee\"@a.example", "a.example"),
            ("Team: ann@a.example;", "a.example"),
            ("<@relay.example:ann@a.example>", "a.example"),
            ("ann@BÜCHER.example", "xn--bcher-kva.example"),
            ("ann@a.example.", "a.example"),
            ("\"Ann <ann@a.example>", "a.example"),
            ("Ann <ann@a.example", "a.example"),
            ("Ann ann@a.example", "a.example"),
            ("ann@a.example>", "a.example"),
            ("b@b.example <ann@a.example>", "a.example"),
            ("Ann (b@b.example) <ann@a.example>", "a.example"),
            ("=?utf-8?q?b=40b.example?= <ann@a.example>", "a.example"),
            ("Ann <<ann@a.example>>", "a.example"),
            ("<ann@a.example> b@b.example", "a.example"),
        ] {
            let found = Addresses::read_text(field).domains();
            let seen = Addresses::read_text(field).mailboxes;
            assert_eq!(found.first().map(Name::as_str), Some(wanted), "{field}: {found:?} {seen:?}");
        }
        let domains = |field| Addresses::read_text(field).domains().len();
        assert_eq!(domains("a@x.example, b@x.example, c@y.example"), 2);
        assert_eq!([domains("nobody"), domains(""), domains("@")], [0, 0, 0]);
    }

    #[test]
    fn dates_are_read() {
        let read = |raw: &str| date(&field(raw));
        let wanted = SentAt { timestamp: 1_795_435_200, offset: 60 };
        assert_eq!(read("Date: Mon, 23 Nov 2026 13:00:00 +0100\n\n"), Some(wanted));
        assert_eq!(read("Date: yesterday\n\n"), None);
    }
}
