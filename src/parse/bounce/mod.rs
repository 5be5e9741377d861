//! Messages about the delivery of another message: DSNs, the free-form notices
//! of MTAs that predate or ignore RFC 3464, feedback reports and auto-replies.
//! Takes the message apart; what it means is `triage::bounce`'s business.

mod address;
pub mod dsn;
mod exchange;
mod listing;
mod local_part;
pub mod receipt;
pub(crate) mod ses;
mod split;
mod transcript;

use std::sync::Arc;

use crate::parse::bounce::dsn::{MOST_RECIPIENTS, Report};
use crate::parse::bounce::receipt::Receipt;
use crate::parse::message::{Body, Field, Header, Html, Message, Part, addresses, parts};
use crate::parse::report::arf::Feedback;
use crate::parse::smtp::reply::Stage;

pub use split::Original;

/// Longest notice looked at, in bytes; the original message is not read beyond its headers.
const LONGEST_NOTICE: usize = 256 * 1024;

/// What the words of a notice say about one recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The recipient, without angle brackets.
    pub address: String,
    /// The words about it, the most telling first. May be empty.
    pub reasons: Vec<String>,
    /// The SMTP command that was refused.
    pub stage: Option<Stage>,
    /// The host whose words are quoted.
    pub remote: Option<String>,
}

/// A message taken apart.
#[derive(Clone, Debug, Default)]
pub struct Notice {
    /// The notice's own Subject, decoded.
    pub subject: String,
    /// `From:` and the like, lower case, as one text.
    pub from: String,
    /// Whom the notice is addressed to: the sender of the failed message.
    pub to: Option<String>,
    /// `Return-Path: <>`.
    pub null_return_path: bool,
    /// `Return-Path` with an address in it: who wrote the message takes answers, which no notice does.
    pub return_path_named: bool,
    /// Marked as the mail of a list or newsletter.
    pub of_list: bool,
    /// It answers another message: `In-Reply-To` or `References`.
    pub answers: bool,
    /// `Auto-Submitted` (RFC 3834 section 5), lower case.
    pub auto_submitted: Option<String>,
    /// True where another header says that a program answered.
    pub marked_automatic: bool,
    /// `report-type` of `multipart/report` (RFC 6522), lower case.
    pub report_type: Option<String>,
    /// The human-readable part without the quoted original.
    pub text: String,
    /// The delivery status notification inside (RFC 3464).
    pub report: Option<Report>,
    /// The feedback report inside (RFC 5965).
    pub feedback: Option<Feedback>,
    /// The receipt inside (RFC 8098).
    pub receipt: Option<Receipt>,
    /// The message that the notice is about.
    pub original: Original,
    /// What the words of the notice say, by recipient.
    pub told: Vec<Told>,
    /// `X-Failed-Recipients` (Exim, Google).
    pub failed_header: Vec<String>,
    /// The recipient a receiver's complaint names in its headers (Hotmail's JMRP of old).
    pub complaint_recipient: Option<String>,
    /// An event of Amazon SES.
    pub event: Option<ses::Event>,
    /// The notice itself quotes a message.
    pub quotes_original: bool,
}

impl Notice {
    /// Takes `raw` apart. `None` only where there is no message at all.
    pub fn read(raw: &[u8]) -> Option<Notice> {
        let message = Message::read(String::new(), Arc::new(raw.to_vec()));
        if message.fields().is_empty() {
            return None;
        }
        let mut notice = Notice::headers(message.fields());
        let mut parts = Parts::default();
        collect(&message, 0, 0, &mut parts);
        notice.report = parts.report;
        notice.feedback = parts.feedback;
        notice.receipt = parts.receipt;
        if let Some(original) = parts.original {
            notice.original = original;
            notice.quotes_original = true;
        }
        let plain = parts.plain.join("\n\n");
        let mut whole = if plain.trim().is_empty() { parts.html.join("\n\n") } else { plain };
        if whole.trim().is_empty() && notice.report.is_none() {
            // Broken MIME: read the body as it stands.
            let body = raw.get(message.header().body..).unwrap_or_default();
            whole = String::from_utf8_lossy(&body[..body.len().min(LONGEST_NOTICE)]).into_owned();
        }
        notice.read_text(cut(&whole), &parts.html);
        if notice.report.is_none() && notice.feedback.is_none() {
            notice.read_stray_fields(raw, &whole);
        }
        Some(notice)
    }

