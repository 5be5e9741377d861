//! Enhanced mail system status codes (RFC 3463): `5.7.1`.

use std::fmt;

use serde::{Serialize, Serializer};

/// `class.subject.detail`; class is 2, 4 or 5, the others 0 to 999 (RFC 3463 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnhancedCode {
    /// 2 success, 4 persistent transient failure, 5 permanent failure.
    pub class: u8,
    /// The part of the system it is about: 1 addressing, 2 mailbox, 7 security or policy.
    pub subject: u16,
    /// The exact condition, by class and subject in the registry of RFC 5248.
    pub detail: u16,
}

impl EnhancedCode {
    /// The code `class.subject.detail`; that the numbers are in range is the caller's word.
    pub const fn new(class: u8, subject: u16, detail: u16) -> EnhancedCode {
        EnhancedCode { class, subject, detail }
    }

    /// The code at the very start of `text`, and how many bytes it takes.
    /// Nothing where the digits go on, as in the address `5.1.1.9`.
    pub fn prefix(text: &[u8]) -> Option<(EnhancedCode, usize)> {
        let class = match text.first()? {
            b'2' => 2,
            b'4' => 4,
            b'5' => 5,
            _ => return None,
        };
        let (subject, after_subject) = number(text, 1)?;
        let (detail, end) = number(text, after_subject)?;
        let goes_on = match text.get(end) {
            Some(b) if b.is_ascii_alphanumeric() => true,
            Some(b'.') => text.get(end + 1).is_some_and(u8::is_ascii_digit),
            _ => false,
        };
        (!goes_on).then_some((EnhancedCode { class, subject, detail }, end))
    }

    /// The first code anywhere in `text`, at a word boundary.
    pub fn find(text: &str) -> Option<(EnhancedCode, usize)> {
        let bytes = text.as_bytes();
        (0..bytes.len()).find_map(|at| {
            let boundary = match at.checked_sub(1).and_then(|before| bytes.get(before)) {
                Some(b) => !b.is_ascii_alphanumeric() && !matches!(b, b'.' | b'-' | b'/' | b'_'),
                None => true,
            };
            if !boundary {
                return None;
            }
            EnhancedCode::prefix(bytes.get(at..)?).map(|(code, _)| (code, at))
        })
    }

    /// The code that is the entire text, spaces aside.
    pub fn parse(text: &str) -> Option<EnhancedCode> {
        let text = text.trim();
        EnhancedCode::prefix(text.as_bytes()).and_then(|(code, end)| (end == text.len()).then_some(code))
    }
}

/// `.` and one to three digits from `at`; the value and where it ends.
fn number(text: &[u8], at: usize) -> Option<(u16, usize)> {
    if text.get(at) != Some(&b'.') {
        return None;
    }
    let digits = text.get(at + 1..)?.iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    if !(1..=3).contains(&digits) {
        return None;
    }
    let value = text.get(at + 1..at + 1 + digits)?.iter().fold(0, |n, b| n * 10 + u16::from(b - b'0'));
    Some((value, at + 1 + digits))
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl Serialize for EnhancedCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_code_from_an_address() {
        assert_eq!(EnhancedCode::parse("5.7.26"), Some(EnhancedCode::new(5, 7, 26)));
        assert_eq!(EnhancedCode::parse("5.7.1.9"), None);
        assert_eq!(
            EnhancedCode::find("host 5.7.1.9 said 550 #5.1.1"),
            Some((EnhancedCode::new(5, 1, 1), 23))
        );
        assert_eq!(EnhancedCode::find("at 15.7.1 or x5.7.1 or 5.7.1234"), None);
        assert_eq!(EnhancedCode::find("Refused. 4.7.0."), Some((EnhancedCode::new(4, 7, 0), 9)));
    }
}
