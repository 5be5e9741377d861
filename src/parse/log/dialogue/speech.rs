//! What a line of a dialogue is: a reply, a command, or neither, whatever the
//! marks around it.

use memchr::memmem;

use super::super::event::{Millis, NO_TIME};
use super::super::stamp;

/// `(is a reply, payload)` of a line, after any prefix.
pub(super) fn payload(rest: &[u8]) -> Option<(bool, &[u8])> {
    let direct = rest.trim_ascii();
    if let Some(is_reply) = speech(direct) {
        return Some((is_reply, direct));
    }
    const MARKS: [&[u8]; 17] = [
        b"R:",
        b"S:",
        b"C:",
        b"RCV:",
        b"SNT:",
        b"RECV:",
        b"RECEIVED:",
        b"SEND:",
        b"SENT:",
        b">>>",
        b"<<<",
        b"->",
        b"<-",
        b"RCV ",
        b"SNT ",
        b"R ",
        b"S ",
    ];
    let mut best: Option<(usize, bool, &[u8])> = None;
    for mark in MARKS {
        let mut from = 0;
        while let Some(found) = memmem::find(&rest[from..], mark) {
            let at = from + found;
            from = at + mark.len();
            if at > 0 && rest[at - 1].is_ascii_alphanumeric() {
                continue;
            }
            // What else there is of an arrow: `-->`, `<--`, `>>>>`.
            let marks = rest[from..].iter().take_while(|b| b"-<>: \t".contains(b)).count();
            let said = rest[from + marks..].trim_ascii();
            if let Some(is_reply) = speech(said)
                && best.is_none_or(|(earlier, ..)| at < earlier)
            {
                best = Some((at, is_reply, said));
            }
            break;
        }
    }
    best.map(|(_, is_reply, said)| (is_reply, said))
}

/// Whether text is a reply (`true`), a command (`false`) or neither.
pub(super) fn speech(text: &[u8]) -> Option<bool> {
    if let [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9', rest @ ..] = text
        && matches!(rest.first(), None | Some(b' ' | b'-'))
    {
        return Some(true);
    }
    const COMMANDS: [&str; 13] = [
        "EHLO ",
        "HELO ",
        "MAIL FROM:",
        "RCPT TO:",
        "DATA",
        "BDAT ",
        "QUIT",
        "RSET",
        "AUTH ",
        "STARTTLS",
        "NOOP",
        "VRFY ",
        "XCLIENT ",
    ];
    let starts =
        |word: &str| text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()));
    let found = COMMANDS.iter().find(|word| starts(word))?;
    // `DATA` and friends stand alone, else they are prose.
    (found.ends_with([' ', ':']) || text.len() == found.len())
        .then_some(false)
        .or((text == b".").then_some(false))
}

/// Whether a line belongs to such a dialogue: for detection.
pub(crate) fn looks_like(line: &[u8]) -> bool {
    if line.starts_with(b"#Fields:") {
        return memmem::find(line, b"session-id").is_some()
            && memmem::find(line, b"remote-endpoint").is_some();
    }
    let (_, rest) = prefix(line);
    match payload(rest) {
        Some((false, said)) => said.len() > 4 && (said[4] == b' ' || said.eq_ignore_ascii_case(b"QUIT")),
        Some((true, said)) => rest.trim_ascii() != said || memmem::find(said, b"queued as").is_some(),
        None => false,
    }
}

/// A stamp and a word or two before the dialogue.
pub(super) fn prefix(line: &[u8]) -> (Millis, &[u8]) {
    let text = line.trim_ascii_start();
    for skip in [0, 1] {
        let text = text.get(skip..).unwrap_or_default();
        if let Some((at, len)) = stamp::iso(text) {
            return (at, &text[len..]);
        }
    }
    // Db2 for i: `2024-03-03-10.15.02.000000`.
    if text.len() >= 19 && text[10] == b'-' && text[13] == b'.' {
        let mut iso = text[..19].to_vec();
        (iso[10], iso[13], iso[16]) = (b'T', b':', b':');
        if let Some((at, _)) = stamp::iso(&iso) {
            let len = text.iter().position(|b| *b == b' ').unwrap_or(text.len());
            return (at, &text[len..]);
        }
    }
    (NO_TIME, line)
}

pub(super) fn find_no_case(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle))
}

/// What stands between `<` and `>`, or after the colon up to a blank.
pub(super) fn angle(text: &[u8]) -> &[u8] {
    if let Some(open) = memchr::memchr(b'<', text) {
        let close = memchr::memchr(b'>', &text[open..]).map_or(text.len(), |close| open + close);
        return &text[open + 1..close];
    }
    let after = memchr::memchr(b':', text).map_or(&b""[..], |colon| text[colon + 1..].trim_ascii());
    &after[..after.iter().position(|b| *b == b' ').unwrap_or(after.len())]
}
