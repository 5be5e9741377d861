//! What the style sheets of a page hide without condition, by class, id and element. Rules for
//! some screens only are left out: what they hide here they show there.

use foldhash::HashSet;

use super::style;

/// Selectors whose elements are not shown.
#[derive(Debug, Default)]
pub(crate) struct HiddenBySheet {
    /// `.a`, `#a`, `p.a`, `p#a`: as written, names lower case.
    selectors: HashSet<String>,
}

/// Bytes of style sheets and rules looked at.
const MOST_BYTES: usize = 400_000;
const MOST_RULES: usize = 4000;

impl HiddenBySheet {
    /// Reads the `style` elements of an HTML source.
    pub(crate) fn of(source: &str) -> HiddenBySheet {
        let mut found = HiddenBySheet::default();
        let mut spared = HashSet::default();
        let mut left = MOST_BYTES;
        for sheet in sheets(source) {
            let end = floor(sheet, left);
            left -= end;
            let mut rules = 0;
            blocks(&without_comments(&sheet[..end]), &mut |prelude, body| {
                rules += 1;
                if rules > MOST_RULES {
                    return;
                }
                if prelude.starts_with('@') {
                    spared.extend(names(body).map(str::to_owned));
                } else {
                    found.rule(prelude, body);
                }
            });
        }
        found.selectors.retain(|selector| {
            let name = selector.split(['.', '#']).next_back().unwrap_or_default();
            !spared.contains(name)
        });
        found
    }

    fn rule(&mut self, prelude: &str, body: &str) {
        let shown = style::visibility(body);
        let hides = shown.hidden || shown.faint == Some(true);
        let shows =
            style::declarations(body).any(|(property, value)| property == "display" && value != "none");
        if !hides && !shows {
            return;
        }
        for selector in prelude.split(',').take(50).map(str::trim).filter(|s| is_simple(s)) {
            let selector = selector.to_ascii_lowercase();
            if hides {
                self.selectors.insert(selector);
            } else {
                self.selectors.remove(&selector);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.selectors.is_empty()
    }

    /// True where a rule hides an element of this name, id and these classes.
    pub(crate) fn hides(&self, name: &str, id: Option<&str>, classes: Option<&str>) -> bool {
        let known = |sign: char, word: &str| {
            let word = word.to_ascii_lowercase();
            self.selectors.contains(&format!("{sign}{word}"))
                || self.selectors.contains(&format!("{name}{sign}{word}"))
        };
        id.is_some_and(|id| known('#', id.trim()))
            || classes
                .is_some_and(|classes| classes.split_whitespace().take(20).any(|class| known('.', class)))
    }
}

/// One class or id, perhaps with an element's name before it.
fn is_simple(selector: &str) -> bool {
    let signs = selector.bytes().filter(|b| matches!(b, b'.' | b'#')).count();
    signs == 1
        && selector.len() <= 100
        && !selector.ends_with(['.', '#'])
        && selector.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'#' | b'-' | b'_'))
}

/// Contents of the `style` elements.
fn sheets(source: &str) -> impl Iterator<Item = &str> {
    let bytes = source.as_bytes();
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + memchr::memchr(b'<', bytes.get(from..)?)?;
            from = at + 1;
            if !bytes.get(at + 1..at + 6)?.eq_ignore_ascii_case(b"style") {
                continue;
            }
            let open = at + memchr::memchr(b'>', &bytes[at..])? + 1;
            let close = open + memchr::memmem::find(&bytes[open..], b"</").unwrap_or(bytes.len() - open);
            from = close;
            return source.get(open..close);
        }
    })
}

fn floor(text: &str, limit: usize) -> usize {
    let mut at = limit.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn without_comments(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

/// Each rule's prelude and body, at-rules with all that is nested in them, in one pass.
fn blocks(css: &str, take: &mut dyn FnMut(&str, &str)) {
    let bytes = css.as_bytes();
    let (mut start, mut depth, mut open) = (0, 0_u32, 0);
    for at in 0..bytes.len() {
        match bytes[at] {
            b'{' => {
                if depth == 0 {
                    open = at;
                }
                depth += 1;
            }
            b'}' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    take(css[start..open].trim(), &css[open + 1..at]);
                    start = at + 1;
                }
            }
            b'}' => start = at + 1,
            // `@import url(a);`
            b';' if depth == 0 => start = at + 1,
            _ => {}
        }
    }
}

/// Class and id names in the preludes of a block of rules.
fn names(body: &str) -> impl Iterator<Item = &str> {
    body.split('}').filter_map(|rule| rule.split_once('{')).flat_map(|(prelude, _)| {
        prelude
            .split(['.', '#', ' ', ',', '>', '+', '~', ':', '[', '\n', '\r', '\t'])
            .map(str::trim)
            .filter(|name| !name.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_hide_by_class_and_id() {
        let sheet = HiddenBySheet::of(
            "<style>.a{display:none} p.b, #c { font-size:0 }/*.d{display:none}*/ .e .f{display:none}\
             @media (max-width:600px){ .g{display:none} .h{display:block} } .h{display:none} .i{display:none} .i{display:block}\
             </style><STYLE type=x>.j{position:absolute;left:-9999px}",
        );
        let class = |name: &str| sheet.hides("div", None, Some(name));
        assert!(
            class("x a")
                && class("j")
                && sheet.hides("p", None, Some("b"))
                && sheet.hides("p", Some("c"), None)
        );
        for shown in ["b", "d", "e", "f", "g", "h", "i", ""] {
            assert!(!class(shown), "{shown}");
        }
        assert!(
            HiddenBySheet::of("<style").is_empty() && HiddenBySheet::of("<style>.é{display:none").is_empty()
        );
    }
}
