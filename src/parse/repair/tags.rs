//! `tag=value; tag=value` as people write it: wrong separators, `:` for `=`,
//! capitals, near misses of tag names, tags in any order.

use crate::model::untrusted::{Width, plain};
use crate::parse::text::edits::distance;

/// One tag, its name as the standard writes it where that can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub name: String,
    pub value: String,
}

/// A text taken apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Read {
    pub tags: Vec<Tag>,
    pub repairs: Vec<String>,
    pub unread: Vec<String>,
}

/// What a record type's reader knows.
pub(crate) struct Grammar {
    /// Tag names, lower case.
    pub names: &'static [&'static str],
    /// The value of `v`, such as `DMARC1`.
    pub version: &'static str,
}

impl Read {
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.repairs.contains(&text) {
            self.repairs.push(text);
        }
    }

    /// Every value of a tag, in order.
    pub(crate) fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        self.tags.iter().filter(move |tag| tag.name == name).map(|tag| tag.value.as_str())
    }
}

impl Grammar {
    /// Takes the text apart; `None` where nothing in it is a tag of this record type.
    pub(crate) fn read(&self, text: &str) -> Option<Read> {
        let mut read = Read::default();
        let text = self.with_version(text, &mut read);
        for piece in text.split([';', '|']) {
            self.piece(piece, &mut read);
        }
        // A slip in the version itself; another version belongs to something else.
        if let Some(first) = read.tags.first_mut().filter(|tag| tag.name == "v" && tag.value != self.version)
        {
            let written = first.value.to_ascii_lowercase();
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            let same_number = digits(&written).is_empty() || digits(&written) == digits(self.version);
            if same_number && distance(&written, &self.version.to_ascii_lowercase()) <= 2 {
                let shown = plain(&first.value, Width::Word);
                self.version.clone_into(&mut first.value);
                read.note(format!("v={} for {shown:?}", self.version));
            }
        }
        let foreign = read.tags.iter().any(|tag| tag.name == "v" && tag.value != self.version);
        (!read.tags.is_empty() && !foreign).then_some(read)
    }

    /// The text from its version on, the version cut out and noted as the first tag.
    fn with_version(&self, text: &str, read: &mut Read) -> String {
        let Some((start, end)) = self.version_at(text) else { return text.to_owned() };
        let written = text[start..end].trim();
        if written != format!("v={}", self.version) {
            read.note(format!("{:?} for v={}", plain(written, Width::Word), self.version));
        }
        let (before, after) = (text[..start].trim(), &text[end..]);
        if !before.is_empty() {
            read.note(format!("v={} stands first", self.version));
        }
        let after = after.trim_start();
        if !after.is_empty() && !after.starts_with(';') {
            read.note("a semicolon after the version");
        }
        read.tags.push(Tag { name: "v".to_owned(), value: self.version.to_owned() });
        let rest = after.trim_start_matches([';', ',', ':', '.']);
        if before.is_empty() || !before.contains(['=', ':']) {
            rest.to_owned()
        } else {
            format!("{before};{rest}")
        }
    }

    /// Where the version stands, or something a slip away from it.
    fn version_at(&self, text: &str) -> Option<(usize, usize)> {
        let lower = text.to_ascii_lowercase();
        let wanted = self.version.to_ascii_lowercase();
        let stem = wanted.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('v');
        let mut from = 0;
        while let Some(found) = lower.get(from..).and_then(|rest| rest.find(stem)) {
            let word = from + found;
            let head = lower[..word].trim_end_matches([' ', '=', ':', '-', '"', '\'']);
            let start = match head.strip_suffix('v') {
                Some(before) if before.chars().next_back().is_none_or(|c| !c.is_ascii_alphanumeric()) => {
                    before.len()
                }
                _ if head.is_empty() || head.ends_with([';', ',']) => word,
                _ => {
                    from = word + stem.len();
                    continue;
                }
            };
            let tail = &lower[word + stem.len()..];
            let version: usize =
                tail.bytes().take_while(|b| matches!(b, b'v' | b'.' | b'-' | b'0'..=b'9')).count();
            let spaced = tail.len() - tail.trim_start().len();
            let digit = tail[spaced..].starts_with('1') && version == 0 && spaced < 2;
            let end = word + stem.len() + if digit { spaced + 1 } else { version };
            // `DMARC2` would be another version, not a slip.
            let number: String = lower[word + stem.len()..end].chars().filter(char::is_ascii_digit).collect();
            if matches!(number.as_str(), "" | "1" | "10" | "01") {
                return Some((start, end));
            }
            return None;
        }
        None
    }

    /// One piece between semicolons: a tag, or several without separators.
    fn piece(&self, piece: &str, read: &mut Read) {
        let mut starts: Vec<usize> = vec![0];
        let bytes = piece.as_bytes();
        for at in 1..bytes.len() {
            if matches!(bytes[at - 1], b' ' | b',') && self.tag_starts(&piece[at..]) {
                starts.push(at);
            }
        }
        if starts.len() > 1 && !piece[..starts[1]].trim_matches([' ', ',']).is_empty() {
            read.note("a semicolon between tags");
        }
        for (index, start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(piece.len());
            self.tag(piece[*start..end].trim_matches([' ', ',']), read);
        }
    }

