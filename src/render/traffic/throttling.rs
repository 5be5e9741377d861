//! How fast receivers let the mail in, what to send, and the configuration for it.

use crate::model::counted::counted;
use crate::model::traffic::TrafficSummary;
use crate::model::untrusted::{Width, plain};
use crate::render::document::Block;
use crate::render::style::{Look, wrap};
use crate::triage::throttle::settings::{Lane, Server, words};
use crate::triage::throttle::{Outlook, seen_words, withheld};

/// What one receiver bears.
fn observed(outlook: &Outlook<'_>) -> String {
    let receiver = &outlook.receiver;
    let errors = &receiver.traffic.errors;
    let mut parts = vec![match receiver.slowed {
        0 => "no attempt was deferred as too fast".to_owned(),
        slowed => format!("{} deferred as too fast or from a poor reputation", counted(slowed, "attempt")),
    }];
    if let Some(seen) = receiver.seen.first() {
        let times = match receiver.seen.len() {
            1 => String::new(),
            all => format!(", the lowest of {all}"),
        };
        parts.push(format!("{}{times}", seen_words(seen)));
    }
    match errors.refused + errors.banner_refused {
        0 => {}
        refused => parts.push(format!("{} refused", counted(refused, "connection"))),
    }
    parts.join("; ")
}

/// What to send.
fn advice(outlook: &Outlook<'_>) -> String {
    let (receiver, advice) = (&outlook.receiver, &outlook.receiver.advice);
    let mut parts = Vec::new();
    match (outlook.asked, advice.interval) {
        (Some(rate), _) => parts.push(format!("asked: {}", rate.words())),
        (None, None) => parts.push("no rate: nothing in the log tells one".to_owned()),
        (None, Some(interval)) => {
            // What a minute bore tells nothing of an hour.
            let evenly = words(interval);
            parts.push(match receiver.seen.first() {
                Some(seen) if seen.began.is_some() => {
                    format!("at most {evenly} (four fifths of what got in when deferrals began)")
                }
                Some(seen) if seen.rate.words() != evenly => {
                    format!("at most {} (as its reply states), evenly {evenly}", seen.rate.words())
                }
                _ => format!("at most {evenly} (as its reply states)"),
            });
        }
    }
    let connections = advice.connections.map(|most| counted(most, "connection"));
    let each = advice.per_connection.map(|most| format!("{} a connection", counted(most, "message")));
    let held: Vec<String> = connections.into_iter().chain(each).collect();
    if !held.is_empty() {
        let source = receiver.known.map_or(String::new(), |known| format!(" ({})", known.source));
        parts.push(format!("{}{source}", held.join(", ")));
    }
    if let Some(most) = advice.recipients_per_message {
        parts.push(format!("at most {} a message", counted(most, "recipient")));
    }
    parts.join("; ")
}

fn pause(outlook: &Outlook<'_>) -> Option<String> {
    outlook.receiver.reaction.map(|reaction| format!("{} ({})", reaction.act, reaction.source))
}

/// For a terminal or pipe.
pub(super) fn terminal(outlooks: &[Outlook<'_>], look: Look) -> String {
    if outlooks.is_empty() {
        return String::new();
    }
    let mut out = String::from("\nHow fast receivers let the mail in\n");
    for outlook in outlooks {
        let name = plain(outlook.receiver.name, Width::Word);
        out.push_str(&wrap(&format!("{name}: {}", observed(outlook)), look.width, "", "    "));
        let after = pause(outlook).map(|pause| ("deferred", pause));
        for (label, text) in
            [("send", advice(outlook)), ("then", outlook.sentence())].into_iter().chain(after)
        {
            out.push_str(&wrap(&text, look.width, &format!("    {label:<10}"), "              "));
        }
    }
    out.push_str("--settings postfix (exim, exchange, sendmail, kumomta, ibmi) prints the configuration\n\n");
    out
}

/// For a ticket or a page.
pub(super) fn blocks(outlooks: &[Outlook<'_>]) -> Vec<Block> {
    if outlooks.is_empty() {
        return Vec::new();
    }
    let rows = outlooks.iter().map(|outlook| {
        let name = outlook.receiver.name.to_owned();
        vec![name, observed(outlook), advice(outlook), outlook.sentence(), pause(outlook).unwrap_or_default()]
    });
    vec![
        Block::Heading("How fast receivers let the mail in".to_owned()),
        Block::Table { head: vec!["provider", "seen", "send", "then", "deferred"], rows: rows.collect() },
    ]
}

/// Receivers without configuration that are named with the reason.
const NAMED: usize = 20;

/// The configuration, with what the log's mail would have made of it as remarks.
pub(crate) fn settings(summary: &TrafficSummary, outlooks: &[Outlook<'_>], server: Server) -> String {
    let of = |outlook: &Outlook<'_>| Lane::new(&outlook.receiver);
    let lanes: Vec<Lane> = outlooks.iter().filter_map(of).collect();
    let without = withheld(summary, &|name| {
        outlooks.iter().any(|outlook| outlook.receiver.name == name && of(outlook).is_some())
    });
    let title = server.title();
    let mut out = match (lanes.is_empty(), without.is_empty() && summary.replies_omitted == 0) {
        (false, _) => server.remarked(&format!("{title}, from what this log shows")),
        (true, false) => server.remarked(&format!("{title}: this log gives nothing to be set")),
        (true, true) => server.remarked(&format!(
            "{title}: no receiver in this log slows the sender down, so nothing is to be set; --what-if NAME=RATE asks \
             about a rate"
        )),
    };
    for (name, why) in without.iter().take(NAMED) {
        out.push_str(&server.remarked(&format!("{}: nothing is set, as {why}", remarkable(name))));
    }
    if without.len() > NAMED {
        out.push_str(&server.remarked(&format!("and {} more without settings", without.len() - NAMED)));
    }
    if summary.replies_omitted > 0 {
        let count = counted(summary.replies_omitted, "failed attempt");
        out.push_str(
            &server.remarked(&format!("not looked at: {count} with rare replies, which are only counted")),
        );
    }
    if lanes.is_empty() {
        return out;
    }
    for outlook in outlooks.iter().filter(|outlook| of(outlook).is_some()) {
        let name = remarkable(outlook.receiver.name);
        out.push_str(&server.remarked(&format!("{name}: {}", outlook.sentence())));
    }
    out + &server.text(&lanes)
}

/// A name as a remark may hold it: one with other letters could end the remark.
fn remarkable(name: &str) -> String {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    match name.len() <= 253 && name.bytes().all(harmless) {
        true => name.to_owned(),
        false => "a receiver whose name cannot be written here".to_owned(),
    }
}
