//! One SMTP reply explained, for a terminal and for a ticket.

use super::escape;
use super::style::{Look, wrap};
use crate::triage::cause::Cause;
use crate::triage::custody::{Kept, kept_by};
use crate::triage::reply::{Basis, Limit, ReplyVerdict};

/// The sentence a helpdesk clerk can paste.
pub(crate) fn answer(verdict: &ReplyVerdict) -> String {
    if answers_a_command(verdict) {
        return "A reply to a command before the message: it says nothing of delivery.".to_owned();
    }
    match verdict.cause {
        Cause::AcceptedByRelay if kept_by(&verdict.text) == Some(Kept::Discarded) => {
            return "The server took the message and threw it away: it reaches nobody.".to_owned();
        }
        Cause::AcceptedByRelay if kept_by(&verdict.text) == Some(Kept::Quarantined) => {
            return "The server took the message and keeps it in quarantine: it is not delivered.".to_owned();
        }
        _ => {}
    }
    let for_now = verdict.cause == Cause::QueueExpired
        || verdict.reply_code.is_some_and(|code| (400..500).contains(&code))
        || verdict.enhanced_code.is_some_and(|code| code.class == 4);
    let end = match verdict.permanent {
        Some(true) if for_now => " The server that sent it has given the message up: nobody tries again.",
        Some(true) => " The refusal is final.",
        Some(false) => " It is temporary: the sending server tries again by itself.",
        None => "",
    };
    let by = match verdict.provider {
        Some(provider) => format!(" ({})", provider.name),
        None => String::new(),
    };
    format!("{}{by}.{end}", capital(verdict.title()))
}

/// A code of success that took no message.
fn answers_a_command(verdict: &ReplyVerdict) -> bool {
    verdict.cause == Cause::Undetermined && verdict.reply_code.is_some_and(|code| code < 400)
}

/// How the verdict was reached.
pub(crate) fn basis(verdict: &ReplyVerdict) -> String {
    if matches!(verdict.cause, Cause::Delivered | Cause::AcceptedByRelay) {
        return "the code of success: the server that answered has the message (RFC 5321 section 4.2.1)"
            .to_owned();
    }
    if answers_a_command(verdict) {
        return "the code, or the command it answers: only the reply to the end of DATA takes a message (RFC 5321 section 4.3.2)"
            .to_owned();
    }
    match &verdict.basis {
        Basis::Pattern(id) => format!("known wording ({id})"),
        Basis::Phrase(id) => format!("common wording ({id})"),
        Basis::Sense(id) => {
            format!("tentative: the wording is not known; by what its words say together ({id})")
        }
        Basis::Learnt(odds) => {
            format!(
                "tentative: the wording is not known; words and codes like these most often mean so ({odds})"
            )
        }
        Basis::EnhancedCode(code) => format!("the text is not known; by the enhanced code {code} (RFC 3463)"),
        Basis::ReplyCode(code) => format!("the text is not known; by the reply code {code} alone (RFC 5321)"),
        Basis::Nothing => "the text is not known and has no code".to_owned(),
    }
}

