//! DMARC aggregate reports (RFC 7489 appendix C, RFC 9990 section 3, and the
//! drafts before them that are still in use). Reads tolerantly what receivers
//! really write: any namespace, any case, markup broken half-way; judges nothing.

mod element;
mod no_report;

use std::net::IpAddr;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::model::Name;
use crate::model::untrusted::Width;
use crate::parse::web::psl;
use element::Element;
use no_report::DEEPEST;

pub use no_report::NoReport;

/// Largest report read, in bytes of XML; the largest seen in practice have some 20 MB.
pub const LARGEST: u64 = 64 << 20;
/// Longest text of one element kept, in bytes.
const LONGEST_TEXT: usize = 4096;
/// Signatures or SPF results kept of one record.
const MOST_RESULTS: usize = 50;
const MOST_FAULTS: usize = 20;

/// One receiver's report on one domain and span of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AggregateReport {
    /// The file ends, or breaks, before the report does: rows may be lost.
    pub is_cut: bool,
    /// `org_name`: the receiver's own name.
    pub org: String,
    /// `email`: how to reach the receiver.
    pub email: String,
    /// `report_id`, unique for one receiver.
    pub report_id: String,
    /// Seconds since the Unix epoch.
    pub begin: Option<i64>,
    /// Seconds since the Unix epoch, inclusive.
    pub end: Option<i64>,
    /// `policy_published`.
    pub published: PublishedPolicy,
    /// The records, in order.
    pub rows: Vec<Row>,
    /// What was wrong with the file although it could be read; for people.
    pub faults: Vec<String>,
}

/// The policy the receiver found; values in lower case, empty where not given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishedPolicy {
    /// The domain whose record was found.
    pub domain: String,
    /// `p`: the policy for that domain.
    pub p: String,
    /// `sp`: the policy for its subdomains.
    pub sp: String,
    /// `np`: the policy for subdomains that do not exist (RFC 9990).
    pub np: String,
    /// `adkim`: `r` or `s`.
    pub adkim: String,
    pub(crate) aspf: String,
    /// `pct` (RFC 7489).
    pub pct: String,
    pub(crate) fo: String,
    /// RFC 9990.
    pub testing: String,
    /// RFC 9990: `psl` or `treewalk`.
    pub discovery_method: String,
}

/// Messages of one source that fared alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// `source_ip`; `None` where it is no address.
    pub source: Option<IpAddr>,
    /// `source_ip` as written.
    pub source_text: String,
    /// Messages.
    pub count: u64,
    /// `none`, `quarantine`, `reject`; RFC 9990 adds `pass`.
    pub disposition: String,
    /// Aligned DKIM, as the receiver evaluated it; `None` where it does not say.
    pub dkim: Option<bool>,
    /// Aligned SPF, likewise.
    pub spf: Option<bool>,
    /// Why the policy was not applied: `forwarded`, `mailing_list`, `local_policy` ...
    pub overrides: Vec<String>,
    /// The domain in From, to which results must be aligned.
    pub header_from: String,
    pub(crate) envelope_from: String,
    pub(crate) dkim_results: Vec<AuthResult>,
    pub(crate) spf_results: Vec<AuthResult>,
}

/// One raw result, whether aligned or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthResult {
    /// The domain that was authenticated: `d=`, or that of MAIL FROM or HELO.
    pub domain: String,
    /// DKIM only.
    pub selector: String,
    /// Lower case.
    pub result: String,
}

impl AggregateReport {
    /// Reads a document. Faults that leave the rest readable are noted in it.
    ///
    /// # Errors
    /// Where nothing of a report can be read.
    pub fn parse(bytes: &[u8]) -> Result<AggregateReport, NoReport> {
        let (text, fault) = decode(bytes);
        if text.trim().is_empty() {
            return Err(NoReport::Empty);
        }
        let mut state = State::default();
        state.report.faults.extend(fault);
        let mut reader = Reader::from_str(&text);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        let mut broken = None;
        loop {
            let at = reader.buffer_position();
            match reader.read_event() {
                Ok(Event::Eof) => break,
                Ok(Event::DocType(_)) => return Err(NoReport::Dtd),
                Ok(event) => state.event(&event)?,
                Err(error) => {
                    let line = line_of(&text, at);
                    broken = Some(format!("line {line}: {error}"));
                    break;
                }
            }
        }
        state.finish(broken)
    }

