//! Which messages the user means: partial addresses and globs, and what comes
//! nearest where nothing fits. Pure.

use std::collections::BTreeSet;

use super::rewritten;
use super::story::Message;
use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::record::LogEvent;

/// What to look for; all given must fit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    pub recipient: Option<String>,
    pub sender: Option<String>,
    pub message_id: Option<String>,
    pub queue_id: Option<String>,
    pub since: Option<Millis>,
    pub until: Option<Millis>,
}

impl Query {
    pub(crate) fn is_empty(&self) -> bool {
        self.texts().is_empty() && self.since.is_none() && self.until.is_none()
    }

    fn texts(&self) -> Vec<(&'static str, &str)> {
        [
            ("queue id", &self.queue_id),
            ("Message-ID", &self.message_id),
            ("recipient", &self.recipient),
            ("sender", &self.sender),
        ]
        .into_iter()
        .filter_map(|(what, text)| Some((what, text.as_deref()?)))
        .collect()
    }

    /// The literal text every line of interest must hold: the longest piece
    /// without wildcards of the most telling filter.
    pub(crate) fn literal(&self) -> Option<String> {
        const SHORTEST: usize = 3;
        self.texts()
            .into_iter()
            .filter_map(|(_, text)| {
                // An address that was forwarded stands with its sides apart: `SRS0=..=example.org=bob@...`.
                plain(text).split(['*', '?', '@']).max_by_key(|piece| piece.len()).map(str::to_owned)
            })
            .find(|piece| piece.len() >= SHORTEST)
    }

    /// Whether the message is meant.
    pub(crate) fn matches(&self, message: &Message) -> bool {
        fn fits<'t>(pattern: &Option<String>, mut texts: impl Iterator<Item = &'t str>) -> bool {
            pattern.as_ref().is_none_or(|pattern| texts.any(|text| matches(pattern, text)))
        }
        let in_time = |at: Millis| {
            at != NO_TIME
                && self.since.is_none_or(|since| at >= since)
                && self.until.is_none_or(|until| at <= until)
        };
        let timed = self.since.is_some() || self.until.is_some();
        fits(&self.queue_id, message.ids.iter().chain(&message.notifications).map(String::as_str))
            && fits(&self.message_id, std::iter::once(message.message_id.as_str()))
            && (fits(&self.sender, message.events.iter().map(|event| event.sender.as_str()))
                || self.sender.as_deref().is_some_and(|sender| {
                    let mut written =
                        message.events.iter().filter_map(|event| rewritten::before(&event.sender));
                    written.any(|before| matches(sender, &before))
                }))
            && fits(
                &self.recipient,
                &mut message
                    .events
                    .iter()
                    .flat_map(|event| [event.recipient.as_str(), event.original.as_str()]),
            )
            && (!timed || message.events.iter().any(|event| in_time(event.at)))
    }

    /// Keeps the recipients meant.
    pub(crate) fn narrow(&self, message: &mut Message) {
        if let Some(pattern) = &self.recipient {
            let events = &message.events;
            let keep: Vec<bool> = message
                .recipients
                .iter()
                .map(|recipient| {
                    [&recipient.address, &recipient.original, &recipient.final_address]
                        .into_iter()
                        .any(|address| matches(pattern, address))
                        || recipient.events.iter().any(|index| matches(pattern, &events[*index].original))
                })
                .collect();
            if keep.contains(&true) {
                let mut keep = keep.into_iter();
                message.recipients.retain(|_| keep.next().unwrap_or(true));
            }
        }
    }

    /// In words: `recipient "a@b.example", since 2024-03-03`.
    pub(crate) fn describe(&self) -> String {
        let mut parts: Vec<String> =
            self.texts().iter().map(|(what, text)| format!("{what} \"{text}\"")).collect();
        let moment = |at: Millis| super::story::moment(at).unwrap_or_default();
        parts.extend(self.since.map(|at| format!("since {}", moment(at))));
        parts.extend(self.until.map(|at| format!("until {}", moment(at))));
        parts.join(", ")
    }

    /// Addresses and ids in the events that the user may have meant, best first.
    pub(crate) fn nearest(&self, events: &[LogEvent]) -> Vec<String> {
        const SHOWN: usize = 5;
        let Some((what, wanted)) = self.texts().into_iter().next() else { return Vec::new() };
        let wanted = plain(wanted).to_lowercase();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for event in events {
            match what {
                "recipient" => seen.extend([event.recipient.as_str(), event.original.as_str()]),
                "sender" => seen.extend([event.sender.as_str()]),
                "queue id" => seen.extend([event.id.as_str(), event.next_id.as_str()]),
                _ => seen.extend([event.message_id.as_str()]),
            }
        }
        let mut ranked: Vec<(usize, &str)> = seen
            .into_iter()
            .filter(|text| !text.is_empty() && *text != "<>")
            .map(|text| (closeness(&wanted, &text.to_lowercase()), text))
            .filter(|(distance, _)| *distance <= wanted.len().max(6) / 3)
            .collect();
        ranked.sort();
        ranked.into_iter().take(SHOWN).map(|(_, text)| text.to_owned()).collect()
    }

    /// Texts whose lines may hold what was meant: each side of an address.
    pub(crate) fn relatives(&self) -> Vec<String> {
        let Some((what, wanted)) = self.texts().into_iter().next() else { return Vec::new() };
        let wanted = plain(wanted);
        let mut out = Vec::new();
        if matches!(what, "recipient" | "sender")
            && let Some((local, domain)) = wanted.split_once('@')
        {
            out.extend((local.len() >= 2).then(|| format!("{local}@")));
            out.extend((domain.len() >= 4).then(|| format!("@{domain}")));
        } else if wanted.len() >= 6 {
            let half = (0..=wanted.len() / 2).rev().find(|at| wanted.is_char_boundary(*at)).unwrap_or(0);
            out.push(wanted[..half].to_owned());
            out.push(wanted[half..].to_owned());
        }
        out.retain(|text| text.len() >= 3 && !text.contains(['*', '?']));
        out
    }
}

/// Without the brackets people paste along.
fn plain(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('<').and_then(|t| t.strip_suffix('>')).unwrap_or(text)
}

/// A glob (`*`, `?`) over the whole text, or a part of it; letter case is free.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (plain(pattern).to_lowercase(), text.to_lowercase());
    if text.is_empty() {
        return false;
    }
    if !pattern.contains(['*', '?']) {
        return text.contains(&pattern);
    }
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star, mut mark) = (0, 0, None, 0);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some(p);
                mark = t;
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some(at) => {
                    p = at + 1;
                    mark += 1;
                    t = mark;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Edit distance, bounded in length; the same in another case is 0.
fn closeness(a: &str, b: &str) -> usize {
    const LONGEST: usize = 100;
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().take(LONGEST).collect(), b.chars().take(LONGEST).collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = substituted.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_parts_and_case() {
        assert!(matches("*@example.org", "A@Example.org"));
        assert!(!matches("*@example.org", "a@example.org.example"));
        assert!(matches("a?c@*", "abc@example.org"));
        assert!(matches("xample.or", "a@example.org"));
        assert!(matches("<a@example.org>", "a@example.org"));
        assert!(!matches("b*", ""));
    }

    #[test]
    fn distances() {
        assert_eq!(closeness("a@exmaple.org", "a@example.org"), 2);
        assert_eq!(closeness("", "abc"), 3);
    }
}