    fn headers(fields: &[Field]) -> Notice {
        let first = |name: &str| fields.iter().find(|field| field.is(name));
        let raw = |name: &str| first(name).map(Field::unfolded);
        let lower = |name: &str| raw(name).map(|v| v.to_ascii_lowercase());
        let mut from = lower("From").unwrap_or_default();
        for name in ["Sender", "Return-Path"] {
            from.push(' ');
            from.push_str(&lower(name).unwrap_or_default());
        }
        let return_path = lower("Return-Path").unwrap_or_default();
        let automatic = [
            "X-Autoreply",
            "X-Autorespond",
            "X-Autoreply-From",
            "X-Autoresponder",
            "X-Mail-Autoreply",
            "X-Vacation",
            "X-Auto-Response",
            "X-Facebook-Notify",
        ];
        let precedence = lower("Precedence").unwrap_or_default();
        Notice {
            subject: first("Subject").map(|field| field.text().to_owned()).unwrap_or_default(),
            from,
            to: raw("To").and_then(|to| address::first(&to)),
            null_return_path: return_path == "<>"
                || return_path.starts_with("<>")
                || return_path.contains("mailer-daemon"),
            return_path_named: return_path.contains('@') && !return_path.contains("mailer-daemon"),
            of_list: ["List-Unsubscribe", "List-Id", "List-Post"]
                .into_iter()
                .any(|name| first(name).is_some()),
            answers: ["In-Reply-To", "References"].into_iter().any(|name| first(name).is_some()),
            auto_submitted: lower("Auto-Submitted"),
            marked_automatic: automatic.into_iter().any(|name| first(name).is_some())
                || matches!(precedence.as_str(), "auto_reply" | "auto-reply" | "autoreply"),
            report_type: first("Content-Type")
                .and_then(|field| parts::parameter(field, "report-type"))
                .map(|kind| kind.to_ascii_lowercase()),
            complaint_recipient: raw("X-HmXmrOriginalRecipient")
                .and_then(|value| dsn::mailbox(&value))
                .filter(|address| address.contains('@')),
            failed_header: raw("X-Failed-Recipients").map(|v| address::listed(&v)).unwrap_or_default(),
            ..Notice::default()
        }
    }

    fn read_text(&mut self, whole: &str, html: &[String]) {
        self.event = ses::Event::find(whole);
        let (notice, quoted) = split::split(whole);
        if let Some(quoted) = quoted {
            self.quotes_original = true;
            self.original.fill(&Original::of_text(quoted));
        }
        self.text = without_footers(notice);
        let notice = self.text.clone();
        let notice = notice.as_str();
        let mut told = transcript::read(notice);
        merge(&mut told, exchange::read(notice));
        merge(&mut told, listing::read(notice));
        if told.is_empty() && !html.is_empty() {
            merge(&mut told, listing::read(split::split(cut(&html.join("\n\n"))).0));
        }
        // Whom the notice is addressed to is who asks, seldom who failed.
        let only_asks = |told: &[Told]| {
            told.iter().all(|told| {
                told.reasons.is_empty()
                    && self.to.as_deref().is_some_and(|to| to.eq_ignore_ascii_case(&told.address))
            })
        };
        if only_asks(&told) {
            let named = local_part::read(notice);
            if !named.is_empty() {
                told = named;
            }
        }
        // Some write the addressee as a header of their own text.
        if told.is_empty() && self.original.to.is_empty() {
            self.original.fill(&Original::of_text(notice));
        }
        self.told = told;
    }

