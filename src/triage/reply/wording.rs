//! Which known wording a reply has: the provider's first, then the blocklists',
//! then those all MTAs share. One search for all literals, then only the
//! candidates are tried.

#![expect(clippy::expect_used, reason = "an automaton of nothing")]

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::clearer::{bounded, clearer, sense};
use super::makers::{has_path, is_last_resort, is_maker, is_of_content};
use super::needles::needles;
use super::{Basis, Decision, Who, standard};
use crate::data::smtp_replies::{CATALOGUE, Pattern};
use crate::parse::smtp::reply::Reply;
use crate::triage::cause::Cause;

/// Farthest a `*` of a phrase reaches, in bytes.
const GAP: usize = 80;

/// Most marks of providers looked at in one text.
const MOST_MARKS: usize = 64;

/// What a literal announces.
#[derive(Clone, Copy)]
enum Owner {
    Pattern(usize),
    /// Group, index of the phrase; the strong ones come first, then the weak.
    Phrase(usize, usize),
    Provider(usize),
}

struct Index {
    literals: AhoCorasick,
    owners: Vec<Vec<Owner>>,
    /// Patterns without a literal: always candidates.
    loose: Vec<usize>,
    /// Providers whose patterns describe the sending MTA itself.
    client: Vec<usize>,
    /// `generic`, `dnsbl`, and the MTAs by name: no one receiver.
    shared: Vec<usize>,
    dnsbl: usize,
}

static INDEX: LazyLock<Index> = LazyLock::new(Index::build);

impl Index {
    fn build() -> Index {
        let c = &*CATALOGUE;
        let mut owners: std::collections::BTreeMap<String, Vec<Owner>> = std::collections::BTreeMap::new();
        let mut loose = Vec::new();
        for (index, pattern) in c.patterns.iter().enumerate() {
            match needles(pattern.source_text()) {
                Some(found) => {
                    for literal in found {
                        owners.entry(literal).or_default().push(Owner::Pattern(index));
                    }
                }
                None => loose.push(index),
            }
        }
        for (group, data) in c.groups.iter().enumerate() {
            for (index, phrase) in data.any.iter().chain(&data.weak).enumerate() {
                let longest =
                    phrase.split('*').map(str::trim).max_by_key(|piece| piece.len()).unwrap_or_default();
                owners.entry(longest.to_owned()).or_default().push(Owner::Phrase(group, index));
            }
        }
        for (index, provider) in c.providers.iter().enumerate() {
            for mark in &provider.text {
                owners.entry(mark.clone()).or_default().push(Owner::Provider(index));
            }
        }
        let tagged = |tags: &[&str]| -> Vec<usize> {
            (0..c.providers.len()).filter(|&i| tags.contains(&c.providers[i].tag.as_str())).collect()
        };
        let (literals, owners): (Vec<String>, Vec<Vec<Owner>>) = owners.into_iter().unzip();
        Index {
            literals: AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .build(&literals)
                .unwrap_or_else(|_| AhoCorasick::new([""; 0]).expect("an empty automaton")),
            owners,
            loose,
            client: tagged(&["postfix_client", "exim_client", "qmail_client"]),
            shared: tagged(&[
                "generic",
                "exim",
                "exim_cpanel",
                "sendmail",
                "qmail",
                "amavis",
                "rspamd",
                "any",
            ]),
            dnsbl: tagged(&["dnsbl"]).first().copied().unwrap_or(usize::MAX),
        }
    }
}

/// True for wordings that name no list though they speak of one, or that several senders of mail use.
pub(super) fn is_vague(id: &str) -> bool {
    id.starts_with("dn-generic") || is_shared(id)
}

/// True for the patterns of no one provider.
pub(super) fn is_shared(id: &str) -> bool {
    CATALOGUE.patterns.iter().find(|p| p.id == id).is_some_and(|p| INDEX.shared.contains(&p.provider))
}

/// What was found in a text, all in order of precedence.
#[derive(Default)]
struct Candidates {
    patterns: Vec<usize>,
    phrases: Vec<(usize, usize)>,
    providers: Vec<usize>,
}

