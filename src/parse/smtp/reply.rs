//! One SMTP reply out of whatever an MTA wrapped around it: "host X said:",
//! "SMTP error from remote mail server after RCPT TO:", "smtp; 550 ...".
//! Finds the reply code, the enhanced code and the text; judges nothing.

mod named;

use serde::Serialize;

use crate::model::enhanced_code::EnhancedCode;
pub use crate::model::speaker::Stage;

/// Longest text looked at, in bytes: a reply line is 512 (RFC 5321 section
/// 4.5.3.1.5), a multi-line reply seldom ten of them.
pub const LONGEST: usize = 16 * 1024;

/// What the sending MTA said about the reply it quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wrapper {
    /// Postfix "refused to talk to me:": deferred even when the reply is 5xx.
    RefusedToTalk,
    /// Postfix "delivery temporarily suspended:": an earlier reply, still queued.
    Suspended,
    /// The connection broke or timed out; no reply decided anything.
    Broken,
    /// A quoted reply.
    Said,
}

/// A reply without its wrapping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The three-digit code (RFC 5321 section 4.2).
    pub code: Option<u16>,
    /// The enhanced status code (RFC 3463).
    pub enhanced: Option<EnhancedCode>,
    /// The words, lines joined by one space, without the codes.
    pub text: String,
    /// The host that is said to have spoken.
    pub host: Option<String>,
    /// The command that was answered, where the wrapping names it.
    pub stage: Option<Stage>,
    pub(crate) wrapper: Option<Wrapper>,
    /// Everything that was given, white space collapsed.
    pub whole: String,
    /// Where the words behind the code begin in `whole`.
    said: Option<usize>,
}

/// Words after which the reply of another server is quoted.
const QUOTES: &[&str] = &[
    " said: ",
    "refused to talk to me: ",
    "remote host said: ",
    "remote_host_said: ",
    "remote server returned ",
    "remote server said: ",
    "server replied: ",
    "answered: ",
    "mta said: ",
    " says: ",
    "responded as follows: ",
    "server returned: ",
    "received >>> ",
    "server responded: ",
    "responded with: ",
    "responded: ",
    "response was: ",
    "response: ",
    "other server returned was: ",
    "returned the following error: ",
    "generated the following response: ",
    "reply was: ",
    "smtp; ",
    "smtp;",
    "x-postfix; ",
    "x-qmail; ",
    "reason: ",
    "error was: ",
    "last error: ",
    "lasterror: ",
    "diagnostic-code: ",
    "error message: ",
    "<<< ",
    // Amazon SES: "unable to deliver in 840 minutes.<421 4.4.2 ...>".
    ".<",
];

impl Reply {
    /// Reads `text`. Never fails: without any code the text itself is the reply.
    pub fn read(text: &str) -> Reply {
        let whole = collapse(text);
        let lower = whole.to_ascii_lowercase();
        let mut reply = Reply { stage: stage(&lower), ..Reply::default() };
        let mut start = 0;
        if let Some(at) = lower.find("delivery temporarily suspended: ") {
            reply.wrapper = Some(Wrapper::Suspended);
            start = at + "delivery temporarily suspended: ".len();
        }
        if let Some(at) = lower.find("refused to talk to me: ") {
            reply.wrapper.get_or_insert(Wrapper::RefusedToTalk);
            reply.stage.get_or_insert(Stage::Connect);
            reply.host = host_before(&whole, at);
            start = start.max(at + "refused to talk to me: ".len());
        }
        let broken = [
            "lost connection with ",
            "conversation with ",
            "timed out while ",
            "connection timed out",
            "connection refused",
            "no route to host",
            "network is unreachable",
            "remote host is unreachable",
        ];
        if reply.wrapper.is_none() && broken.iter().any(|words| lower.contains(words)) {
            reply.wrapper = Some(Wrapper::Broken);
        }
        if let Some((at, end)) = smtp_error(&lower) {
            reply.wrapper = Some(Wrapper::Said);
            reply.host = host_after(&whole, &lower, at).or(reply.host);
            start = start.max(end);
        }
        let end_of_own = probe(&lower, start).unwrap_or(lower.len());
        for quote in QUOTES {
            let Some(from) = lower.get(start..end_of_own) else { break };
            let Some(at) = from.find(quote) else { continue };
            let end = start + at + quote.len();
            // A quote counts when a code follows it at once.
            if leading_code(lower.as_bytes(), skip_quotes(lower.as_bytes(), end)).is_some()
                || EnhancedCode::prefix(lower.as_bytes().get(end..).unwrap_or_default()).is_some()
            {
                if reply.host.is_none() {
                    reply.host = host_before(&whole, start + at);
                }
                if matches!(reply.wrapper, None | Some(Wrapper::Broken)) {
                    reply.wrapper = Some(Wrapper::Said);
                }
                start = end;
            }
        }
        let inner = whole.get(start..).unwrap_or(&whole);
        reply.take_codes(inner, &whole);
        reply.said = reply.said.map(|at| start + at);
        reply.whole = whole;
        reply
    }

