//! How fast receivers let the mail in, what to send, and the configuration for it.

use crate::model::untrusted::{Width, plain};
use crate::render::counted::counted;
use crate::render::document::Block;
use crate::render::style::{Look, wrap};
use crate::triage::throttle::settings::{Lane, Server, words};
use crate::triage::throttle::{Outlook, Span, seen_words};

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
            let hour = match advice.most(Span::Minute) {
                Some(5..) => format!(", {} an hour", advice.most(Span::Hour).unwrap_or_default()),
                _ => String::new(),
            };
            let began = receiver.seen.first().is_some_and(|seen| seen.began.is_some());
            let basis = if began { " (four fifths of what was too much)" } else { " (as its reply states)" };
            parts.push(format!("at most {}{hour}{basis}", words(interval)));
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

/// The configuration, with what the log's mail would have made of it as remarks.
pub(crate) fn settings(outlooks: &[Outlook<'_>], server: Server) -> String {
    let lanes: Vec<Lane> = outlooks.iter().filter_map(|outlook| Lane::new(&outlook.receiver)).collect();
    let title = server.title();
    if lanes.is_empty() {
        return server.remarked(&format!(
            "{title}: no receiver in this log slows the sender down, so nothing is to be set; --what-if NAME=RATE asks \
             about a rate"
        ));
    }
    let mut out = server.remarked(&format!("{title}, from what this log shows"));
    for outlook in outlooks {
        let name = plain(outlook.receiver.name, Width::Word);
        out.push_str(&server.remarked(&format!("{name}: {}", outlook.sentence())));
    }
    out + &server.text(&lanes)
}
