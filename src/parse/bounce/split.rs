//! Where a notice ends and the message it is about begins, and who wrote that.

use crate::parse::message::addresses::Addresses;
use crate::parse::message::{Field, Header};

/// The identity of the message a notice is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Original {
    /// Message-ID, without angle brackets.
    pub message_id: Option<String>,
    /// The address in From, or the field's text where there is none.
    pub from: Option<String>,
    /// Recipients in To, Cc and delivery fields.
    pub to: Vec<String>,
    /// Subject, decoded where it could be.
    pub subject: Option<String>,
    /// Date, as written.
    pub date: Option<String>,
}

impl Original {
    /// The one address that the message was written to; `None` where it names several, or nobody.
    pub(crate) fn only_recipient(&self) -> Option<&str> {
        let first = self.to.first()?;
        self.to.iter().all(|other| other.eq_ignore_ascii_case(first)).then_some(first)
    }

    pub(super) fn of_fields(fields: &[Field]) -> Original {
        let first = |name: &str| fields.iter().find(|field| field.is(name));
        let raw = |name: &str| first(name).map(Field::unfolded);
        let id = |text: String| {
            let bracketed = text.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(id, _)| id);
            bracketed.unwrap_or(&text).trim_matches(['<', '>', ' ']).to_owned()
        };
        Original {
            message_id: raw("Message-ID").map(id).filter(|id| !id.is_empty()),
            from: raw("From").and_then(|v| super::address::first(&v).or(Some(v))).filter(|v| !v.is_empty()),
            to: ["To", "Cc", "Delivered-To", "X-Original-To"]
                .into_iter()
                .filter_map(raw)
                .flat_map(|value| addressees(&value))
                .take(crate::parse::bounce::dsn::MOST_RECIPIENTS)
                .collect(),
            subject: first("Subject").map(|field| field.text().to_owned()),
            date: raw("Date"),
        }
    }

    /// Of header lines quoted somewhere in `text`; what comes before the first header is skipped.
    pub(super) fn of_text(text: &str) -> Original {
        let text = super::cut(text);
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            if is_header(line) {
                break;
            }
            start += line.len();
        }
        let Some(headers) = text.get(start..).filter(|t| !t.is_empty()) else { return Original::default() };
        // Quoting that indents every line hides the headers.
        let indented = headers.lines().take(4).all(|l| l.starts_with([' ', '\t', '>']));
        let unquoted: String;
        let headers = if indented {
            unquoted = headers
                .lines()
                .map(|l| l.trim_start_matches([' ', '\t', '>']))
                .collect::<Vec<_>>()
                .join("\n");
            &unquoted
        } else {
            headers
        };
        Original::of_fields(&Header::scan(headers.as_bytes(), 0..headers.len(), 1, true).fields)
    }

    /// Takes from `other` what is not known yet.
    pub(super) fn fill(&mut self, other: &Original) {
        let take = |mine: &mut Option<String>, theirs: &Option<String>| {
            if mine.is_none() {
                mine.clone_from(theirs);
            }
        };
        take(&mut self.message_id, &other.message_id);
        take(&mut self.from, &other.from);
        take(&mut self.subject, &other.subject);
        take(&mut self.date, &other.date);
        if self.to.is_empty() {
            self.to.clone_from(&other.to);
        }
    }
}

/// The addresses of a field; what stands in a name or comment is none, unless nothing else does.
fn addressees(value: &str) -> Vec<String> {
    let read = Addresses::read_text(value).mailboxes;
    let read: Vec<String> = read
        .into_iter()
        .filter_map(|mailbox| mailbox.address)
        .filter(|address| address.contains('@'))
        .collect();
    if read.is_empty() { super::address::all(value) } else { read }
}

/// Lower-case beginnings of the line after which the original is quoted.
const SEPARATORS: &[&str] = &[
    "--- below this line is a copy of the message",
    "--- below the next line is a copy of the message",
    "--- below this line is the original bounce",
    "--- original message follows",
    "--- the header of the original message is following",
    "--- enclosed are the original headers of the message",
    "--- undelivered message follows",
    "--- mensaje original",
    "------ this is a copy of the message",
    "------ this is a copy of your message",
    "------ the body of the message is",
    "-------original message",
    "------- original message",
    "------- returned message",
    "------- returned headers",
    "-------- original message",
    "------------ original message",
    "----- original message",
    "-----original message",
    "---- original message",
    "----- message header follows",
    "----- unsent message follows",
    "----- unsent message below",
    "----- message headers follow",
    "----- header of the original message",
    "----- original header",
    "----- undelivered message",
    "----- returned message",
    "----- returned mail",
    "----- no message was collected",
    "----- start of message",
    "=== original message",
    "original message:",
    "original message follows",
    "original message headers:",
    "original headers:",
    "the original message follows",
    "the original message headers",
    "the original message header",
    "message header follows",
    "message headers follow",
    "included is a copy of the message header",
    "below is a copy of the original message",
    "here is a copy of the original message",
    "this is a copy of your message",
    "a copy of the original message",
    "the following is a copy of",
    "-- the original message",
    "your original message headers are included below",
    "the first 50 lines of the original message",
    "received: from",
    "received:from",
    "received: by",
    "received: (qmail",
    "return-path: <",
    "x-originating-ip: [",
];

/// The notice, and the quoted original if one is found.
pub(super) fn split(text: &str) -> (&str, Option<&str>) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let lower = line.trim_start_matches([' ', '\t', '>', '|', '*']).to_ascii_lowercase();
        let begins = SEPARATORS.iter().any(|separator| lower.starts_with(separator));
        if begins && at > 0 {
            let quoted = if is_header(line) { text.get(at..) } else { text.get(at + line.len()..) };
            return (text.get(..at).unwrap_or(text), quoted.filter(|q| !q.trim().is_empty()));
        }
        at += line.len();
    }
    (text, None)
}

/// True for a line that looks like a header of a message.
fn is_header(line: &str) -> bool {
    const NAMES: &[&str] = &[
        "received",
        "return-path",
        "message-id",
        "from",
        "to",
        "subject",
        "date",
        "mime-version",
        "x-originating-ip",
        "delivered-to",
        "dkim-signature",
        "reply-to",
        "content-type",
        "x-mailer",
        "sender",
        "x-received",
        "arc-seal",
    ];
    let line = line.trim_start_matches([' ', '\t', '>']);
    line.split_once(':').is_some_and(|(name, _)| NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)))
}