    fn take_codes(&mut self, inner: &str, whole: &str) {
        let found = find_code(inner);
        let rest = match found {
            Some((code, at)) => {
                self.code = Some(code);
                self.said = Some(at);
                inner.get(at..).unwrap_or_default()
            }
            None => inner,
        };
        self.text = words(rest, self.code);
        // Mail programs put the code behind the sentence: "User unknown (550)".
        if let Some((_, at)) = found
            && !rest.contains(|c: char| c.is_alphanumeric())
            && let Some(before) = before_code(inner, at)
        {
            self.text = before.to_owned();
            self.said = Some(0);
        }
        let lead = self.text.trim_start_matches(['(', '#', '[', '<', '-', ' ', ':', '"', '\'']);
        if let Some((code, end)) = EnhancedCode::prefix(lead.as_bytes()) {
            self.enhanced = Some(code);
            let tail = lead
                .get(end..)
                .unwrap_or_default()
                .trim_start_matches([')', ']', '>', ' ', ':', ',', '-', ';']);
            self.text = words(tail, self.code);
        } else {
            let class = self.code.map(|code| (code / 100) as u8);
            let agrees = |found: &(EnhancedCode, usize)| class.is_none_or(|class| class == found.0.class);
            self.enhanced = EnhancedCode::find(rest)
                .filter(agrees)
                .or_else(|| EnhancedCode::find(whole).filter(agrees))
                .map(|(code, _)| code);
        }
        if self.code.is_none() && self.enhanced.is_none() && self.text.is_empty() {
            self.text = inner.to_owned();
        }
    }

    /// True when the reply, as quoted, ends the delivery; `None` when nothing says so.
    pub fn permanent(&self) -> Option<bool> {
        if matches!(self.wrapper, Some(Wrapper::RefusedToTalk | Wrapper::Suspended)) {
            return Some(false);
        }
        match (self.code, self.enhanced) {
            (Some(code), _) if code >= 400 => Some(code >= 500),
            (None, Some(code)) if code.class >= 4 => Some(code.class == 5),
            (None, None) if self.wrapper == Some(Wrapper::Broken) => Some(false),
            _ => None,
        }
    }
}

