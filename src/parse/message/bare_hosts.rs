//! Hosts that a text names without a scheme: `example.com/login`. Mail programs turn them into
//! links, and readers type them off. A full stop without a blank behind it, a file name, a version
//! or an abbreviation is none.

use std::ops::Range;

use crate::parse::web::psl::is_icann_suffix;

/// Top-level domains that are also file endings of everyday work: only a path behind makes a host.
const ENDINGS: [&str; 24] = [
    "ai", "am", "app", "bz", "cc", "cf", "com", "do", "in", "java", "la", "md", "ml", "mm", "mov", "pl",
    "pm", "ps", "py", "rs", "sh", "so", "st", "zip",
];
/// Those whose files are sent by mail every day: what stands behind a slash is a member of theirs.
const PACKED: [&str; 2] = ["mov", "zip"];
/// Top-level domains of two letters that are words of a language: a sentence whose blank is missing.
#[rustfmt::skip]
const WORDS: [&str; 48] = [
    "ac", "ad", "al", "am", "as", "at", "au", "ba", "be", "bi", "ci", "co", "da", "de", "do", "es", "et", "fi", "ga", "hm", "id", "il", "im",
    "in", "is", "it", "la", "li", "lu", "ma", "me", "mo", "mu", "my", "na", "ne", "ni", "no", "pa", "re", "sa", "se", "si", "so", "su", "to",
    "tu", "us",
];
/// Names of more than two letters that nobody writes behind a full stop.
const PLAIN: [&str; 6] = ["com", "net", "org", "info", "biz", "edu"];
/// The longest host, RFC 1035 section 2.3.4.
const LONGEST: usize = 253;

/// The host around this dot, where it reads as one, and whether a path, query or port follows.
/// `free` is where the text is not yet taken.
pub(super) fn around(text: &str, dot: usize, free: usize) -> Option<(Range<usize>, bool)> {
    let bytes = text.as_bytes();
    // Nearly every dot ends a sentence.
    let joins = |at: Option<&u8>| at.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 128);
    if !joins(bytes.get(dot + 1)) || !joins(dot.checked_sub(1).and_then(|at| bytes.get(at))) {
        return None;
    }
    let start = start_of(text, dot, free)?;
    let end = end_of(text, dot);
    let host = text.get(start..end)?;
    let rest = text.get(end..)?;
    let goes_on = has_path(rest);
    (begins_well(text.get(..start)?) && ends_well(rest) && is_host(host, goes_on))
        .then_some((start..end, goes_on))
}

/// Where the run of letters, digits and dots around a dot ends.
pub(super) fn past(text: &str, dot: usize) -> usize {
    dot + run_from(text, dot).len()
}

/// Letters and digits of names, those of Latin, Greek and Cyrillic among them; writing without
/// blanks is a border.
fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '-' | '.')
        || (matches!(c, '\u{c0}'..='\u{58f}' | '\u{1e00}'..='\u{1fff}') && c.is_alphanumeric())
}

fn start_of(text: &str, dot: usize, free: usize) -> Option<usize> {
    let head = text.get(free..dot)?;
    let mut start = dot;
    for (at, c) in head.char_indices().rev() {
        if !is_of_name(c) {
            break;
        }
        if dot - (free + at) > LONGEST {
            return None;
        }
        start = free + at;
    }
    (start < dot).then_some(start)
}

fn end_of(text: &str, dot: usize) -> usize {
    // The full stop of the sentence, and a dash before the next word, are none of the name.
    dot + run_from(text, dot).trim_end_matches(['.', '-']).len()
}

fn run_from(text: &str, dot: usize) -> &str {
    let rest = text.get(dot..).unwrap_or_default();
    let run = rest.chars().take(LONGEST).take_while(|c| is_of_name(*c)).map(char::len_utf8).sum();
    rest.get(..run).unwrap_or_default()
}

