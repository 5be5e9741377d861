//! What waits in a queue, grouped by cause and receiver: who must act on what first. Pure.

use std::collections::BTreeMap;

use super::cause::Cause;
use super::reply::Who;
use super::story::{Message, Status};
use crate::parse::log::event::{Millis, NO_TIME};

/// Recipients that wait for one reason at one receiver.
#[derive(Clone, Debug)]
pub(crate) struct Stuck {
    pub cause: Cause,
    /// Domain of the recipients, or the next host where no recipient is listed. Hostile text.
    pub receiver: String,
    pub who: Who,
    /// Kept until somebody releases them.
    pub held: bool,
    pub messages: u64,
    pub recipients: u64,
    /// Since when the oldest waits, and when the first is given up.
    pub oldest: Millis,
    pub until: Millis,
    /// Of the oldest. Hostile text.
    pub reply: String,
    pub steps: Vec<String>,
    /// The mail system that listed them: `postfix`, `exim`, empty where unknown.
    pub agent: String,
    /// Queue ids, the oldest first, some of them.
    pub ids: Vec<String>,
}

/// Most queue ids kept of a group.
const IDS: usize = 5;

/// The groups, the oldest first; mail that nothing was tried with yet comes last.
pub(crate) fn stuck(messages: &[Message]) -> Vec<Stuck> {
    let mut order: Vec<&Message> = messages.iter().collect();
    order.sort_by_key(|message| (unknown_last(message.received), message.ids.first().cloned()));
    let mut groups: BTreeMap<(Cause, String, bool), Stuck> = BTreeMap::new();
    for message in order {
        let mut counted: Vec<(Cause, String, bool)> = Vec::new();
        for one in &message.recipients {
            if !matches!(one.status, Status::Deferred | Status::Held | Status::Queued) {
                continue;
            }
            let domain = one.address.rsplit_once('@').map_or(one.remote_host.as_str(), |(_, domain)| domain);
            let held = one.status == Status::Held;
            // Who holds it says why, and a listing often does not.
            let unsaid = held && one.reply.is_empty();
            let cause = one.cause.filter(|_| !unsaid).unwrap_or(Cause::Undetermined);
            let key = (cause, domain.to_ascii_lowercase(), held);
            let group = groups.entry(key.clone()).or_insert_with(|| Stuck {
                cause,
                receiver: key.1.clone(),
                who: one.who,
                held,
                messages: 0,
                recipients: 0,
                oldest: message.received,
                until: NO_TIME,
                reply: one.reply.clone(),
                steps: one.advice.clone(),
                agent: message.events.last().map(|event| event.agent.clone()).unwrap_or_default(),
                ids: Vec::new(),
            });
            group.recipients += 1;
            if one.until != NO_TIME && (group.until == NO_TIME || one.until < group.until) {
                group.until = one.until;
            }
            if !counted.contains(&key) {
                group.messages += 1;
                if let Some(id) = message.ids.first().filter(|_| group.ids.len() < IDS) {
                    group.ids.push(id.clone());
                }
                counted.push(key);
            }
        }
    }
    let mut out: Vec<Stuck> = groups.into_values().collect();
    out.sort_by_key(|group| (group.reply.is_empty() && !group.held, unknown_last(group.oldest)));
    out
}

fn unknown_last(at: Millis) -> Millis {
    if at == NO_TIME { Millis::MAX } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::log::Dialect;
    use crate::parse::log::record::LogEvent;
    use crate::triage::story;

    fn messages(text: &str) -> Vec<Message> {
        let batch = crate::parse::log::parse_block(Dialect::MailQueue, text.as_bytes(), 2026);
        let place = crate::model::Location { file: "queue".to_owned(), line: 1 };
        story::join(batch.iter().map(|e| LogEvent::of(&e, place.clone(), "mail-queue")).collect())
    }

    #[test]
    fn groups_by_cause_and_receiver_oldest_first() {
        let found = stuck(&messages(
            "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n\
             3F1A2B4C5D    1234 Mon Nov 30 05:14:03  a@example.com\n\
             (connect to mx.example.net[192.0.2.1]:25: Connection timed out)\n    b@example.net\n    c@EXAMPLE.net\n\n\
             3F1A2B4C5E    1234 Sun Nov 29 05:14:03  a@example.com\n\
             (connect to mx.example.net[192.0.2.1]:25: Connection timed out)\n    d@example.net\n\n\
             3F1A2B4C5F!   1234 Mon Nov 30 06:14:03  a@example.com\n    e@example.org\n\n\
             3F1A2B4C60*   1234 Mon Nov 30 07:14:03  a@example.com\n    f@example.org\n\n",
        ));
        let told: Vec<_> = found
            .iter()
            .map(|g| (g.cause.name(), g.receiver.as_str(), g.messages, g.recipients, g.held))
            .collect();
        assert_eq!(told[0], ("network-failure", "example.net", 2, 3, false));
        assert_eq!((told[1].1, told[1].4), ("example.org", true));
        assert_eq!(told.len(), 3);
        assert_eq!(found[0].ids, ["3F1A2B4C5E", "3F1A2B4C5D"]);
    }
}
