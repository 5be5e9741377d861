//! rspamd's `dkim_signing.conf` and `arc.conf`: which private key signs for which
//! domain. The part of UCL that these files use: sections in braces, `key = value;`,
//! quotes, lists in brackets, comments. Macros and includes are passed over.

use crate::parse::dkim::key_table::KeyTableEntry;

/// Sections within each other; the files have three.
const DEEPEST: usize = 16;
/// Keys of one file; a hoster may sign for many thousands of domains.
const MOST_KEYS: usize = 200_000;

/// What cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct SigningConfError {
    /// From 1.
    pub line: u32,
    /// What is wrong there.
    pub what: &'static str,
}

/// True where the text is of this form and not a table of lines.
pub fn is_ucl(text: &str) -> bool {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .take(50)
        .any(|line| line.ends_with('{') || line.ends_with(';') && line.contains('='))
}

/// Reads the keys it names. `$domain` and `$selector` in paths are put in where
/// they are known; the general `path` and `selector` stand for all domains without their own.
///
/// # Errors
/// The first line that is no UCL.
pub fn parse(text: &str) -> Result<Vec<KeyTableEntry>, SigningConfError> {
    let mut reader = Reader { text, at: 0, line: 1, depth: 0 };
    let mut entries = Vec::new();
    let mut general = Key::default();
    reader.section(&mut Vec::new(), &mut general, &mut entries)?;
    for entry in &mut entries {
        fill(entry, &general);
    }
    entries.retain(|entry| !entry.path.is_empty());
    Ok(entries)
}

/// `path` and `selector` of one section.
#[derive(Clone, Debug, Default)]
struct Key {
    line: u32,
    path: Option<String>,
    selector: Option<String>,
}