/// Nothing before it makes it a piece of something else: an address, a path, a variable.
fn begins_well(head: &str) -> bool {
    let Some(last) = head.chars().next_back() else { return true };
    !(last.is_ascii_alphanumeric()
        || matches!(
            last,
            '@' | '/' | '\\' | '=' | '_' | '#' | '$' | '%' | '&' | '+' | '~' | '.' | '-' | '?' | '{' | '`'
        )
        || (last == ':' && head.ends_with("::")))
}

/// Nothing behind it does: `os.path.join(`, `first.last@`, `a.b_c`.
fn ends_well(rest: &str) -> bool {
    let goes_on = ["::", "->", ":@"].iter().any(|sign| rest.starts_with(sign));
    // A number behind a colon is a line of a file, unless a path makes it a port.
    let counted = rest.strip_prefix(':').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if counted && !has_path(rest) {
        return false;
    }
    !goes_on && !rest.starts_with(['@', '(', '_', '=', '\\', '$', '&', '%', '+', '~', '[', '{', '}', '`'])
}

/// A path, a query or a port follows, which no sentence has.
fn has_path(rest: &str) -> bool {
    let mut signs = rest.chars();
    let (first, second) = (signs.next(), signs.next());
    match first {
        Some('/') => {
            let segment = rest.get(1..).unwrap_or_default();
            let end = segment.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(segment.len());
            // `main.rs/lib.rs` are files; `page.php?` and `index.html` are pages.
            let named = segment.get(..end).unwrap_or_default();
            let file = named.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending));
            !file && second != Some('/')
        }
        Some('?') => second.is_some_and(char::is_alphanumeric) && rest.contains('='),
        // A compiler names its files so, with the line behind: `build.inc:127: error`.
        Some(':') => {
            let port = rest.trim_start_matches(':').trim_start_matches(|c: char| c.is_ascii_digit());
            second.is_some_and(|c| c.is_ascii_digit()) && port.starts_with('/')
        }
        _ => false,
    }
}

fn is_host(host: &str, has_path: bool) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    let sound = |label: &&str| {
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
    };
    if labels.len() < 2 || !labels.iter().all(sound) {
        return false;
    }
    let Some((written, names)) = labels.split_last() else { return false };
    let top = written.to_ascii_lowercase();
    if !top.bytes().all(|byte| byte.is_ascii_alphabetic()) || !is_icann_suffix(&top) {
        return false;
    }
    let below = names.last().copied().unwrap_or_default();
    if !below.contains(char::is_alphabetic) {
        return false;
    }
    if has_path {
        return !PACKED.contains(&top.as_str());
    }
    if names.iter().any(|name| name.chars().count() < 2) {
        return false;
    }
    // A firm writes its name so (`Booking.com`), and a new sentence begins with a capital; a name that was put
    // together is neither (`Secure-Login.com`, `PAYPA1.COM`).
    if host.contains(char::is_uppercase) {
        let joined = below.contains('-') || below.bytes().any(|byte| byte.is_ascii_digit());
        let shouted = !host.contains(char::is_lowercase);
        return joined
            && below.chars().count() >= 5
            && (*written == top || shouted)
            && (PLAIN.contains(&top.as_str())
                || (top.len() == 2 && !ENDINGS.contains(&top.as_str()) && !WORDS.contains(&top.as_str())));
    }
    let built = below.contains('-')
        || below.bytes().any(|byte| byte.is_ascii_digit())
        || names.iter().filter(|name| **name != "www").count() >= 2;
    // `firma.com` is a host, though a program of 1985 ended so.
    if top != "com" && ENDINGS.contains(&top.as_str()) {
        return built && (top.len() == 2 || top == "app") && names.len() >= 2;
    }
    let plain = PLAIN.contains(&top.as_str()) || (top.len() == 2 && !WORDS.contains(&top.as_str()));
    // Two letters before `.ltd` or `.kg` are a form of firm.
    below.chars().count() >= 3 && (built || plain || top == "de" || (top == "it" && names.len() >= 2))
}
