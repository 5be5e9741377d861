//! The cause that words and codes make likely together, for wordings in no
//! list: weights learnt from the catalogue and from labelled replies
//! (`tests/reply_words`). Tentative; silent where no cause stands out.

use super::{Basis, Decision, standard};
use crate::data::smtp_words;
use crate::model::enhanced_code::EnhancedCode;
use crate::parse::smtp::reply::{Reply, Wrapper};
use crate::triage::cause::Cause;

/// Most words looked at: a reply is short, and what follows is an article.
const WORDS: usize = 80;

/// How likely a cause must be to stand in for a decision of that kind.
pub(super) struct Odds {
    pub over_code: f32,
    pub over_loose: f32,
    pub over_phrase: f32,
}

/// Found best on replies held out from the table (`tests/reply_words/README.md`).
pub(super) const ODDS: Odds = Odds { over_code: 0.3, over_loose: 0.5, over_phrase: 0.8 };

/// How likely a cause must be for advice that costs somebody something.
const HARMS: f32 = 0.6;

/// A decision the words speak for at least so much stands.
const STANDS: f32 = 0.25;

/// The decision, or a likelier one where it rests on a loose wording or a code alone.
pub(super) fn likelier(reply: &Reply, text: &str, decision: Decision, vague: bool) -> Decision {
    // A known wording and a code of one meaning agree: two witnesses, whatever the other words are.
    let by_words = matches!(decision.basis, Basis::Phrase(_) | Basis::Sense(_));
    if by_words && standard::decisive(reply).is_some_and(|by_code| by_code.cause == decision.cause) {
        return decision;
    }
    let least = match (&decision.basis, decision.weak) {
        (Basis::ReplyCode(_) | Basis::Nothing, _) => ODDS.over_code,
        (Basis::EnhancedCode(_), _) if standard::decisive(reply).is_some() => ODDS.over_phrase,
        (Basis::EnhancedCode(_) | Basis::Sense(_), _) | (Basis::Phrase(_), true) => ODDS.over_loose,
        // Whole sentences are no loose words.
        (Basis::Phrase(group), false) if is_sentence(group) => return decision,
        (Basis::Phrase(_), false) => ODDS.over_phrase,
        (Basis::Pattern(_), _) if vague => ODDS.over_phrase,
        (Basis::Pattern(_) | Basis::Learnt(_), _) => return decision,
    };
    let text = server_words(text);
    // Whose line broke is told by the sending server's own words, and a notice's
    // prose is no reply.
    let prose = reply.code.is_none() && text.split(' ').count() > PROSE;
    let own_words = match reply.wrapper {
        Some(Wrapper::Broken) => !matches!(decision.basis, Basis::Nothing),
        Some(Wrapper::RefusedToTalk | Wrapper::Suspended) => least >= ODDS.over_phrase,
        _ => false,
    };
    if prose || own_words {
        return decision;
    }
    let Some((cause, odds, of_decision)) = likeliest((reply.code, reply.enhanced), text, decision.cause)
    else {
        return decision;
    };
    // Who gave up was put off before: both are so, and the end counts.
    let put_off =
        matches!(cause, Cause::NetworkFailure | Cause::Greylisted | Cause::RemoteError | Cause::RateLimited);
    let ended = decision.cause == Cause::QueueExpired && put_off;
    if ended
        || cause == decision.cause
        || cause == Cause::Undetermined
        || odds < least
        || of_decision >= STANDS
        || !words_agree(text, cause)
        || (cause == Cause::IpBlocklisted && !speaks_of_listing(text))
    {
        return decision;
    }
    // What is hardly likelier than not strikes nobody off and declares no host taken over.
    let action = match cause {
        Cause::UnknownUser | Cause::MailboxDisabled | Cause::RecipientMoved if odds < HARMS => {
            Some("ask_first")
        }
        Cause::Virus if odds < HARMS => Some("read_text"),
        _ => None,
    };
    Decision {
        cause,
        who: None,
        action,
        provider: decision.provider,
        basis: Basis::Learnt(format!("{:.0} %", odds * 100.0)),
        weak: true,
        speaker: None,
        lead: None,
    }
}

/// True where the words name an address, a list or a block: without one of them no listing is proven.
fn speaks_of_listing(text: &str) -> bool {
    const STEMS: &[&str] = &[
        "list",
        "block",
        "ban",
        "rbl",
        "xbl",
        "cbl",
        "pbl",
        "dul",
        "dnswl",
        "bloqu",
        "blocc",
        "sperr",
        "blokk",
        "zablok",
        "блок",
        "спис",
        "封",
        "黑",
        "名单",
        "名單",
        "禁",
        "リスト",
        "ブロック",
        "차단",
        "dynamic",
        "dial",
        "dsl",
        "static",
        "zombie",
        "home line",
        "from this host",
        "from your host",
        "from this server",
        "from your server",
        "from this address",
        "your address",
    ];
    let alone = |at: usize| {
        let part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        !part(text.get(..at).and_then(|t| t.chars().next_back()))
            && !part(text.get(at + 2..).and_then(|t| t.chars().next()))
    };
    STEMS.iter().any(|stem| text.contains(stem))
        || text.match_indices("ip").any(|(at, _)| alone(at))
        || text
            .split(|c: char| !(c.is_ascii_hexdigit() || matches!(c, '.' | ':')))
            .any(|word| word.trim_matches(['.', ':']).parse::<std::net::IpAddr>().is_ok())
}