    /// All messages reported on.
    pub fn messages(&self) -> u64 {
        self.rows.iter().fold(0, |sum, row| sum.saturating_add(row.count))
    }

    /// Messages that passed DMARC.
    pub fn passed(&self) -> u64 {
        self.count(Row::passes)
    }

    /// Messages in rows that a condition holds for.
    pub fn count(&self, holds: impl Fn(&Row) -> bool) -> u64 {
        self.rows.iter().filter(|row| holds(row)).fold(0, |sum, row| sum.saturating_add(row.count))
    }
}

impl Row {
    /// Passed DMARC: aligned DKIM or aligned SPF.
    pub fn passes(&self) -> bool {
        self.dkim_passes() || self.spf_passes()
    }

    /// Where the receiver gives no verdict, it follows from the raw results.
    pub fn dkim_passes(&self) -> bool {
        self.dkim.unwrap_or_else(|| self.dkim_results.iter().any(|r| r.passes() && self.aligned(&r.domain)))
    }

    /// Where the receiver gives no verdict, it follows from the raw results.
    pub fn spf_passes(&self) -> bool {
        self.spf.unwrap_or_else(|| self.spf_results.iter().any(|r| r.passes() && self.aligned(&r.domain)))
    }

    /// True where `domain` has the organizational domain of From (relaxed).
    pub fn aligned(&self, domain: &str) -> bool {
        let organizational = |text: &str| psl::organizational(&Name::lenient(text.trim_end_matches('.')));
        !domain.is_empty()
            && !self.header_from.is_empty()
            && organizational(domain) == organizational(&self.header_from)
    }
}

impl AuthResult {
    /// True for the result `pass`.
    pub fn passes(&self) -> bool {
        self.result == "pass"
    }
}

/// The text of the bytes, with a word on what was not as declared.
fn decode(bytes: &[u8]) -> (String, Option<String>) {
    let sixteen = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => return (sixteen(rest, u16::from_le_bytes), None),
        [0xfe, 0xff, rest @ ..] => return (sixteen(rest, u16::from_be_bytes), None),
        _ => {}
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return (text.to_owned(), None),
        Err(error) => error,
    };
    let head = bytes.get(..bytes.len().min(200)).unwrap_or_default().to_ascii_lowercase();
    let names = |name: &[u8]| memchr::memmem::find(&head, name).is_some();
    if names(b"windows-1252") || names(b"iso-8859-1") || names(b"latin1") {
        // Names and results are ASCII; the few letters that differ stand in comments.
        return (bytes.iter().copied().map(char::from).collect(), None);
    }
    let line =
        1 + bytes.get(..error.valid_up_to()).unwrap_or_default().iter().filter(|b| **b == b'\n').count();
    let fault = format!("line {line}: bytes that are not UTF-8 were replaced");
    (String::from_utf8_lossy(bytes).into_owned(), Some(fault))
}

fn line_of(text: &str, at: u64) -> usize {
    let at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
    1 + text.as_bytes().get(..at).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count()
}

/// A whole number; `1337270400.0` is written too.
fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    match text.split_once('.') {
        Some((whole, rest)) if rest.bytes().all(|b| b == b'0') => whole.parse().ok(),
        Some(_) => None,
        None => text.parse().ok(),
    }
}

/// Seconds since the epoch; some write milliseconds, or a date.
fn seconds(text: &str) -> Option<i64> {
    if let Ok(stamp) = text.trim().parse::<jiff::Timestamp>() {
        return Some(stamp.as_second());
    }
    // A date without a zone: RFC 9990 wants seconds of UTC, so UTC is what is meant.
    if text.contains(['-', ':'])
        && let Ok(stamp) = text.trim().parse::<jiff::civil::DateTime>()
    {
        return stamp.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|at| at.timestamp().as_second());
    }
    let number = i64::try_from(number(text)?).ok()?;
    // Seconds reach 11 digits in the year 5138.
    let number = if number >= 100_000_000_000 { number / 1000 } else { number };
    (number <= jiff::Timestamp::MAX.as_second()).then_some(number)
}

