//! Automatic replies that say that the message waits at the other side.

use crate::parse::bounce::Notice;
use crate::triage::cause::Cause;

/// Words of a mailbox that asks whoever writes to it to prove that a person does (BoxTrapper and the
/// like), which no other mail says.
const ASKS_FOR_A_PERSON: &[&str] = &["you are a real live human", "real live human being"];

/// Words of a mailing list that keeps a message for its moderator (Mailman, Sympa).
const HELD_BY_LIST: &[&str] = &[
    "awaits moderator approval",
    "is being held until the list moderator",
    "is waiting for moderator approval",
    "has been forwarded to the list moderator",
];

/// Why an automatic reply says that the message waits: a list's moderator, a question of the mailbox.
pub(super) fn back(notice: &Notice) -> Option<Cause> {
    // Who answers such a notice quotes it.
    let answered = |subject: &str| {
        ["re:", "aw:", "fw:", "fwd:", "wg:", "sv:", "tr:"].iter().any(|re| subject.starts_with(re))
    };
    let (subject, text) = (notice.subject.to_lowercase(), notice.text.to_lowercase());
    if answered(subject.trim_start()) {
        return None;
    }
    let says = |words: &[&str]| words.iter().any(|word| subject.contains(word) || text.contains(word));
    if says(HELD_BY_LIST) {
        return Some(Cause::PolicyRejected);
    }
    says(ASKS_FOR_A_PERSON).then_some(Cause::RecipientFiltered)
}