    fn tag_starts(&self, text: &str) -> bool {
        let name: String = text.chars().take_while(char::is_ascii_alphabetic).collect();
        let after = text[name.len()..].trim_start();
        let known = self.names.contains(&name.to_ascii_lowercase().as_str());
        known && after.starts_with(['=', ':']) && !after[1..].starts_with("//")
    }

    fn tag(&self, text: &str, read: &mut Read) {
        if text.is_empty() {
            return;
        }
        let name_length = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let (word, rest) = text.split_at(name_length);
        let after = rest.trim_start();
        let (separator, value) = match after.chars().next() {
            Some(c @ ('=' | ':')) => (Some(c), after[1..].trim_start_matches(['=', ' '])),
            _ => (None, after),
        };
        let Some(name) = self.name_of(word) else {
            return match separator {
                // Receivers ignore a tag they do not know, so it stays.
                Some('=') if !word.is_empty() => {
                    read.tags.push(Tag { name: word.to_owned(), value: value.to_owned() })
                }
                _ => self.loose(text, read),
            };
        };
        if separator.is_none() && (value.is_empty() || !rest.starts_with(' ')) {
            return self.loose(text, read);
        }
        if name != word {
            read.note(format!("{:?} for {name}=", plain(word, Width::Word)));
        } else if separator != Some('=') {
            read.note(format!("an equals sign after {name}"));
        }
        if name == "v" && read.tags.iter().any(|tag| tag.name == "v") {
            read.note("a second version");
            return;
        }
        read.tags.push(Tag { name: name.to_owned(), value: value.trim().to_owned() });
    }

    /// Text that is no tag: it may go on with the tag before.
    fn loose(&self, text: &str, read: &mut Read) {
        let is_address = text.contains('@') || text.to_ascii_lowercase().starts_with("https://");
        match read.tags.iter_mut().rev().find(|tag| matches!(tag.name.as_str(), "rua" | "ruf")) {
            Some(tag) if is_address => {
                tag.value = format!("{},{text}", tag.value);
                read.note("a comma between addresses");
            }
            _ => read.unread.push(text.to_owned()),
        }
    }

    /// The tag a word means: itself in any case, or one slip away where only one is.
    fn name_of(&self, word: &str) -> Option<&'static str> {
        let lower = word.to_ascii_lowercase();
        if let Some(name) = self.names.iter().find(|name| **name == lower) {
            return Some(name);
        }
        if lower == "policy" && self.names.contains(&"p") {
            return Some("p");
        }
        if lower.len() < 3 {
            return None;
        }
        let near: Vec<&&str> =
            self.names.iter().filter(|name| name.len() > 2 && distance(&lower, name) == 1).collect();
        match near.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// The report addresses of `rua` and `ruf`, each as `mailto:` or `https:` URI. What
/// holds no address is unread; a size limit after `!` goes (RFC 9990).
pub(crate) fn addresses(value: &str, allow_https: bool, read: &mut Read) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let parts =
        value.split([',', ' ', ';', '|']).map(|part| part.trim_matches(['<', '>', '"', '\'', '(', ')']));
    let mut prefix = String::new();
    for part in parts.filter(|part| !part.is_empty()) {
        let part = &format!("{}{part}", std::mem::take(&mut prefix));
        let lower = part.to_ascii_lowercase();
        if lower.trim_start_matches('_').starts_with("mailto") && !part.contains('@') {
            prefix.clone_from(part);
            continue;
        }
        if lower.starts_with("https://") {
            match allow_https {
                true => found.push(part.clone()),
                false => read.note(format!(
                    "{:?}: receivers send to mailto: addresses only",
                    plain(part, Width::Name)
                )),
            }
            continue;
        }
        match address(part) {
            Some(uri) => {
                if uri != *part {
                    read.note(format!("{:?} for {uri}", plain(part, Width::Name)));
                }
                if !found.contains(&uri) {
                    found.push(uri);
                }
            }
            None => read.unread.push(part.clone()),
        }
    }
    if !prefix.is_empty() {
        read.unread.push(prefix);
    }
    found
}

/// `mailto:local@domain` out of one part, without a size limit.
fn address(part: &str) -> Option<String> {
    let body = match part.rsplit_once('!') {
        Some((body, size)) if size.len() <= 12 && size.bytes().all(|b| b.is_ascii_alphanumeric()) => body,
        _ => part,
    };
    let (local, domain) = body.rsplit_once('@')?;
    let scheme_end = local.rfind(['/', ':', '=']).map_or(0, |at| at + 1);
    let (scheme, local) = local.split_at(scheme_end);
    let scheme: String = scheme.chars().filter(char::is_ascii_alphabetic).collect();
    let near = scheme.is_empty() || distance(&scheme.to_ascii_lowercase(), "mailto") <= 2;
    let domain = domain.split(['?', '>']).next().unwrap_or_default().trim_end_matches(['.', ',', ';', '>']);
    let is_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let named = domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty()
                && label.len() < 64
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        });
    (near && named && !local.is_empty() && local.len() <= 64 && local.chars().all(is_atom))
        .then(|| format!("mailto:{local}@{domain}"))
}
