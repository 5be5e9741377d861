//! Whose words say why: another host's of the same attempt, those of the try before, or nobody's.

use super::Recipient;
use crate::parse::log::Kind;
use crate::parse::log::record::LogEvent;

/// Where Exim freezes without a word of its own, why the last try failed.
pub(super) fn reason_before<'e>(
    recipient: &Recipient,
    events: &'e [LogEvent],
    event: &LogEvent,
) -> Option<&'e LogEvent> {
    if event.dialect != "exim" || !event.reply.eq_ignore_ascii_case("frozen") {
        return None;
    }
    let before = recipient.events.iter().rev().map(|index| &events[*index]);
    before.filter(|before| before.at <= event.at).find(|before| before.kind == Kind::Deferred)
}

/// Where the last of several hosts could not be reached at all, what another of
/// them said within the same attempt: that is the reason.
pub(super) fn told_before<'e>(
    events: &'e [LogEvent],
    hop_of: &[usize],
    index: usize,
) -> Option<&'e LogEvent> {
    const LINES: usize = 20;
    const ATTEMPT: i64 = 600_000;
    let event = &events[index];
    let silent = event.reply.starts_with("connect to ") || event.reply.is_empty();
    if !silent || !matches!(event.kind, Kind::Deferred | Kind::Bounced) {
        return None;
    }
    let before = events[..index].iter().zip(hop_of).rev().take(LINES);
    before
        .filter(|(_, hop)| **hop == hop_of[index])
        .map(|(other, _)| other)
        .take_while(|other| !matches!(other.kind, Kind::Deferred | Kind::Bounced | Kind::Delivered))
        .find(|other| {
            other.kind == Kind::HostFailed
                && other.at.saturating_sub(event.at).saturating_abs() <= ATTEMPT
                && (other.reply.contains("refused to talk to me")
                    || other.reply.contains(" said: ")
                    || other.agent == "courier" && other.recipient == event.recipient)
        })
}

/// The words to judge by. Where sendmail has only its own word for the class of the failure, nobody
/// said what it was: `Service unavailable` (EX_UNAVAILABLE) stands for any 5xx.
pub(super) fn spoken(event: &LogEvent) -> &str {
    let own = ["Service unavailable", "Data format error", "Remote protocol error"];
    let sendmail = event.dialect == "sendmail" && event.line.contains("stat=");
    if sendmail && own.contains(&event.reply.as_str()) { "" } else { &event.reply }
}