    /// The domain of the system that wrote the notice.
    pub fn from_domain(&self) -> Option<&str> {
        let (start, end) = address::find(&self.from)?;
        self.from.get(start..end)?.rsplit_once('@').map(|(_, domain)| domain).filter(|d| d.contains('.'))
    }

    /// Fields of a report that stand in the open, as Amazon WorkMail and broken MIME leave them.
    fn read_stray_fields(&mut self, raw: &[u8], decoded: &str) {
        let is_report = |text: &str| {
            let lower = text.to_ascii_lowercase();
            // A read receipt (RFC 8098) names a recipient too, and has neither of the others.
            let outcome = ["action:", "status:", "diagnostic-code:"].iter().any(|name| lower.contains(name));
            (lower.contains("final-recipient:") && outcome)
                || (lower.contains("diagnostic-code:") && lower.contains("action:"))
        };
        let raw = String::from_utf8_lossy(raw.get(..raw.len().min(LONGEST_NOTICE)).unwrap_or_default());
        for text in [decoded, &raw] {
            if !is_report(text) {
                continue;
            }
            let lower = text.to_ascii_lowercase();
            let start = ["reporting-mta:", "final-recipient:", "original-recipient:", "action:"]
                .iter()
                .filter_map(|name| lower.find(name))
                .min()
                .unwrap_or(0);
            let report = Report::read(text.get(start..).unwrap_or_default());
            if !report.recipients.is_empty() {
                self.report = Some(report);
                return;
            }
        }
        let lower = raw.to_ascii_lowercase();
        if let Some(at) = lower.find("\nfeedback-type:") {
            self.feedback = Feedback::read(raw.get(at..).unwrap_or_default());
        }
    }
}

/// The leaf parts that matter.
#[derive(Default)]
struct Parts {
    plain: Vec<String>,
    html: Vec<String>,
    report: Option<Report>,
    feedback: Option<Feedback>,
    receipt: Option<Receipt>,
    original: Option<Original>,
}

/// Deepest message within a message that is opened.
const DEEPEST: usize = 3;

/// Takes the message whose part `top` is apart; `depth` messages lie around it.
fn collect(message: &Message, top: usize, depth: usize, found: &mut Parts) {
    for at in message.parts_of(top) {
        let Some(part) = message.parts().get(at) else { continue };
        let text = || message.text_of(part, LONGEST_NOTICE);
        match part.content_type.as_str() {
            "message/delivery-status" | "message/global-delivery-status" => {
                let report = Report::read(&text());
                match &mut found.report {
                    Some(known) => {
                        let room = MOST_RECIPIENTS.saturating_sub(known.recipients.len());
                        known.recipients.extend(report.recipients.into_iter().take(room));
                    }
                    None => found.report = Some(report),
                }
            }
            "message/disposition-notification" | "message/global-disposition-notification" => {
                found.receipt = found.receipt.take().or_else(|| Receipt::read(&text()));
            }
            "message/feedback-report" => {
                found.feedback = found.feedback.take().or_else(|| Feedback::read(&text()));
            }
            "text/rfc822-headers" | "text/rfc822" | "message/global-headers" | "message/partial" => {
                found.original.get_or_insert_with(|| Original::of_text(&text()));
            }
            "message/rfc822" | "message/global" => attached(message, part, depth, found),
            "text/html" => found.html.push(html_text(message, part, at)),
            kind if kind.starts_with("text/") || (part.is_multipart() && part.is_leaf()) => {
                let names_headers =
                    part.filename.as_ref().is_some_and(|name| name.to_ascii_lowercase().contains("header"));
                if names_headers && found.original.is_none() && !found.plain.is_empty() {
                    found.original = Some(Original::of_text(&text()));
                } else {
                    found.plain.push(text());
                }
            }
            _ => {}
        }
    }
}

