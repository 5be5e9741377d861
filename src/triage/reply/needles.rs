//! Literals a regular expression cannot match without, so that a text is
//! searched once for all of them instead of once per expression.

/// A set of lower-case literals of which every match holds at least one; `None`
/// where the expression promises none of two bytes or more.
pub(super) fn needles(expression: &str) -> Option<Vec<String>> {
    let chars: Vec<char> = expression.chars().collect();
    let mut at = 0;
    let found = alternation(&chars, &mut at, 0)?;
    found.iter().all(|literal| literal.len() >= 2).then_some(found)
}

/// Nesting deeper than any expression of the catalogue.
const DEEPEST: usize = 16;

fn alternation(chars: &[char], at: &mut usize, depth: usize) -> Option<Vec<String>> {
    let mut all = Some(Vec::new());
    loop {
        let branch = sequence(chars, at, depth);
        all = match (all, branch) {
            (Some(mut all), Some(branch)) => {
                all.extend(branch);
                Some(all)
            }
            _ => None,
        };
        if chars.get(*at) == Some(&'|') {
            *at += 1;
        } else {
            return all;
        }
    }
}

/// One branch, up to `|`, `)` or the end: its best set.
fn sequence(chars: &[char], at: &mut usize, depth: usize) -> Option<Vec<String>> {
    let mut best: Option<Vec<String>> = None;
    let mut run = String::new();
    while let Some(&c) = chars.get(*at) {
        match c {
            '|' | ')' => break,
            '(' => {
                offer(&mut best, vec![std::mem::take(&mut run)]);
                *at += 1;
                if chars.get(*at) == Some(&'?') {
                    while chars.get(*at).is_some_and(|&c| c != ':') {
                        *at += 1;
                    }
                    *at += 1;
                }
                let inner = if depth < DEEPEST { alternation(chars, at, depth + 1) } else { None };
                *at += 1; // the `)`
                if mandatory(chars, at)
                    && let Some(inner) = inner
                {
                    offer(&mut best, inner);
                }
            }
            '[' => {
                offer(&mut best, vec![std::mem::take(&mut run)]);
                *at += 1;
                while chars.get(*at).is_some_and(|&c| c != ']') {
                    *at += if chars.get(*at) == Some(&'\\') { 2 } else { 1 };
                }
                *at += 1;
                mandatory(chars, at);
            }
            '.' | '^' | '$' => {
                offer(&mut best, vec![std::mem::take(&mut run)]);
                *at += 1;
                mandatory(chars, at);
            }
            _ => {
                let literal = if c == '\\' {
                    *at += 1;
                    chars.get(*at).copied().filter(|c| !c.is_alphanumeric())
                } else {
                    Some(c)
                };
                *at += 1;
                let quantified = matches!(chars.get(*at), Some('?' | '*' | '+' | '{'));
                let kept = mandatory(chars, at);
                match literal {
                    Some(literal) if kept => {
                        run.extend(literal.to_lowercase());
                        if quantified {
                            offer(&mut best, vec![std::mem::take(&mut run)]);
                        }
                    }
                    _ => offer(&mut best, vec![std::mem::take(&mut run)]),
                }
            }
        }
    }
    offer(&mut best, vec![run]);
    best
}

/// Steps over a quantifier; false when the item before it may be missing.
fn mandatory(chars: &[char], at: &mut usize) -> bool {
    match chars.get(*at) {
        Some('?' | '*') => {
            *at += 1;
            false
        }
        Some('+') => {
            *at += 1;
            true
        }
        Some('{') => {
            let zero = chars.get(*at + 1) == Some(&'0');
            while chars.get(*at).is_some_and(|&c| c != '}') {
                *at += 1;
            }
            *at += 1;
            !zero
        }
        _ => true,
    }
}

fn offer(best: &mut Option<Vec<String>>, set: Vec<String>) {
    let worth = |set: &[String]| set.iter().map(String::len).min().unwrap_or(0);
    if worth(&set) > best.as_deref().map_or(0, worth) {
        *best = Some(set);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::smtp_replies::CATALOGUE;

    #[test]
    fn takes_what_a_match_must_hold() {
        assert_eq!(needles(r"over ?quota"), Some(vec!["quota".into()]));
        assert_eq!(needles(r"\[(TSS?|IPTS)04\]"), Some(vec!["04]".into()]));
        assert_eq!(needles(r"a.*b|cde"), None);
        assert_eq!(needles(r"(bad|poor) (ip )?reputation"), Some(vec!["reputation".into()]));
        assert_eq!(needles(r"receiving (e)?mail"), Some(vec!["receiving ".into()]));
        assert_eq!(needles(r"BL0000?10\b"), Some(vec!["bl000".into()]));
    }

    #[test]
    fn nearly_every_pattern_has_needles() {
        let without: Vec<_> =
            CATALOGUE.patterns.iter().filter(|p| needles(p.source_text()).is_none()).map(|p| &p.id).collect();
        assert!(without.len() < 10, "{without:?}");
    }
}