/// White space to single spaces, controls dropped, cut at [`LONGEST`].
fn collapse(text: &str) -> String {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut out = String::with_capacity(end);
    for c in text.get(..end).unwrap_or_default().chars() {
        if c.is_whitespace() || c == '\u{0}' {
            if !out.ends_with(' ') && !out.is_empty() {
                out.push(' ');
            }
        } else if !c.is_control() {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn stage(lower: &str) -> Option<Stage> {
    const MARKS: &[(&str, Stage)] = &[
        ("in reply to end of data", Stage::Data),
        ("[rcpt_to]", Stage::Rcpt),
        ("[mail_from]", Stage::Mail),
        ("[body]", Stage::Data),
        ("[data]", Stage::Data),
        // Google numbers the states of its client.
        ("(state 13)", Stage::Rcpt),
        ("(state 14)", Stage::Rcpt),
        ("(state 15)", Stage::Data),
        ("(state 16)", Stage::Data),
        ("(state 17)", Stage::Data),
        ("(state 18)", Stage::Data),
        ("does not like recipient", Stage::Rcpt),
        ("my name was rejected", Stage::Hello),
        ("sender was rejected", Stage::Mail),
        ("failed on data command", Stage::Data),
        ("failed after i sent the message", Stage::Data),
        ("did not like our rcpt", Stage::Rcpt),
        ("did not like our mail", Stage::Mail),
        ("did not like our data", Stage::Data),
        ("did not like our ehlo", Stage::Hello),
        ("did not like our helo", Stage::Hello),
        ("in reply to data", Stage::Data),
        ("in reply to rcpt", Stage::Rcpt),
        ("in reply to mail", Stage::Mail),
        ("in reply to ehlo", Stage::Hello),
        ("in reply to helo", Stage::Hello),
        ("in reply to starttls", Stage::StartTls),
        ("after end of data", Stage::Data),
        ("after data", Stage::Data),
        ("after sending data", Stage::Data),
        ("after rcpt to", Stage::Rcpt),
        ("after pipelined rcpt", Stage::Rcpt),
        ("after mail from", Stage::Mail),
        ("after pipelined mail", Stage::Mail),
        ("after initial connection", Stage::Connect),
        ("after ehlo", Stage::Hello),
        ("after helo", Stage::Hello),
        ("after starttls", Stage::StartTls),
        ("while sending rcpt", Stage::Rcpt),
        ("while sending mail", Stage::Mail),
        ("while sending end of data", Stage::Data),
        ("while sending message body", Stage::Data),
        ("while receiving the initial server greeting", Stage::Connect),
        ("while performing the ehlo", Stage::Hello),
        ("while performing the helo", Stage::Hello),
        ("end of data", Stage::Data),
    ];
    MARKS.iter().find(|(words, _)| lower.contains(words)).map(|(_, stage)| *stage)
}

/// Exim's "SMTP error from remote mail server after X:": where it begins and where the reply does.
fn smtp_error(lower: &str) -> Option<(usize, usize)> {
    let at = ["smtp error from remote mail server after ", "smtp error from remote mailer after "]
        .iter()
        .find_map(|words| lower.find(words))?;
    let rest = lower.get(at..)?;
    let host = rest.find(": host ").map(|i| i + ": host ".len());
    let end = match host.and_then(|from| rest.get(from..).map(|tail| (from, tail))) {
        Some((from, tail)) => {
            from + tail.find("]: ").map(|i| i + 3).or_else(|| tail.find(": ").map(|i| i + 2))?
        }
        None => {
            rest.match_indices(": ").map(|(i, _)| i + 2).find(|&i| code_at(rest.as_bytes(), i).is_some())?
        }
    };
    Some((at, at + end))
}

/// Where a server that answers with a code of its own begins to quote what it heard when it asked for the
/// address: its code decides, and what it quotes was said to it (Postfix ADDRESS_VERIFICATION_README).
fn probe(lower: &str, start: usize) -> Option<usize> {
    let at =
        ["unverified address: ", "undeliverable address: "].iter().find_map(|words| lower.find(words))?;
    find_code(lower.get(start..at)?).map(|_| at)
}

/// The host in `host NAME[ADDR]` that ends before `at`.
fn host_before(whole: &str, at: usize) -> Option<String> {
    let before = whole.get(..at)?.trim_end();
    let last = before.rsplit(' ').find(|word| word.contains('.') || word.contains('['))?;
    clean_host(last)
}

fn host_after(whole: &str, lower: &str, at: usize) -> Option<String> {
    let from = at + lower.get(at..)?.find(": host ")? + ": host ".len();
    clean_host(whole.get(from..)?.split(' ').next()?)
}

fn clean_host(word: &str) -> Option<String> {
    let name = word.split('[').next().unwrap_or_default();
    let name = if name.is_empty() { word } else { name };
    let name =
        name.trim_matches(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '_')));
    let name = name.trim_end_matches([':', '.']);
    (name.contains('.') && name.len() <= 253 && !name.contains('@')).then(|| name.to_ascii_lowercase())
}

fn skip_quotes(text: &[u8], at: usize) -> usize {
    at + text
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take_while(|b| matches!(b, b'\'' | b'"' | b'(' | b' ' | b'<'))
        .count()
}

/// The reply code at byte `at`, when it ends there.
fn code_at(text: &[u8], at: usize) -> Option<u16> {
    let digits = text.get(at..at + 3)?;
    let fits = matches!(digits[0], b'2' | b'4' | b'5')
        && matches!(digits[1], b'0'..=b'5' | b'7')
        && digits[2].is_ascii_digit();
    if fits { number_at(text, at, digits) } else { None }
}

/// As [`code_at`], at the beginning of a reply: some servers number their refusals as they like
/// ("591"), and the first digit tells all the same (RFC 5321 section 4.2.1).
fn leading_code(text: &[u8], at: usize) -> Option<u16> {
    let digits = text.get(at..at + 3)?;
    let own = matches!(digits[0], b'4' | b'5') && digits[1..].iter().all(u8::is_ascii_digit);
    // A number that counts something is followed by its unit, a reply by a sentence.
    let words = || text.get(at + 4..).is_some_and(|rest| rest.split(|b| *b == b' ').count() >= 3);
    code_at(text, at).or_else(|| if own && words() { number_at(text, at, digits) } else { None })
}

fn number_at(text: &[u8], at: usize, digits: &[u8]) -> Option<u16> {
    let ends = match text.get(at + 3) {
        None => true,
        Some(b'.' | b',') => !text.get(at + 4).is_some_and(u8::is_ascii_digit),
        Some(b'-') => true,
        Some(b) => !b.is_ascii_alphanumeric() && !matches!(b, b'/' | b'_' | b'@'),
    };
    let code = digits.iter().fold(0, |n, b| n * 10 + u16::from(b - b'0'));
    // Of the 2xx only those RFC 5321 and RFC 4954 define: other numbers are exit statuses, sizes, times.
    (ends && (code >= 400 || matches!(code, 211 | 214 | 220 | 221 | 235 | 250..=253))).then_some(code)
}

/// The first plausible reply code in `text` and the offset of what follows it.
fn find_code(text: &str) -> Option<(u16, usize)> {
    let bytes = text.as_bytes();
    let start = skip_quotes(bytes, 0);
    if let Some(code) = leading_code(bytes, start) {
        return Some((code, start + 3));
    }
    (start + 1..bytes.len()).find_map(|at| {
        let before = *bytes.get(at - 1)?;
        // "(LDAP-ERR #220)" numbers an error, no reply of success.
        let code = code_at(bytes, at).filter(|code| *code >= 400 || before != b'#')?;
        let enhanced_follows = EnhancedCode::prefix(bytes.get(at + 4..).unwrap_or_default()).is_some();
        let introduced = match before {
            b':' | b';' | b'\'' | b'"' | b'(' | b'#' | b'>' => true,
            b' ' => {
                let word = text.get(..at - 1)?.rsplit(' ').next()?.to_ascii_lowercase();
                word.ends_with([':', ';', '#', ',', '.', ')'])
                    || matches!(
                        word.as_str(),
                        "<<<"
                            | "error"
                            | "code"
                            | "said"
                            | "status"
                            | "returned"
                            | "smtp"
                            | "reply"
                            | "response"
                            | "=>"
                            | "->"
                            | "-"
                    )
            }
            _ => false,
        };
        let bounded =
            !before.is_ascii_alphanumeric() && !matches!(before, b'.' | b'-' | b'/' | b'=' | b'@' | b'_');
        (introduced || (bounded && enhanced_follows)).then_some((code, at + 3))
    })
}

/// The sentence that the code at the end of it, three digits before `at`, belongs to.
fn before_code(inner: &str, at: usize) -> Option<&str> {
    const LABELS: &[&str] = &["error", "code", "smtp", "status", "fehler", "reply", "response", "server"];
    let mut before = inner.get(..at.checked_sub(3)?)?;
    loop {
        before = before.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '>' | '"'));
        let word = before.rsplit(' ').next().unwrap_or_default();
        if !LABELS.iter().any(|label| word.eq_ignore_ascii_case(label)) {
            break;
        }
        before = before.get(..before.len() - word.len())?;
    }
    before.contains(' ').then_some(before)
}

/// The words of a reply: continuation codes (`550-5.7.1`) dropped.
fn words(rest: &str, code: Option<u16>) -> String {
    let rest = rest.strip_prefix(['-', ' ']).unwrap_or(rest).trim_start();
    let Some(code) = code.map(|code| code.to_string()) else { return rest.to_owned() };
    let mut out = String::with_capacity(rest.len());
    let mut after_code = false;
    for (index, word) in rest.split(' ').enumerate() {
        let mut word = word;
        if let Some(tail) = word.strip_prefix(code.as_str()).filter(|t| t.is_empty() || t.starts_with('-')) {
            word = tail.trim_start_matches('-');
            after_code = true;
        }
        if after_code && index > 0 && EnhancedCode::parse(word).is_some() {
            continue;
        }
        if word.is_empty() {
            continue;
        }
        after_code = false;
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests;
