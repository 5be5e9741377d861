//! The end of a queue's patience: words that say so, what was said before them, and a connection that failed,
//! of which nobody has given up yet.

use super::{Basis, Decision, Setting, judged};
use crate::parse::smtp::reply::Reply;
use crate::triage::cause::Cause;

/// qmail's sentence behind the last answer of a message that it gives up: what stands before it is why.
const QMAIL_ENDS: &str = "i'm not going to try again; this message has been in the queue too long";

/// The decision on what was said before the server gave up, where that says anything.
pub(super) fn before_the_end(reply: &Reply, setting: &Setting<'_>) -> Option<Decision> {
    let lower = reply.whole.to_ascii_lowercase();
    let said = reply.whole.get(..lower.find(QMAIL_ENDS)?)?.trim();
    let mut inner = Reply::read(said);
    inner.stage = reply.stage;
    let decision = judged(&inner, setting);
    let silent = matches!(decision.cause, Cause::QueueExpired | Cause::Undetermined | Cause::Delivered);
    (!silent).then_some(decision)
}

/// Words by which a server says that it has stopped trying.
pub(super) const GAVE_UP: &[&str] = &[
    "retry timeout exceeded",
    "retry time exceeded",
    "returned to sender",
    "failing for a long time",
    "giving up",
    "given up",
    "not going to try again",
    "in the queue too long",
    "too old",
    "expired",
    "could not be delivered for",
    "after multiple retries",
];

/// A connection that failed is the network's fault as long as nobody has given
/// up; only then "timed out" means a queue that ran out of time.
pub(super) fn unreached(reply: &Reply, decision: Decision) -> Decision {
    const CONNECTING: &[&str] = &[
        "connection timed out",
        "connection timeout",
        "connect timed out",
        "connect timeout",
        "operation timed out",
        "did not respond",
        "not responding",
        "no response",
        "timed out while",
        "timed out with",
        "timed out during",
        "query timed out",
        "lookup timed out",
        "host not reachable",
        "did not accept our requests to connect",
    ];
    let lower = reply.whole.to_ascii_lowercase();
    let holds = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let by_words = matches!(&decision.basis, Basis::Phrase(group) if group == "expired");
    if decision.cause == Cause::QueueExpired && by_words && holds(CONNECTING) && !holds(GAVE_UP) {
        return Decision {
            cause: Cause::NetworkFailure,
            who: None,
            action: None,
            basis: Basis::Phrase("network".to_owned()),
            ..decision
        };
    }
    decision
}

/// Words of a queue whose time is over, which no server says of mail that it still tries.
const TIME_IS_OVER: &[&str] = &[
    "retry timeout exceeded",
    "retry time exceeded",
    "returned to sender",
    "failing for a long time",
    "after a long failure period",
    "not going to try again",
    "in the queue too long",
    "too long in the queue",
    "tried for too long",
];

/// True where the words say that the time in the queue is over: nobody tries again, though the last answer
/// was one for now. Mail that is delayed may say so of itself, and is still tried.
pub(super) fn over(reply: &Reply, lower: &str, cause: Cause) -> bool {
    let still_tried =
        ["will retry", "will be retried", "will keep", "will continue", "delayed", "next attempt"];
    // A 5xx refuses: that its message is "returned to sender" is what follows.
    reply.permanent() != Some(true) && TIME_IS_OVER.iter().any(|words| lower.contains(words))
        || cause == Cause::QueueExpired
            && lower.contains("expired")
            && !still_tried.iter().any(|words| lower.contains(words))
}

/// True where a reply that a queue ended with says nothing but that its time was over.
pub(crate) fn is_time_over(reply: &str) -> bool {
    over(&Reply::read(reply), &reply.to_ascii_lowercase(), Cause::Undetermined)
}
