//! Address fields (RFC 5322 section 3.4) and dates, read by mail-parser.

use mail_parser::parsers::MessageStream;
use mail_parser::{Addr, Address, DateTime, HeaderValue};

use super::fields::Field;

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
    /// Reads an address field; from one that is malformed, what looks like addresses.
    pub fn read(field: &Field) -> Addresses {
        let mut out = Addresses::default();
        let mailbox = |addr: Addr<'_>| Mailbox {
            name: addr.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
            address: addr.address.map(|a| a.trim().to_owned()).filter(|a| !a.is_empty()),
        };
        match MessageStream::new(&field.terminated()).parse_address() {
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
        // A field that breaks the grammar still has an author to every receiver, who must find
        // one to judge by (RFC 9989 section 4.6): `"Ann <ann@a.example>` without its last quote.
        if !out.mailboxes.iter().any(|mailbox| mailbox.domain().is_some()) {
            let recovered = super::author::addresses(&field.unfolded());
            let mailbox = |address| Mailbox { name: None, address: Some(address) };
            if !recovered.is_empty() {
                out.mailboxes = recovered.into_iter().take(MAILBOXES).map(mailbox).collect();
            }
        }
        out
    }

    /// The first mailbox, whose domain speaks for the field.
    pub fn first(&self) -> Option<&Mailbox> {
        self.mailboxes.first()
    }
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

    #[test]
    fn dates_are_read() {
        let read = |raw: &str| date(&field(raw));
        let wanted = SentAt { timestamp: 1_795_435_200, offset: 60 };
        assert_eq!(read("Date: Mon, 23 Nov 2026 13:00:00 +0100\n\n"), Some(wanted));
        assert_eq!(read("Date: yesterday\n\n"), None);
    }
}