fn candidates(text: &str) -> Candidates {
    let index = &*INDEX;
    let mut found = Candidates { patterns: index.loose.clone(), ..Candidates::default() };
    let mut marks: Vec<(usize, usize, usize)> = Vec::new();
    for hit in index.literals.find_overlapping_iter(text) {
        for owner in index.owners.get(hit.pattern().as_usize()).into_iter().flatten() {
            match *owner {
                Owner::Pattern(pattern) => found.patterns.push(pattern),
                Owner::Phrase(group, phrase) => found.phrases.push((group, phrase)),
                Owner::Provider(provider) => {
                    if bounded(text, hit.start()) {
                        marks.push((hit.start(), hit.end(), provider));
                    }
                }
            }
        }
    }
    // The longer mark names the provider: `olc.protection.outlook.com` holds another's.
    marks.truncate(MOST_MARKS);
    let within = |a: &(usize, usize, usize), b: &(usize, usize, usize)| {
        b.0 <= a.0 && a.1 <= b.1 && b.1 - b.0 > a.1 - a.0
    };
    found.providers = marks
        .iter()
        .filter(|mark| !marks.iter().any(|other| within(mark, other)))
        .map(|mark| mark.2)
        .collect();
    for list in [&mut found.patterns, &mut found.providers] {
        list.sort_unstable();
        list.dedup();
    }
    found.phrases.sort_unstable();
    found.phrases.dedup();
    found
}

/// The provider named by the MX or domain, by the host in the reply, or by marks in its text.
pub(super) fn provider(reply: &Reply, hosts: &[&str]) -> Option<usize> {
    let named = hosts.iter().find_map(|host| CATALOGUE.provider_of_host(host));
    let host = || reply.host.as_deref().and_then(|host| CATALOGUE.provider_of_host(host));
    named.or_else(host).or_else(|| candidates(&reply.whole.to_lowercase()).providers.first().copied())
}

/// The decision, and the provider named by host or mark whatever decided.
pub(super) fn decide(reply: &Reply, hosts: &[&str]) -> (Option<Decision>, Option<usize>) {
    let index = &*INDEX;
    let whole = reply.whole.to_lowercase();
    let inner = match reply.code {
        Some(code) => format!("{code} {}", inner(reply)),
        None => inner(reply),
    };
    let around = candidates(&whole);
    let same = inner == whole;
    let said = unlabelled(&inner);
    let other = if same { None } else { Some(candidates(&inner)) };
    let found = other.as_ref().unwrap_or(&around);

    let mut hosts: Vec<usize> = hosts.iter().filter_map(|host| CATALOGUE.provider_of_host(host)).collect();
    hosts.extend(reply.host.as_deref().and_then(|host| CATALOGUE.provider_of_host(host)));
    let content = is_of_content(&inner);
    let names_only = |p: &Pattern| content && is_maker(p) || is_last_resort(p);
    let by_host = |p: &Pattern| hosts.contains(&p.provider) && p.provider != index.dnsbl && !names_only(p);
    // A mark is some words: where another's host is known, those of its code alone, such as `(DYN:T1)`, are not enough.
    let by_mark = |p: &Pattern| {
        around.providers.contains(&p.provider)
            && p.provider != index.dnsbl
            && !names_only(p)
            && (hosts.is_empty() || hosts.contains(&p.provider) || coded(p, reply))
    };
    let shared = |p: &Pattern| index.shared.contains(&p.provider);

    let provider = hosts.first().copied().or_else(|| around.providers.first().copied());
    let decided = |said: &str| {
        best_pattern(reply, &found.patterns, &inner, by_host)
            .or_else(|| best_pattern(reply, &found.patterns, &inner, by_mark))
            .or_else(|| best_pattern(reply, &around.patterns, &whole, |p| by_host(p) || by_mark(p)))
            .or_else(|| phrase(found, said, Among::First))
            // A path of a link names the list and the reason, where the host names the maker alone.
            .or_else(|| first_pattern(&around.patterns, &whole, |p| p.provider == index.dnsbl && has_path(p)))
            .or_else(|| {
                let of_list = |p: &Pattern| p.provider == index.dnsbl && !(content && is_maker(p));
                first_pattern(&found.patterns, &inner, of_list)
            })
            .or_else(|| {
                first_pattern(&found.patterns, &inner, |p| !shared(p) && !client(p) && distinct(p, reply))
                    .map(unclaimed)
            })
            .or_else(|| phrase(found, said, Among::Strong).map(|vague| clearer(vague, said)))
            .or_else(|| best_pattern(reply, &found.patterns, &inner, shared))
            .or_else(|| {
                first_pattern(&found.patterns, &inner, |p| {
                    !shared(p) && !client(p) && !names_only(p) && coded(p, reply)
                })
            })
            .or_else(|| standard::decisive(reply))
            .or_else(|| phrase(found, said, Among::Weak).map(|vague| clearer(vague, said)))
            .or_else(|| first_pattern(&around.patterns, &whole, is_last_resort))
            .or_else(|| first_pattern(&around.patterns, &whole, client))
            .or_else(|| {
                if reply.enhanced.is_none() && reply.code.is_none() {
                    phrase(&around, &whole, Among::Strong)
                } else {
                    None
                }
            })
            .or_else(|| sense(said))
            .or_else(|| labelled(reply, found, &inner))
    };
    let decision = decided(said);
    match is_by_label(&inner, said, decision.as_ref()) {
        true => (decided(&inner), provider),
        false => (decision, provider),
    }
}