/// A code lends weight to words; where the words alone lean another way, the code alone has spoken.
fn words_agree(text: &str, cause: Cause) -> bool {
    likeliest((None, None), text, cause).is_some_and(|(by_words, ..)| by_words == cause)
}

/// Groups of sentences, whose words were chosen to stand together.
fn is_sentence(group: &str) -> bool {
    ["sentence-", "own-words-", "account-"].iter().any(|kind| group.starts_with(kind))
}

/// Most words of a reply without a code; a notice has more.
const PROSE: usize = 30;

/// The text up to what sending servers add behind the reply they quote.
fn server_words(text: &str) -> &str {
    const ADDED: &[&str] = &["i'm not going to try again", "giving up on ", "(delivery attempts"];
    // Not "in reply to end of postscreen tests": no command was answered.
    let command =
        text.find("(in reply to ").filter(|at| text.get(*at..).is_some_and(|t| t.contains("command)")));
    let end = ADDED.iter().filter_map(|words| text.find(words)).chain(command).min();
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The codes of a reply.
type Codes = (Option<u16>, Option<EnhancedCode>);

/// The likeliest cause, how likely it is, and how likely `other` is.
fn likeliest(codes: Codes, text: &str, other: Cause) -> Option<(Cause, f32, f32)> {
    let table = smtp_words::all();
    let mut scores = vec![0.0_f32; table.causes.len()];
    let mut known = 0;
    for feature in features(codes, text) {
        for (cause, weight) in table.of(&feature) {
            if let Some(score) = scores.get_mut(cause) {
                *score += weight;
                known += 1;
            }
        }
    }
    let best = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if known == 0 || !best.is_finite() {
        return None;
    }
    let sum: f32 = scores.iter().map(|score| (score - best).exp()).sum();
    let odds = |index: usize| scores.get(index).map_or(0.0, |score| (score - best).exp() / sum);
    let index = scores.iter().position(|score| *score >= best)?;
    let named = table.causes.iter().position(|name| *name == other.name());
    Some((Cause::from_name(table.causes.get(index)?)?, odds(index), named.map_or(0.0, odds)))
}

/// Words, their beginnings, pairs of them, and the codes. `tests/reply_words/fit.py`
/// takes the same.
fn features((code, enhanced): Codes, text: &str) -> Vec<String> {
    let words = words(text);
    let mut out = Vec::with_capacity(words.len() * 4 + 2);
    if let Some(code) = code {
        out.push(format!("c:{code}"));
    }
    if let Some(code) = enhanced {
        out.push(format!("e:{}.{}", code.subject, code.detail));
    }
    let mut plain: Vec<&str> = Vec::with_capacity(words.len());
    for word in words {
        if is_unspaced(word) {
            let chars: Vec<char> = word.chars().collect();
            out.extend(
                chars.windows(2).map(|pair| pair.iter().fold("w:".to_owned(), |w, c| w + &c.to_string())),
            );
            continue;
        }
        plain.push(word);
    }
    for word in &plain {
        out.push(format!("w:{word}"));
        if word.chars().count() > 5 {
            out.push(format!("p:{}", word.chars().take(5).collect::<String>()));
        }
    }
    for (index, word) in plain.iter().enumerate() {
        if let Some(next) = plain.get(index + 1) {
            out.push(format!("b:{word} {next}"));
        }
        if let Some(after) = plain.get(index + 2) {
            out.push(format!("s:{word} {after}"));
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// Chinese, Japanese and Korean write no spaces between words, or few.
fn is_unspaced(word: &str) -> bool {
    word.chars().next().is_some_and(|c| c as u32 >= 0x3000)
}

/// Runs of letters, an apostrophe between two included, and `<>`.
fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for token in text.split(' ').filter(|token| !token.contains("://")) {
        if token.contains("<>") {
            out.push("<>");
        }
        let parts = token.split(|c: char| !(c.is_alphabetic() || c == '\''));
        out.extend(parts.map(|word| word.trim_matches('\'')).filter(|word| !word.is_empty()));
        if out.len() >= WORDS {
            break;
        }
    }
    out.truncate(WORDS);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::reply::classify;

    #[test]
    fn words_are_runs_of_letters() {
        assert_eq!(
            words("isn't 'here' a@b http://x/y <> 5.1.1 mail-box"),
            ["isn't", "here", "a", "b", "<>", "mail", "box"]
        );
    }

    #[test]
    fn pairs_and_beginnings_count_too() {
        let reply = Reply::read("550 5.1.1 unknown user");
        let found = features((reply.code, reply.enhanced), "unknown user 收件人");
        for one in ["c:550", "e:1.1", "w:unknown", "p:unkno", "b:unknown user", "w:收件", "w:件人"] {
            assert!(found.iter().any(|feature| feature == one), "{one}: {found:?}");
        }
    }

    #[test]
    fn an_unknown_sentence_is_judged_by_its_words_and_nonsense_is_not() {
        let verdict = classify("550 the postbox of that colleague was removed, she left our company", None);
        assert_eq!(verdict.cause, Cause::UnknownUser, "{:?}", verdict.basis);
        assert_eq!(classify("550 qwertz uiop asdf", None).cause, Cause::Undetermined);
        let token = "550 5.7.1 Invalid or expired BATV token: message was not sent by this host";
        assert_ne!(classify(token, None).cause, Cause::IpBlocklisted, "no address, list or block is named");
    }
}
