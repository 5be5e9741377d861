//! The fields of a delivery status notification (RFC 3464, RFC 6533). Reads
//! what real MTAs write: missing blank lines, missing types, stray comments.

use serde::Serialize;

use crate::model::enhanced_code::EnhancedCode;

/// Most recipients read from one report.
pub const MOST_RECIPIENTS: usize = 1000;

/// Longest value kept, in bytes.
const LONGEST_VALUE: usize = 8 * 1024;

/// `Action:` (RFC 3464 section 2.3.3), and SendGrid's `expired`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// `failed`: given up.
    Failed,
    /// `delayed`: not yet delivered, still tried.
    Delayed,
    /// `delivered`: in the mailbox.
    Delivered,
    /// `relayed`: passed on to a system without delivery notifications.
    Relayed,
    /// `expanded`: delivered to a list or alias of several recipients.
    Expanded,
}

impl Action {
    /// The action named first in `text`; comments may follow.
    pub fn parse(text: &str) -> Option<Action> {
        let word: String = text.trim().chars().take_while(|c| c.is_ascii_alphabetic() || *c == '-').collect();
        Some(match word.to_ascii_lowercase().as_str() {
            "failed" | "failure" | "fail" | "expired" | "error" | "denied" | "undeliverable" | "bounced"
            | "dropped" => Action::Failed,
            "delayed" | "deferred" | "delay" => Action::Delayed,
            "delivered" | "deliverable" => Action::Delivered,
            "relayed" => Action::Relayed,
            "expanded" => Action::Expanded,
            _ => return None,
        })
    }
}

/// One recipient's fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipient {
    /// `Final-Recipient`, without its type. May be a command or an X.400 name.
    pub final_recipient: Option<String>,
    pub(crate) original_recipient: Option<String>,
    /// `Action`.
    pub action: Option<Action>,
    /// The status code; `None` for text that is none.
    pub status: Option<EnhancedCode>,
    /// `Remote-MTA`, without its type.
    pub remote_mta: Option<String>,
    /// `Diagnostic-Code` with its type: `smtp; 550 ...`.
    pub diagnostic: Option<String>,
    pub(crate) last_attempt: Option<String>,
    /// The `X-` fields of Microsoft and others that hold more words.
    pub supplement: Option<String>,
    /// `X-PowerMTA-BounceCategory`: `bad-mailbox`, `quota-issues` ...; lower case.
    pub category: Option<String>,
}

impl Recipient {
    /// The address to report: the final one, else the original.
    pub fn address(&self) -> Option<&str> {
        let usable = |text: &&String| text.contains('@');
        let first = self.final_recipient.as_ref().filter(usable);
        first
            .or_else(|| self.original_recipient.as_ref().filter(usable))
            .or(self.final_recipient.as_ref())
            .or(self.original_recipient.as_ref())
            .map(String::as_str)
    }

    fn is_empty(&self) -> bool {
        self.final_recipient.is_none()
            && self.original_recipient.is_none()
            && self.action.is_none()
            && self.status.is_none()
            && self.diagnostic.is_none()
    }
}

/// The whole report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub(crate) reporting_mta: Option<String>,
    pub(crate) received_from_mta: Option<String>,
    pub(crate) envelope_id: Option<String>,
    pub(crate) arrival_date: Option<String>,
    /// One group of fields each, at most [`MOST_RECIPIENTS`].
    pub recipients: Vec<Recipient>,
}

impl Report {
    /// Reads the body of a `message/delivery-status` part.
    pub fn read(text: &str) -> Report {
        let mut report = Report::default();
        let mut current = Recipient::default();
        let mut blank = false;
        for field in Fields::new(text) {
            let (name, value) = match field {
                Field::Blank => {
                    blank = true;
                    continue;
                }
                Field::Line(name, value) => (name, value),
            };
            let begins = match name.as_str() {
                "final-recipient" => current.final_recipient.is_some(),
                "original-recipient" => current.original_recipient.is_some(),
                "action" => current.action.is_some(),
                _ => false,
            } || (blank
                && matches!(name.as_str(), "final-recipient" | "original-recipient" | "action")
                && (current.status.is_some() || current.diagnostic.is_some())
                && current.final_recipient.is_some());
            if begins && report.recipients.len() < MOST_RECIPIENTS {
                report.recipients.push(std::mem::take(&mut current));
            }
            blank = false;
            report.take(&mut current, &name, value);
        }
        if !current.is_empty() && report.recipients.len() < MOST_RECIPIENTS {
            report.recipients.push(current);
        }
        report
    }