/// What Postfix and those who copy it write before a reason: the object that was refused, never why.
const LABELS: &[&str] = &[
    "recipient address rejected: ",
    "client host rejected: ",
    "sender ip address rejected: ",
    "sender ip adress rejected: ",
    "sender address rejected: ",
    "helo command rejected: ",
    "data command rejected: ",
    "end-of-data rejected: ",
];

/// The reason behind such a label.
fn unlabelled(text: &str) -> &str {
    let reason = LABELS.iter().find_map(|label| text.find(label).and_then(|at| text.get(at + label.len()..)));
    reason.filter(|reason| !reason.trim().is_empty()).unwrap_or(text)
}

/// The words that say why: those behind a label, where they say anything.
pub(super) fn reason(text: &str) -> &str {
    let said = unlabelled(text);
    if said.trim_start().starts_with("access denied") { text } else { said }
}

/// True where the label, not the reason, says what was refused: no reason is given, or it is one that only a
/// recipient can have and the label names another.
fn is_by_label(text: &str, said: &str, decided: Option<&Decision>) -> bool {
    let of_recipient = text.contains("recipient address rejected: ");
    let of_other = |cause: Cause| {
        matches!(
            cause,
            Cause::UnknownUser
                | Cause::UnknownHost
                | Cause::MailboxDisabled
                | Cause::MailboxFull
                | Cause::RecipientFiltered
                | Cause::MailNotAccepted
                | Cause::SecurityRejected
                | Cause::Undetermined
        )
    };
    said != text
        && !of_recipient
        && (said.trim_start().starts_with("access denied")
            || decided.is_none_or(|decision| of_other(decision.cause)))
}

/// A recipient refused for a reason in words nobody knows: an access rule where the
/// code speaks of policy (RFC 3463 section 3.8), else what the label mostly means.
fn labelled(reply: &Reply, found: &Candidates, text: &str) -> Option<Decision> {
    if unlabelled(text) == text || !text.contains("recipient address rejected: ") {
        return None;
    }
    let by_rule = reply.enhanced.is_some_and(|code| (code.subject, code.detail) == (7, 1));
    if by_rule {
        return Some(Decision {
            cause: Cause::PolicyRejected,
            who: None,
            action: None,
            provider: None,
            basis: Basis::EnhancedCode(reply.enhanced.map(|code| code.to_string()).unwrap_or_default()),
            weak: true,
            speaker: None,
            lead: None,
        });
    }
    // A reason in words that nobody knows, under a code of something else, is not that nobody has the address.
    if reply.enhanced.is_some_and(|code| matches!(code.subject, 3..=7)) {
        return None;
    }
    phrase(found, text, Among::Strong).or_else(|| phrase(found, text, Among::Weak))
}

/// What the server said, lower case, without its codes and without names.
pub(super) fn inner(reply: &Reply) -> String {
    without_names(&reply.text.to_lowercase())
}

/// `text` with mail addresses made `@` and links cut after the host: their
/// words are the addressee's or an article's, not the server's.
fn without_names(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(' ') {
        if !out.is_empty() {
            out.push(' ');
        }
        if let Some(at) = word.find("://") {
            let host = at + 3 + word.get(at + 3..).and_then(|h| h.find('/')).unwrap_or(word.len());
            out.push_str(word.get(..host).unwrap_or(word));
            continue;
        }
        match word.find('@') {
            Some(at) if at > 0 && at + 1 < word.len() => {
                let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '=' | '@');
                let start = word.get(..at).unwrap_or_default().trim_end_matches(plain).len();
                let tail = word.get(at..).unwrap_or_default().trim_start_matches(plain);
                out.push_str(word.get(..start).unwrap_or_default());
                out.push('@');
                out.push_str(tail);
            }
            _ => out.push_str(word),
        }
    }
    out
}

fn client(p: &Pattern) -> bool {
    INDEX.client.contains(&p.provider)
}

/// True when the reply has a code and an enhanced code that go with the wording.
fn coded(p: &Pattern, reply: &Reply) -> bool {
    reply.code.is_some_and(|code| p.codes.contains(&code))
        && (p.enhanced.is_empty() || reply.enhanced.is_some_and(|e| p.enhanced.iter().any(|r| r.contains(e))))
}

