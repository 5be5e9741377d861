//! DKIM selectors out of log lines: what signers say they signed with (OpenDKIM,
//! dkimpy-milter, rspamd, amavis, Exim, Sendmail's milter lines), and what verifiers
//! say passed (the same, and Authentication-Results quoted in a log, RFC 8601).
//!
//! Subjects and addresses in a line are written by strangers: text in quotes is
//! no statement of the program, and what failed to verify names no selector.

use std::collections::BTreeMap;

use crate::model::signing::{LoggedSelector, SigningSummary};
use crate::model::{Location, Name};
use crate::parse::dkim::signature::key_name;
use crate::parse::log::journald;
use crate::parse::log::syslog::Syslog;
use crate::parse::web::psl;

/// Every line of interest holds this, in any case of letters.
pub const MARK: &str = "dkim";
/// Only this much of a line is read.
const LONGEST_LINE: usize = 32 << 10;
/// Messages of which OpenDKIM has named the key but not yet the outcome.
const MOST_PENDING: usize = 1000;
/// Selectors kept.
const MOST_SELECTORS: usize = 100;

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The program that signed.
    Signer,
    /// A program that verified the signature: it passed.
    Verifier,
}

/// A key that a line names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signing {
    /// The signing domain (`d=`).
    pub domain: Name,
    /// The selector (`s=`).
    pub selector: String,
    /// Whether the line is a signer's or a verifier's.
    pub role: Role,
}

/// Reads lines in order: OpenDKIM names the key in one and the outcome in another.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// By job id.
    pending: BTreeMap<String, Vec<Signing>>,
}

impl Reader {
    /// The keys that a line names, most often none.
    pub fn line(&mut self, line: &[u8]) -> Vec<Signing> {
        let body = body(line.get(..line.len().min(LONGEST_LINE)).unwrap_or_default());
        let stated = without_quotes(&body);
        let mut found = Vec::new();
        authentication_results(&stated, &mut found);
        symbols(&stated, &mut found);
        listed(&stated, &mut found);
        if found.is_empty() {
            self.sentence(&body, &stated, &mut found);
        }
        found
    }

    /// One key, and words that tell what became of it.
    fn sentence(&mut self, body: &str, stated: &str, found: &mut Vec<Signing>) {
        let lower = stated.to_ascii_lowercase();
        let job = body.split([':', ' ']).next().unwrap_or_default();
        let fields = fields(stated);
        let value = |names: [&str; 2]| fields.iter().find(|field| names.contains(&field.key));
        let (Some(domain), Some(selector)) = (value(["d", "domain"]), value(["s", "selector"])) else {
            if lower.contains("dkim verification successful") {
                found.extend(self.pending.remove(job).unwrap_or_default());
            } else if let Some((selector, domain)) = quoted_key(body) {
                found.extend(signing(domain, selector, Role::Signer));
            }
            return;
        };
        let (domain, selector, start) = (domain.value, selector.value, domain.at.min(selector.at));
        let before = lower.get(..start).unwrap_or_default();
        let passed = ["verification succeeded", "verification successful", "signature verified"];
        if body.contains("result=\"no signature error\"")
            || passed.iter().any(|words| lower.contains(words))
            || (stated.contains("dkim: VALID ") && before.contains(" signature by "))
        {
            found.extend(signing(domain, selector, Role::Verifier));
        } else if lower.trim_end().ends_with(" ssl") {
            // OpenDKIM, with no error of the cryptographic library: whether the body
            // was the signed one stands in the next line.
            if self.pending.len() >= MOST_PENDING {
                self.pending.clear();
            }
            let kept = self.pending.entry(job.to_owned()).or_default();
            if kept.len() < 10 {
                kept.extend(signing(domain, selector, Role::Verifier));
            }
        } else if signs(before) {
            found.extend(signing(domain, selector, Role::Signer));
        }
    }
}

/// Whether the words before the key say that mail was signed with it.
fn signs(before: &str) -> bool {
    const FAILS: [&str; 7] = ["fail", "error", "unable", "cannot", "not", "invalid", "skip"];
    let mut words = before.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    if words
        .clone()
        .any(|word| FAILS.iter().any(|bad| word == *bad || (bad.len() > 3 && word.starts_with(bad))))
    {
        return false;
    }
    ["field added", "signature added", "header added", "milter insert", "milter add"]
        .iter()
        .any(|said| before.contains(said))
        || words.any(|word| word == "signing" || word == "signed")
}