#[derive(Default)]
struct State {
    report: AggregateReport,
    stack: Vec<Element>,
    text: String,
    feedback: bool,
    metadata: bool,
    records: usize,
    row: Option<Row>,
    counted: bool,
    result: AuthResult,
}

impl State {
    fn event(&mut self, event: &Event) -> Result<(), NoReport> {
        match event {
            Event::Start(tag) => {
                if self.stack.len() >= DEEPEST {
                    return Err(NoReport::Deep);
                }
                self.open(Element::of(tag.local_name().into_inner()));
            }
            Event::Empty(tag) => {
                let element = Element::of(tag.local_name().into_inner());
                self.open(element);
                self.close(element);
            }
            Event::End(tag) => {
                let element = Element::of(tag.local_name().into_inner());
                // An end without its beginning, and markup cut off inside.
                if !self.stack.contains(&element)
                    || (element == Element::Other && self.stack.last() != Some(&Element::Other))
                {
                    self.fault("an end tag closes what was not opened");
                    return Ok(());
                }
                while let Some(top) = self.stack.last().copied() {
                    self.close(top);
                    if top == element {
                        break;
                    }
                    self.fault("elements end in the wrong order");
                }
            }
            Event::Text(text) => self.add(&text.xml10_content()),
            Event::CData(text) => self.add(&text.xml10_content()),
            Event::GeneralRef(name) => {
                let resolved = match name.as_ref() {
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "amp" => Some('&'),
                    "quot" => Some('"'),
                    "apos" => Some('\''),
                    _ => name.resolve_char_ref().ok().flatten(),
                };
                match resolved {
                    Some(c) => self.add(c.encode_utf8(&mut [0; 4])),
                    None => self.fault("an entity that XML does not know was left out"),
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, text: &str) {
        for c in text.chars() {
            if self.text.len() >= LONGEST_TEXT {
                return;
            }
            self.text.push(c);
        }
    }

    fn fault(&mut self, text: &str) {
        let faults = &mut self.report.faults;
        if faults.len() < MOST_FAULTS && !faults.iter().any(|fault| fault == text) {
            faults.push(text.to_owned());
        }
    }

    fn open(&mut self, element: Element) {
        self.text.clear();
        match element {
            Element::Feedback => self.feedback = true,
            Element::ReportMetadata => self.metadata = true,
            Element::Record => {
                self.records += 1;
                self.row = Some(Row::default());
                self.counted = false;
            }
            Element::Dkim | Element::Spf => self.result = AuthResult::default(),
            _ => {}
        }
        self.stack.push(element);
    }

    fn within(&self, element: Element) -> bool {
        self.stack.contains(&element)
    }

    /// Ends `element`, which is on top of the stack; its text is complete.
    fn close(&mut self, element: Element) {
        self.stack.pop();
        let text = std::mem::take(&mut self.text).trim().to_owned();
        if !self.feedback {
            return;
        }
        if element == Element::Record {
            self.end_record();
        } else if self.row.is_some() {
            self.record_value(element, text);
        } else if self.within(Element::PolicyPublished) {
            self.policy_value(element, text);
        } else if self.within(Element::ReportMetadata) {
            self.metadata_value(element, text);
        }
    }

    fn metadata_value(&mut self, element: Element, text: String) {
        let stamp = |text: &str| seconds(text);
        match element {
            Element::OrgName => self.report.org = text,
            Element::Email => self.report.email = text,
            Element::ReportId => self.report.report_id = text,
            Element::Begin => self.report.begin = stamp(&text),
            Element::End => self.report.end = stamp(&text),
            Element::Error if !text.is_empty() => {
                let text = crate::model::untrusted::plain(&text, Width::Record);
                self.fault(&format!("the receiver met an error: {text}"));
            }
            _ => {}
        }
    }

    fn policy_value(&mut self, element: Element, text: String) {
        let policy = &mut self.report.published;
        let slot = match element {
            Element::Domain => &mut policy.domain,
            Element::P => &mut policy.p,
            Element::Sp => &mut policy.sp,
            Element::Np => &mut policy.np,
            Element::Adkim => &mut policy.adkim,
            Element::Aspf => &mut policy.aspf,
            Element::Pct => &mut policy.pct,
            Element::Fo => &mut policy.fo,
            Element::Testing => &mut policy.testing,
            Element::DiscoveryMethod => &mut policy.discovery_method,
            _ => return,
        };
        if slot.is_empty() {
            *slot = text.to_ascii_lowercase();
        }
    }

    fn record_value(&mut self, element: Element, text: String) {
        let evaluated = self.within(Element::PolicyEvaluated);
        let results = self.within(Element::AuthResults);
        let inside = self.stack.last().copied();
        let Some(row) = self.row.as_mut() else { return };
        let lower = text.to_ascii_lowercase();
        let verdict = |text: &str| (!text.is_empty()).then(|| text == "pass");
        match element {
            Element::SourceIp => {
                row.source = text.trim_matches(['[', ']']).parse().ok().map(|ip: IpAddr| ip.to_canonical());
                row.source_text = text;
            }
            Element::Count => match number(&text) {
                Some(count) => {
                    row.count = count;
                    self.counted = true;
                }
                None => self.counted = false,
            },
            Element::Disposition => row.disposition = lower,
            Element::Dkim if evaluated => row.dkim = verdict(&lower),
            Element::Spf if evaluated => row.spf = verdict(&lower),
            Element::Type if evaluated && !lower.is_empty() && row.overrides.len() < MOST_RESULTS => {
                row.overrides.push(lower);
            }
            Element::HeaderFrom => row.header_from = lower,
            Element::EnvelopeFrom => row.envelope_from = lower,
            Element::Domain if results => self.result.domain = lower,
            Element::Selector if results => self.result.selector = text,
            Element::Result if results && matches!(inside, Some(Element::Dkim | Element::Spf)) => {
                self.result.result = lower;
            }
            Element::Dkim if results => push(&mut row.dkim_results, std::mem::take(&mut self.result)),
            Element::Spf if results => push(&mut row.spf_results, std::mem::take(&mut self.result)),
            _ => {}
        }
    }

    fn end_record(&mut self) {
        let Some(mut row) = self.row.take() else { return };
        if row.header_from.is_empty() {
            row.header_from = self.report.published.domain.clone();
        }
        if !self.counted {
            self.fault(&format!("record {} has no usable count and was left out", self.records));
            return;
        }
        if row.source.is_none() {
            self.fault(&format!(
                "record {}: source_ip {:?} is no address",
                self.records,
                crate::model::untrusted::plain(&row.source_text, Width::Name)
            ));
        }
        self.report.rows.push(row);
    }

    fn finish(mut self, broken: Option<String>) -> Result<AggregateReport, NoReport> {
        if !self.feedback {
            return Err(match broken {
                Some(why) => NoReport::Broken(why),
                None => NoReport::NoFeedback,
            });
        }
        if !self.metadata && self.report.rows.is_empty() {
            return Err(broken.map_or(NoReport::Hollow, NoReport::Broken));
        }
        self.report.is_cut = self.row.is_some() || !self.stack.is_empty() || broken.is_some();
        if self.row.is_some() {
            self.fault(&format!("the file ends inside record {}, which was left out", self.records));
        } else if !self.stack.is_empty() && broken.is_none() {
            self.fault("the file ends before all elements do");
        }
        if let Some(why) = broken {
            let text = format!("the XML breaks at {why}; what stands before was read");
            self.fault(&crate::model::untrusted::plain(&text, Width::Record));
        }
        Ok(self.report)
    }
}

fn push(results: &mut Vec<AuthResult>, result: AuthResult) {
    if results.len() < MOST_RESULTS && result != AuthResult::default() {
        results.push(result);
    }
}

#[cfg(test)]
mod tests;