/// For a terminal: the answer first.
pub(crate) fn terminal(verdict: &ReplyVerdict, look: Look) -> String {
    let mut out = wrap(&look.bold(&answer(verdict)), look.width, "", "");
    if look.quiet {
        return out;
    }
    out.push('\n');
    let mut row = |name: &str, value: &str| {
        out.push_str(&wrap(value, look.width, &format!("{name:<11}"), "           "));
    };
    row("Cause", verdict.cause.name());
    row("Area", verdict.area.name());
    row("Who acts", verdict.who.title());
    if let Some(provider) = verdict.provider {
        row("Provider", &provider.name);
    }
    let codes: Vec<String> = verdict
        .reply_code
        .map(|c| c.to_string())
        .into_iter()
        .chain(verdict.enhanced_code.map(|c| c.to_string()))
        .collect();
    if !codes.is_empty() {
        row("Codes", &codes.join(" "));
    }
    if let Some(host) = &verdict.host {
        row("Said by", &escape::terminal(host));
    }
    row("Speaker", verdict.speaker.name());
    if let Some(stage) = verdict.stage {
        row("Stage", stage.name());
    }
    if let Some(limit) = &verdict.limit {
        row("Limit", &stated(limit));
    }
    row("Judged by", &basis(verdict));
    if let Some(confirmation) = &verdict.confirmation {
        row("Today", &escape::terminal(&confirmation.text()));
    }
    out.push_str("\nWhat to do\n");
    for (index, step) in verdict.action.iter().enumerate() {
        out.push_str(&wrap(&escape::terminal(step), look.width, &format!("  {}. ", index + 1), "     "));
    }
    if let Some(page) = &verdict.page {
        let seen = verdict.playbook.map(|book| format!(" (as of {})", book.seen)).unwrap_or_default();
        out.push_str(&format!("\nPage       {}{seen}\n", escape::terminal(page)));
    }
    if look.verbose {
        out.push_str(&wrap(&escape::terminal(&verdict.text), look.width, "\nReply      ", "           "));
    }
    out
}

/// For a ticket.
pub(crate) fn markdown(verdict: &ReplyVerdict) -> String {
    let mut out = format!("**{}**\n\n", escape::markdown(&answer(verdict)));
    let mut row = |name: &str, value: &str| out.push_str(&format!("- {name}: {}\n", escape::markdown(value)));
    row("Cause", verdict.cause.name());
    row("Area", verdict.area.name());
    row("Who acts", verdict.who.title());
    if let Some(code) = verdict.reply_code {
        row("Reply code", &code.to_string());
    }
    if let Some(code) = verdict.enhanced_code {
        row("Enhanced code", &code.to_string());
    }
    if let Some(limit) = &verdict.limit {
        row("Limit", &stated(limit));
    }
    row("Judged by", &basis(verdict));
    if let Some(confirmation) = &verdict.confirmation {
        row("Today", &confirmation.text());
    }
    row("Reply", &verdict.text);
    if let Some(page) = &verdict.page {
        row("Page", page);
    }
    out.push_str("\nWhat to do:\n\n");
    for (index, step) in verdict.action.iter().enumerate() {
        out.push_str(&format!("{}. {}\n", index + 1, escape::markdown(step)));
    }
    out
}

/// "100 messages per hour".
fn stated(limit: &Limit) -> String {
    match &limit.per {
        Some(per) => format!("{} {} per {per}", limit.count, limit.of),
        None => format!("{} {} at a time", limit.count, limit.of),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::reply::{classify, explain};

    #[test]
    fn the_answer_comes_first_and_hostile_text_is_escaped() {
        let verdict = classify("421 4.7.0 CSI Suspect \u{1b}[31m 192.0.2.1 \u{202e}", None);
        let text = terminal(&verdict, Look { verbose: true, ..Look::plain() });
        assert!(text.starts_with("The sender's reputation is too low (Cloudmark (Proofpoint))."), "{text}");
        assert!(text.contains("csi.cloudmark.com"), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
        let ticket = markdown(&classify("550 <b>[x](http://example.net)</b> no such user", None));
        assert!(!ticket.contains("<b>") && !ticket.contains("[x]("), "{ticket}");
    }

    #[test]
    fn an_unknown_text_says_what_it_was_judged_by() {
        assert!(basis(&classify("550 5.1.1 qwertz", None)).contains("enhanced code 5.1.1"));
    }

    #[test]
    fn a_reply_to_a_command_claims_no_message() {
        let recipient = explain("250 2.1.5 Ok", None);
        assert!(answer(&recipient).contains("nothing of delivery"), "{}", answer(&recipient));
        assert!(basis(&recipient).contains("end of DATA") && !basis(&recipient).contains("has the message"));
        let taken = explain("250 2.0.0 Ok: queued as 4ABC123", Some("mx.example.net"));
        assert!(!answer(&taken).contains("relay"), "{}", answer(&taken));
    }
}