/// `use selector "s1" for domain "example.com"`, as rspamd's `dkim_signing` says it.
fn quoted_key(body: &str) -> Option<(&str, &str)> {
    let (_, rest) = body.split_once("use selector \"")?;
    let (selector, rest) = rest.split_once("\" for domain \"")?;
    Some((selector, rest.split_once('"')?.0))
}

/// `dkim=pass ... header.d=DOM ... header.s=SEL`, as often as it stands there
/// (RFC 8601 section 2.7.1; `header.s` is of RFC 6008 and RFC 8601 section 2.7.1).
fn authentication_results(stated: &str, found: &mut Vec<Signing>) {
    if !stated.contains("header.s=") {
        return;
    }
    for clause in stated.split("dkim=").skip(1) {
        let clause = clause.split(';').next().unwrap_or_default();
        let verdict = clause.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        if !verdict.eq_ignore_ascii_case("pass") {
            continue;
        }
        let fields = fields(clause);
        let value = |name: &str| fields.iter().find(|field| field.key == name).map(|field| field.value);
        if let (Some(domain), Some(selector)) = (value("header.d"), value("header.s")) {
            found.extend(signing(domain, selector, Role::Verifier));
        }
    }
}

/// rspamd's symbols with their options: `DKIM_SIGNED(0.00){example.com:s=s1;}`.
fn symbols(stated: &str, found: &mut Vec<Signing>) {
    for (symbol, role) in [("DKIM_SIGNED", Role::Signer), ("R_DKIM_ALLOW", Role::Verifier)] {
        for (at, _) in stated.match_indices(symbol) {
            let before = stated.get(..at).and_then(|text| text.chars().next_back());
            if before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
                continue;
            }
            let mut rest = stated.get(at + symbol.len()..).unwrap_or_default();
            if let Some(score) = rest.strip_prefix('(') {
                rest = score.split_once(')').map_or("", |(_, after)| after);
            }
            let Some(options) = rest.strip_prefix(['{', '[']) else { continue };
            let options = options.split(['}', ']']).next().unwrap_or_default();
            for option in options.split([';', ',']) {
                if let Some((domain, selector)) = option.split_once(":s=") {
                    found.extend(signing(domain.trim(), selector.trim(), role));
                }
            }
        }
    }
}

/// amavis' `dkim_new=SEL:DOM` and `dkim_sd=SEL:DOM`; Exim's `DKIM=DOM:SEL` of a delivery.
fn listed(stated: &str, found: &mut Vec<Signing>) {
    let value = |key: &str| {
        let (_, rest) = stated.split_once(key)?;
        rest.split([' ', '\t']).next().map(|value| value.trim_end_matches(','))
    };
    for (key, role) in [(" dkim_new=", Role::Signer), (" dkim_sd=", Role::Verifier)] {
        for pair in value(key).into_iter().flat_map(|value| value.split(',')) {
            if let Some((selector, domain)) = pair.split_once(':') {
                found.extend(signing(domain, selector, role));
            }
        }
    }
    let delivery = [" => ", " -> ", " >> "].iter().any(|arrow| stated.contains(arrow));
    if let Some(value) = value(" DKIM=").filter(|_| delivery) {
        let parts: Vec<&str> = value.split(':').collect();
        for pair in parts.chunks_exact(2) {
            found.extend(signing(pair[0], pair[1], Role::Signer));
        }
    }
}

/// A key name that could be asked for.
fn signing(domain: &str, selector: &str, role: Role) -> Option<Signing> {
    let domain = Name::parse(domain).ok().filter(|name| name.labels().nth(1).is_some())?;
    let selector = selector.to_ascii_lowercase();
    let sound = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let fits = selector.len() + domain.as_str().len() < 240 && selector.split('.').all(sound);
    fits.then_some(Signing { domain, selector, role })
}

/// `key=value` or `key=>value` at a boundary.
struct Field<'t> {
    key: &'t str,
    value: &'t str,
    /// Where the key begins.
    at: usize,
}