/// The message that the part holds: the one the notice is about, or a bounce forwarded whole.
fn attached(message: &Message, part: &Part, depth: usize, found: &mut Parts) {
    let mut read = |message: &Message, top: usize| {
        if depth < DEEPEST && found.report.is_none() && is_report(message, top) {
            collect(message, top, depth + 1, found);
        } else if found.original.is_none() {
            found.original = Some(Original::of_fields(message.fields_of(top)));
        }
    };
    match part.children.first() {
        Some(top) => read(message, *top),
        // Encoded, which RFC 2046 section 5.2.1 forbids and some do.
        None => {
            let decoded = message.decoded(part);
            read(&Message::read(String::new(), Arc::new(decoded.bytes.clone())), 0);
        }
    }
}

fn is_report(message: &Message, top: usize) -> bool {
    message.parts_of(top).into_iter().filter_map(|at| message.parts().get(at)).any(|part| {
        matches!(part.content_type.as_str(), "message/delivery-status" | "message/feedback-report")
    })
}

/// What a reader of an HTML part sees, with the white space of a text.
fn html_text(message: &Message, part: &Part, at: usize) -> String {
    let text = Html::read(&Body::read(message.raw(), part, at)).text;
    cut(&text).to_owned()
}

/// `text` up to [`LONGEST_NOTICE`] bytes.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_NOTICE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Without the lines virus scanners add below: their words are about nothing.
fn without_footers(notice: &str) -> String {
    const FOOTERS: &[&str] = &[
        "nod32",
        "antivirus",
        "anti-virus",
        "avast",
        "avg.com",
        "virus database",
        "virus-free",
        "kaspersky",
        "eset smart",
    ];
    let is_footer = |line: &&str| {
        let lower = line.to_lowercase();
        FOOTERS.iter().any(|words| lower.contains(words))
            && !lower.contains("reject")
            && !lower.contains("blocked")
    };
    notice.split_inclusive('\n').filter(|line| !is_footer(line)).collect()
}

/// When the message says it was written, in seconds since 1970.
pub fn dated(raw: &[u8]) -> Option<i64> {
    let header = Header::scan(raw, 0..raw.len(), 1, true);
    header.first("Date").and_then(addresses::date).map(|sent| sent.timestamp)
}

/// The messages of an mbox (RFC 4155), or the one message there is. A message
/// begins at a `From ` line that stands first or after an empty line and ends
/// in a time or a year.
pub fn messages(raw: &[u8]) -> Vec<&[u8]> {
    let mut starts = vec![0];
    for at in memchr::memmem::find_iter(raw, b"\nFrom ") {
        let before = raw.get(..at).unwrap_or_default();
        let line = raw.get(at + 1..).unwrap_or_default();
        let line = line.get(..memchr::memchr(b'\n', line).unwrap_or(line.len())).unwrap_or_default();
        let digits = line.iter().filter(|b| b.is_ascii_digit()).count();
        let dated = line.len() < 200
            && digits >= 6
            && line.contains(&b':')
            && line.trim_ascii_end().last().is_some_and(u8::is_ascii_digit);
        if dated && (before.ends_with(b"\n") || before.ends_with(b"\n\r")) {
            starts.push(at + 1);
        }
    }
    let ends = starts.iter().skip(1).copied().chain([raw.len()]);
    starts
        .iter()
        .zip(ends)
        .filter_map(|(start, end)| raw.get(*start..end))
        .filter(|m| !m.trim_ascii().is_empty())
        .collect()
}

/// Adds `more` to `known`; words about a known address are added to it.
fn merge(known: &mut Vec<Told>, more: Vec<Told>) {
    for told in more {
        let same = known.iter().position(|k| k.address.eq_ignore_ascii_case(&told.address));
        let Some(same) = same.and_then(|index| known.get_mut(index)) else {
            if known.len() < MOST_RECIPIENTS {
                known.push(told);
            }
            continue;
        };
        for reason in told.reasons {
            if !same.reasons.contains(&reason) && same.reasons.len() < 8 {
                same.reasons.push(reason);
            }
        }
        same.stage = same.stage.or(told.stage);
        same.remote = same.remote.take().or(told.remote);
    }
}

#[cfg(test)]
mod tests;
