//! Automatic replies that say that the message waits at the other side.

use crate::parse::bounce::Notice;
use crate::parse::text::plain_text::beginning;
use crate::triage::cause::Cause;

/// Words of a mailbox that asks whoever writes to it to prove that a person does (BoxTrapper and the
/// like), which no other mail says.
const ASKS_FOR_A_PERSON: &[&str] = &["you are a real live human", "real live human being"];

/// As above, of other services; told by a program that answers.
const ASKS_WHO_WROTE: &[&str] = &[
    "confirm your message",
    "confirm that you are",
    "verify that you are",
    "verify you are",
    "so i can receive your email",
    "to release your message",
    "is being held because the address",
    "to my guest list",
    "was waitlisted",
    "approve your message",
    "whitelist yourself",
    "authenticate yourself",
    "challenge-response",
    "click the link below to get your message",
    "click the link below to release",
    "bestätigen sie, dass sie",
    "bestätigen sie ihre nachricht",
    "kein roboter",
    "um ihre nachricht zuzustellen",
    "damit ihre nachricht zugestellt",
    "veuillez confirmer",
    "pour que votre message soit",
    "confirmez que vous",
    "confirme que no es",
    "confirme su mensaje",
    "conferma il tuo messaggio",
    "conferma di non essere",
    "boxbe",
    "spamarrest",
    "spam arrest",
];

/// Words by which a list says that it took a message for none of its members.
const REFUSED: &[&str] = &[
    "abgelehnt",
    "you are not a member",
    "zurückgewiesen",
    "a été rejeté",
    "a été refusé",
    "was rejected",
    "has been rejected",
    "ha sido rechazado",
    "fue rechazado",
    "è stato rifiutato",
    "è stato respinto",
    "foi rejeitad",
    "is geweigerd",
];

/// Words of a list.
const LIST: &[&str] = &[
    "mailing list",
    "sent to list '",
    "to this list",
    "for list '",
    "mailing-list",
    "mailingliste",
    "mailinglist",
    "pour la liste",
    "lista de correo",
    "alla lista",
];

/// True where a list says in its first words that it refused the message.
pub(super) fn refused_by_list(notice: &Notice) -> bool {
    const FIRST_WORDS: usize = 600;
    let text = beginning(&notice.text, FIRST_WORDS).to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    says(LIST) && says(REFUSED)
}

/// Words of a mailing list that keeps a message for its moderator (Mailman, Sympa).
const HELD_BY_LIST: &[&str] = &[
    "awaits moderator approval",
    "is being held until the list moderator",
    "is waiting for moderator approval",
    "has been forwarded to the list moderator",
    "is being moderated",
    "was forwarded to editor",
    "has been forwarded to the editor",
    "has been forwarded to editor",
    "a été transmis au(x) modérateur",
    "a été transmis aux modérateurs",
    "wurde an den moderator weitergeleitet",
];

/// Why an automatic reply says that the message waits: a list's moderator, a question of the mailbox.
pub(super) fn back(notice: &Notice) -> Option<Cause> {
    // Who answers such a notice quotes it.
    let answered = |subject: &str| {
        ["re:", "aw:", "fw:", "fwd:", "wg:", "sv:", "tr:"].iter().any(|re| subject.starts_with(re))
    };
    let (subject, text) = (notice.subject.to_lowercase(), notice.text.to_lowercase());
    let program = notice.auto_submitted.as_deref().is_some_and(|value| value.starts_with("auto-replied"));
    if program && ASKS_WHO_WROTE.iter().any(|word| subject.contains(word) || text.contains(word)) {
        return Some(Cause::RecipientFiltered);
    }
    if answered(subject.trim_start()) {
        return None;
    }
    let says = |words: &[&str]| words.iter().any(|word| subject.contains(word) || text.contains(word));
    if says(HELD_BY_LIST) {
        return Some(Cause::PolicyRejected);
    }
    says(ASKS_FOR_A_PERSON).then_some(Cause::RecipientFiltered)
}