    fn take(&mut self, current: &mut Recipient, name: &str, value: String) {
        match name {
            "reporting-mta" => self.reporting_mta = untyped(&value),
            "received-from-mta" => self.received_from_mta = untyped(&value),
            "original-envelope-id" => self.envelope_id = Some(value),
            "arrival-date" => self.arrival_date = Some(value),
            "final-recipient" => current.final_recipient = mailbox(&value),
            "original-recipient" => current.original_recipient = mailbox(&value),
            "x-actual-recipient" if current.original_recipient.is_none() => {
                current.original_recipient = mailbox(&value);
            }
            "action" => current.action = Action::parse(&value),
            "status" => current.status = EnhancedCode::find(&value).map(|(code, _)| code),
            "remote-mta" => current.remote_mta = untyped(&value),
            "diagnostic-code" => current.diagnostic = Some(value).filter(|v| !v.is_empty()),
            "x-powermta-bouncecategory" => current.category = Some(value.to_ascii_lowercase()),
            "last-attempt-date" => current.last_attempt = Some(value),
            "x-supplementary-info" | "x-diagnostic-text" | "x-spam-info" | "x-notes" => {
                current.supplement = Some(value)
            }
            _ => {}
        }
    }
}

/// The host of a typed field: `dns; mx.example.net (192.0.2.1)`.
fn untyped(value: &str) -> Option<String> {
    let rest = value.split_once(';').map_or(value, |(_, rest)| rest);
    let host = rest.trim().split([' ', '(', '\t']).find(|word| !word.is_empty())?;
    let host = host.trim_matches(|c: char| matches!(c, '<' | '>' | '"' | ',' | ';'));
    (!host.is_empty()).then(|| host.to_owned())
}

/// Types of addresses (RFC 3464 section 2.3, RFC 6533 section 3) and what servers write in their place.
const ADDRESS_TYPES: &[&str] = &[
    "rfc822", "rfc-822", "rfc 822", "rfc2822", "utf-8", "utf8", "x400", "x.400", "smtp", "unknown", "system",
];

/// The address of a typed field: `rfc822; <a@example.net>`. What is more or less than one address stays as
/// written: a piece of it would be somebody else.
pub(in crate::parse) fn mailbox(value: &str) -> Option<String> {
    let typed = |kind: &str| {
        let kind = kind.trim().to_ascii_lowercase();
        kind.is_empty() || ADDRESS_TYPES.contains(&kind.as_str())
    };
    let value = match value.split_once(';') {
        Some((kind, rest)) if typed(kind) => rest,
        _ => value,
    };
    let whole = without_comment(value.trim());
    let inner = match bracketed(whole) {
        Some(inner) => inner,
        // Marks around the whole say nothing; within it they part one thing from another.
        None => Some(whole.trim_matches(['<', '>', ',', ';', ' ']))
            .filter(|inner| !inner.contains(['<', '>']))
            .unwrap_or(whole),
    };
    let inner = unquoted(inner.trim());
    (!inner.is_empty()).then(|| inner.to_owned())
}

/// Without a comment at the end (RFC 5322 section 3.2.2).
fn without_comment(value: &str) -> &str {
    let comment = value.ends_with(')').then(|| value.rfind('(')).flatten();
    comment.and_then(|at| value.get(..at)).map(str::trim_end).filter(|rest| !rest.is_empty()).unwrap_or(value)
}

/// What stands in the one pair of brackets, where no other address stands beside it.
fn bracketed(value: &str) -> Option<&str> {
    let (before, rest) = value.split_once('<')?;
    let inner = rest.strip_suffix('>')?;
    let name = before.trim().trim_matches(['"', '\'']);
    let alone = !inner.contains(['<', '>']) && (!name.contains('@') || name.eq_ignore_ascii_case(inner));
    alone.then_some(inner)
}

/// Without the quotes around the whole.
fn unquoted(value: &str) -> &str {
    let pair = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    pair('"').or_else(|| pair('\'')).filter(|inner| !inner.contains('"')).unwrap_or(value)
}

/// A field of a header-shaped body.
pub(in crate::parse) enum Field {
    Blank,
    Line(String, String),
}

/// Header-shaped lines, unfolded; lines that are no fields are skipped.
pub(in crate::parse) struct Fields<'a> {
    lines: std::iter::Peekable<std::str::Lines<'a>>,
}

impl<'a> Fields<'a> {
    pub(in crate::parse) fn new(text: &'a str) -> Fields<'a> {
        Fields { lines: text.lines().peekable() }
    }
}

impl Iterator for Fields<'_> {
    type Item = Field;