fn fields(text: &str) -> Vec<Field<'_>> {
    let is_key = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for at in memchr::memchr_iter(b'=', bytes) {
        let head = bytes.get(..at).unwrap_or_default();
        let begin = head.iter().rposition(|b| !is_key(*b)).map_or(0, |before| before + 1);
        let boundary = begin.checked_sub(1).and_then(|before| bytes.get(before));
        if boundary.is_some_and(|b| !matches!(b, b' ' | b'\t' | b'(' | b'[' | b'{' | b',' | b';')) {
            continue;
        }
        let rest = text.get(at + 1..).unwrap_or_default();
        let value = rest.strip_prefix('>').unwrap_or(rest).trim_start();
        let value =
            value.split(|c: char| c.is_whitespace() || ",;)]}".contains(c)).next().unwrap_or_default();
        if let Some(key) = text.get(begin..at) {
            found.push(Field { key, value, at: begin });
        }
    }
    found
}

/// The line without syslog's or journald's wrapping; line ends inside it, which
/// loggers spell in several ways, as spaces.
fn body(line: &[u8]) -> String {
    let record = if line.first() == Some(&b'{') { journald::record(line) } else { None };
    let text = match (&record, Syslog::new(1970).head(line)) {
        (Some(record), _) => record.message.as_slice(),
        (None, Some(head)) if !head.program.is_empty() => head.body,
        _ => line,
    };
    let mut text = String::from_utf8_lossy(text).into_owned();
    for wrapping in ["\\n", "\\r", "\\t", "#011", "#012", "#015"] {
        if text.contains(wrapping) {
            text = text.replace(wrapping, " ");
        }
    }
    text
}

/// Without what stands in double quotes: subjects, names and replies of others.
fn without_quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            _ => out.push(c),
        }
    }
    out
}

/// Adds up the lines of all logs, for one sender.
#[derive(Debug, Default)]
pub struct Tally {
    /// Organizational domains of the sender; empty: whoever is signed for.
    own: Vec<Name>,
    /// With the number of the domain's signatures when it was last signed with.
    found: BTreeMap<Name, (LoggedSelector, u64)>,
    signatures: BTreeMap<Name, u64>,
    omitted: u64,
}

impl Tally {
    /// For the mail of these domains and what belongs to the same organizations;
    /// of others' mail the keys are no business of the sender's. Without a domain
    /// every key that is signed with counts.
    pub fn new(own: &[Name]) -> Tally {
        Tally { own: own.iter().map(psl::organizational).collect(), ..Tally::default() }
    }

    /// Counts one statement; `at` is its line.
    pub fn add(&mut self, signing: Signing, at: &Location) {
        let Signing { domain, selector, role } = signing;
        let relevant = match self.own.is_empty() {
            true => role == Role::Signer,
            false => self.own.contains(&psl::organizational(&domain)),
        };
        let name = key_name(&selector, &domain);
        if !relevant {
            return;
        }
        if !self.found.contains_key(&name) && self.found.len() >= MOST_SELECTORS {
            self.omitted = self.omitted.saturating_add(1);
            return;
        }
        let (known, last_signed) = self.found.entry(name).or_insert_with(|| {
            let (signed, verified, signed_since) = (0, 0, 0);
            let last = at.clone();
            (LoggedSelector { domain: domain.clone(), selector, signed, verified, signed_since, last }, 0)
        });
        match role {
            Role::Signer => {
                let made = self.signatures.entry(domain).or_default();
                *made = made.saturating_add(1);
                *last_signed = *made;
                known.signed = known.signed.saturating_add(1);
                known.last = at.clone();
            }
            Role::Verifier => {
                known.verified = known.verified.saturating_add(1);
                if known.signed == 0 {
                    known.last = at.clone();
                }
            }
        }
    }

    /// The selectors found, each with its counts and its latest line.
    pub fn finish(self) -> SigningSummary {
        let made = self.signatures;
        let selectors = self.found.into_iter().map(|(name, (mut one, last_signed))| {
            one.signed_since = made.get(&one.domain).map_or(0, |made| made.saturating_sub(last_signed));
            (name, one)
        });
        SigningSummary { selectors: selectors.collect(), omitted: self.omitted, ..SigningSummary::default() }
    }
}

#[cfg(test)]
mod tests;