fn fill(entry: &mut KeyTableEntry, general: &Key) {
    if entry.selector.is_none() {
        entry.selector.clone_from(&general.selector);
    }
    if entry.path.is_empty() {
        entry.path = general.path.clone().unwrap_or_default();
    }
    entry.path = entry.path.replace("$domain", &entry.domain);
    if let Some(selector) = &entry.selector {
        entry.path = entry.path.replace("$selector", selector);
    }
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Open,
    Close,
    /// `[`, `]` and commas stand in lists.
    ListOpen,
    ListClose,
    Assign,
    End,
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    /// Braces open; those without a name are no part of the path.
    depth: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn bump(&mut self, length: usize) {
        let eaten = self.rest().get(..length).unwrap_or_default();
        let lines = eaten.bytes().filter(|byte| *byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at += length;
    }

    fn token(&mut self) -> Option<Token> {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().len();
            self.bump(blank);
            let rest = self.rest();
            let first = rest.chars().next()?;
            if first == '#' {
                let length = rest.find('\n').unwrap_or(rest.len());
                self.bump(length);
                continue;
            }
            if rest.starts_with("/*") {
                let length = rest.find("*/").map_or(rest.len(), |end| end + 2);
                self.bump(length);
                continue;
            }
            let single = match first {
                '{' => Some(Token::Open),
                '}' => Some(Token::Close),
                '[' => Some(Token::ListOpen),
                ']' => Some(Token::ListClose),
                '=' | ':' => Some(Token::Assign),
                ';' | ',' => Some(Token::End),
                _ => None,
            };
            if let Some(token) = single {
                self.bump(first.len_utf8());
                return Some(token);
            }
            if matches!(first, '"' | '\'') {
                let inner = rest.get(1..).unwrap_or_default();
                let length = inner.find(first).unwrap_or(inner.len());
                let word = inner.get(..length).unwrap_or_default().to_owned();
                self.bump((length + 2).min(rest.len()));
                return Some(Token::Word(word));
            }
            let stops =
                |c: char| c.is_whitespace() || matches!(c, '{' | '}' | '[' | ']' | ';' | ',' | '=' | '"');
            let length = rest.find(stops).unwrap_or(rest.len()).max(first.len_utf8());
            let word = rest.get(..length).unwrap_or_default().trim_end_matches(':').to_owned();
            self.bump(length);
            return Some(Token::Word(word));
        }
    }

    fn wrong(&self, what: &'static str) -> SigningConfError {
        SigningConfError { line: self.line, what }
    }

    /// Reads up to the closing brace. `path` names the sections around it.
    fn section(
        &mut self,
        path: &mut Vec<String>,
        here: &mut Key,
        entries: &mut Vec<KeyTableEntry>,
    ) -> Result<(), SigningConfError> {
        if self.depth > DEEPEST {
            return Err(self.wrong("sections nested too deep"));
        }
        // The words before a brace or a value: a key, perhaps with a name.
        let mut words: Vec<String> = Vec::new();
        let mut assigned = false;
        while let Some(token) = self.token() {
            match token {
                Token::Word(word) if assigned => {
                    self.value(words.last().map(String::as_str).unwrap_or_default(), word, here);
                    words.clear();
                    assigned = false;
                }
                Token::Word(word) => {
                    // `key value;` is written as well as `key = value;`.
                    if words.len() == 1 && matches!(words[0].as_str(), "path" | "selector") {
                        self.value(&words.remove(0), word, here);
                    } else {
                        words.push(word);
                    }
                }
                Token::Assign => assigned = !words.is_empty(),
                Token::Open => {
                    let depth = path.len();
                    path.append(&mut words);
                    assigned = false;
                    let mut inner = Key { line: self.line, ..Key::default() };
                    self.depth += 1;
                    self.section(path, &mut inner, entries)?;
                    self.depth -= 1;
                    self.keep(path, inner, here, entries)?;
                    path.truncate(depth);
                }
                Token::Close => {
                    return if self.depth == 0 { Err(self.wrong("} without its {")) } else { Ok(()) };
                }
                Token::ListOpen | Token::ListClose | Token::End => {
                    words.clear();
                    assigned = false;
                }
            }
        }
        if self.depth == 0 { Ok(()) } else { Err(self.wrong("a section without its }")) }
    }

    fn value(&self, key: &str, value: String, here: &mut Key) {
        match key {
            "path" => {
                here.path = Some(value);
                here.line = self.line;
            }
            "selector" => here.selector = Some(value),
            _ => {}
        }
    }

    /// A section with a key: `domain { NAME { ... } }`, or one of the `selectors`
    /// of a domain; in any other it is the general one.
    fn keep(
        &self,
        path: &[String],
        key: Key,
        around: &mut Key,
        entries: &mut Vec<KeyTableEntry>,
    ) -> Result<(), SigningConfError> {
        if key.path.is_none() && key.selector.is_none() {
            return Ok(());
        }
        let at = path.iter().position(|word| word == "domain");
        let Some(domain) = at.and_then(|at| path.get(at + 1)) else {
            // dkim_signing { ... } around everything.
            around.path = key.path.or(around.path.take());
            around.selector = key.selector.or(around.selector.take());
            return Ok(());
        };
        if entries.len() >= MOST_KEYS {
            return Err(self.wrong("more keys than can be read"));
        }
        entries.push(KeyTableEntry {
            line: key.line,
            domain: domain.clone(),
            selector: key.selector,
            path: key.path.unwrap_or_default(),
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String, String)> {
        let entries = parse(text).unwrap();
        entries.into_iter().map(|e| (e.domain, e.selector.unwrap_or_default(), e.path)).collect()
    }

    fn key(domain: &str, selector: &str, path: &str) -> (String, String, String) {
        (domain.to_owned(), selector.to_owned(), path.to_owned())
    }

    #[test]
    fn sections_of_domains_are_read() {
        let text = "# keys\nallow_username_mismatch = true;\nselector = \"dkim\";\n\
            path = \"/var/lib/rspamd/dkim/$domain.$selector.key\";\nsign_networks = [\"192.0.2.0/24\", \"::1\"];\n\
            domain {\n  example.com {\n    path = /keys/com.key; selector = \"s1\";\n  }\n  example.net { }\n  \
            example.org {\n    selectors [\n      { path: \"/keys/a.key\"; selector: \"a\"; },\n      \
            { path = \"/keys/b.key\"; selector = b }\n    ]\n  }\n  \"example.edu\" { selector = \"s2\" }\n}\n";
        assert!(is_ucl(text));
        assert_eq!(
            read(text),
            [
                key("example.com", "s1", "/keys/com.key"),
                key("example.org", "a", "/keys/a.key"),
                key("example.org", "b", "/keys/b.key"),
                key("example.edu", "s2", "/var/lib/rspamd/dkim/example.edu.s2.key"),
            ]
        );
    }

    #[test]
    fn one_section_around_all_and_flat_domains() {
        let text = "dkim_signing {\n  /* all */ path = \"/k/$domain.key\";\n  selector mail;\n  domain example.com \
                    { selector = x; }\n}\n";
        assert_eq!(read(text), [key("example.com", "x", "/k/example.com.key")]);
    }

    #[test]
    fn broken_files_name_the_line() {
        assert_eq!(parse("a {\n b {\n").unwrap_err().line, 3);
        assert_eq!(parse("a = 1;\n}\n").unwrap_err().line, 2);
        assert!(parse(&"a {".repeat(100_000)).is_err() && parse(&"{".repeat(100_000)).is_err());
        assert!(!is_ucl("example.com /var/lib/dkim/example.com.key\n"));
        assert!(parse("\"äö").is_ok());
    }
}