/// As [`coded`], by an enhanced code that few wordings share.
fn distinct(p: &Pattern, reply: &Reply) -> bool {
    let rare = |code: crate::model::enhanced_code::EnhancedCode| {
        code.subject != 0
            && code.subject != 5
            && !matches!((code.subject, code.detail), (_, 0) | (1 | 2 | 7, 1) | (2, 2) | (3, 4))
    };
    !p.enhanced.is_empty() && reply.enhanced.is_some_and(rare) && coded(p, reply)
}

/// A wording without a sign of its provider: others may write it too.
fn unclaimed(decision: Decision) -> Decision {
    Decision { provider: None, ..decision }
}

fn first_pattern(among: &[usize], text: &str, fits: impl Fn(&Pattern) -> bool) -> Option<Decision> {
    let pattern = among
        .iter()
        .filter_map(|&i| CATALOGUE.patterns.get(i))
        .find(|p| fits(p) && specific(p) && p.is_match(text))?;
    from_pattern(pattern)
}

/// The pattern whose codes agree best; the first of equals.
fn best_pattern(
    reply: &Reply,
    among: &[usize],
    text: &str,
    fits: impl Fn(&Pattern) -> bool,
) -> Option<Decision> {
    let mut best: Option<(i32, &Pattern)> = None;
    for pattern in among.iter().filter_map(|&i| CATALOGUE.patterns.get(i)).filter(|p| fits(p)) {
        let mut score = 0;
        if let Some(enhanced) = reply.enhanced
            && !pattern.enhanced.is_empty()
        {
            score += if pattern.enhanced.iter().any(|range| range.contains(enhanced)) { 2 } else { -1 };
        }
        score += i32::from(reply.code.is_some_and(|code| pattern.codes.contains(&code)));
        if score < 2 && !specific(pattern) {
            continue;
        }
        if best.is_none_or(|(so_far, _)| score > so_far) && pattern.is_match(text) {
            best = Some((score, pattern));
        }
    }
    from_pattern(best?.1)
}

/// True unless the expression is a bare short word such as `tls`, which decides only along with its codes.
fn specific(pattern: &Pattern) -> bool {
    pattern.source_text().len() >= 6
}

fn from_pattern(pattern: &'static Pattern) -> Option<Decision> {
    let category = CATALOGUE.categories.get(pattern.category)?;
    let cause = Cause::from_name(&category.cause)?;
    if cause == Cause::Undetermined {
        return None;
    }
    let named =
        !INDEX.shared.contains(&pattern.provider) && pattern.provider != INDEX.dnsbl && !client(pattern);
    Some(Decision {
        cause,
        who: Who::from_name(&category.who),
        action: Some(&pattern.action),
        provider: named.then_some(pattern.provider),
        basis: Basis::Pattern(pattern.id.clone()),
        weak: false,
        speaker: None,
        lead: None,
    })
}

/// Which phrases are tried.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Among {
    First,
    Strong,
    Weak,
}

fn phrase(found: &Candidates, text: &str, among: Among) -> Option<Decision> {
    for &(group, index) in &found.phrases {
        let data = CATALOGUE.groups.get(group)?;
        let is_strong = index < data.any.len();
        if is_strong == (among == Among::Weak) || (among == Among::First && !data.first) {
            continue;
        }
        let words = data.any.iter().chain(&data.weak).nth(index)?;
        if holds(text, words) {
            return Some(Decision {
                cause: Cause::from_name(&data.cause)?,
                who: Who::from_name(&data.who),
                action: Some(&data.act),
                provider: None,
                basis: Basis::Phrase(data.id.clone()),
                weak: among == Among::Weak,
                speaker: None,
                lead: None,
            });
        }
    }
    None
}

/// True when `phrase`, its first word at a word's start, is in `text`.
fn holds(text: &str, phrase: &str) -> bool {
    let mut pieces = phrase.split('*').map(str::trim).filter(|piece| !piece.is_empty());
    let Some(first) = pieces.next() else { return false };
    let rest: Vec<&str> = pieces.collect();
    text.match_indices(first).any(|(at, _)| {
        let mut end = at + first.len();
        bounded(text, at)
            && rest.iter().all(|piece| match text.get(end..).and_then(|tail| tail.find(piece)) {
                Some(gap) if gap <= GAP => {
                    end += gap + piece.len();
                    true
                }
                _ => false,
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_begin_at_a_word_and_bridge_gaps() {
        assert!(holds("your mailbox has no more space", "mailbox * space"));
        assert!(!holds("subspace", "space"));
        assert!(holds("<b>spam", "spam"));
        assert!(!holds(&format!("mailbox {} full", "x".repeat(200)), "mailbox * full"));
    }
}