    fn next(&mut self) -> Option<Field> {
        loop {
            let line = self.lines.next()?;
            if line.trim().is_empty() {
                return Some(Field::Blank);
            }
            let Some((name, value)) = line.split_once(':') else { continue };
            let name = name.trim();
            if name.is_empty()
                || name.len() > 60
                || name.contains(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
            {
                continue;
            }
            let mut value = value.trim().to_owned();
            while let Some(next) = self.lines.peek() {
                if !next.starts_with([' ', '\t']) || next.trim().is_empty() {
                    break;
                }
                if value.len() < LONGEST_VALUE {
                    if !value.is_empty() {
                        value.push(' ');
                    }
                    value.push_str(next.trim());
                }
                self.lines.next();
            }
            return Some(Field::Line(name.to_ascii_lowercase(), value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_several_recipients() {
        let report = Report::read(
            "Reporting-MTA: dns; mx.example.com\r\nArrival-Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n\r\n\
             Final-Recipient: rfc822; <a@example.net>\r\nAction: failed\r\nStatus: 5.1.1 (no such user)\r\n\
             Remote-MTA: dns; mx.example.net (192.0.2.1)\r\nDiagnostic-Code: smtp; 550 5.1.1\r\n  User unknown\r\n\r\n\
             Original-Recipient: rfc822;b@example.net\r\nFinal-Recipient: RFC822;b@example.org\r\nAction: delayed\r\nStatus: 4.4.1\r\n",
        );
        assert_eq!(report.reporting_mta.as_deref(), Some("mx.example.com"));
        let [a, b] = report.recipients.as_slice() else { panic!("{report:?}") };
        assert_eq!(
            (a.address(), a.action, a.status),
            (Some("a@example.net"), Some(Action::Failed), EnhancedCode::parse("5.1.1"))
        );
        assert_eq!(a.diagnostic.as_deref(), Some("smtp; 550 5.1.1 User unknown"));
        assert_eq!(a.remote_mta.as_deref(), Some("mx.example.net"));
        assert_eq!((b.address(), b.action), (Some("b@example.org"), Some(Action::Delayed)));
    }

    #[test]
    fn reads_untidy_reports() {
        let report = Report::read(
            "Action: failed\nFinal-Recipient: a@example.net\n\nStatus: 5.2.2\n\nAction: failed\nFinal-Recipient: b@example.net\nStatus:\n",
        );
        let addresses: Vec<_> = report.recipients.iter().map(|r| r.address()).collect();
        assert_eq!(addresses, [Some("a@example.net"), Some("b@example.net")]);
        assert_eq!(report.recipients[0].status, EnhancedCode::parse("5.2.2"));
        assert_eq!(Report::read("nothing here\n:\n::: \n").recipients, []);
    }

    #[test]
    fn an_address_is_one_whole_address_or_stays_as_written() {
        for (value, whole) in [
            ("rfc822; a@example.net", "a@example.net"),
            ("RFC822;<a@example.net>", "a@example.net"),
            (" ; a@example.net", "a@example.net"),
            ("a@example.net (Jane Doe)", "a@example.net"),
            ("Jane Doe <a@example.net>", "a@example.net"),
            ("\"a@example.net\" <a@example.net>", "a@example.net"),
            ("'a@example.net'", "a@example.net"),
            ("\"a@example.net\"", "a@example.net"),
            ("rfc822;\"a b\"@example.net", "\"a b\"@example.net"),
            ("a;b@example.com", "a;b@example.com"),
            ("\"a;b@example.com\"", "a;b@example.com"),
            ("\"a;b\"@example.com", "\"a;b\"@example.com"),
            ("a@example.net;b@example.com", "a@example.net;b@example.com"),
            ("a@example.net, b@example.com", "a@example.net, b@example.com"),
            ("a@example.net <b@example.com>", "a@example.net <b@example.com>"),
            ("(a@example.net) b@example.com", "(a@example.net) b@example.com"),
            ("rfc822;rfc822;a@example.net", "rfc822;a@example.net"),
        ] {
            assert_eq!(mailbox(value).as_deref(), Some(whole), "{value}");
        }
        // What stands beside other brackets is no address of a list of them.
        for value in ["<a@example.net> <b@example.com>", "<a@example.net>b@example.com", "x<a@example.net"] {
            let read = mailbox(value).unwrap();
            assert!(read.contains(['<', '>']), "{value}: {read}");
        }
        assert_eq!((mailbox(" "), mailbox("rfc822;"), mailbox("<>")), (None, None, None));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(Final-Recipient|Action|Status|:|;|<|>|@|\n| |rfc822|é|5\\.1\\.1){0,60}") {
            Report::read(&text);
        }
    }
}
