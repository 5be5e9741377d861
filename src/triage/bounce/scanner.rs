//! Notices of virus scanners: whether a message is one, and whether the scanner kept the mail from its recipient.

use crate::parse::bounce::Notice;
use crate::parse::text::plain_text::beginning;

/// Bytes of a notice that are looked at: it says in its first words what it is.
const FIRST_WORDS: usize = 4 << 10;

/// True where a scanner says that it kept the message from its recipient.
pub(super) fn stopped_by_scanner(notice: &Notice) -> bool {
    const STOPPED: &[&str] = &[
        "delivery of the email was stopped",
        "delivery was stopped",
        "was not delivered",
        "not been delivered",
        "has been blocked",
        "was blocked",
        "was rejected",
        "has been rejected",
        "has been quarantined",
        "was quarantined",
        "message was deleted",
        "message has been deleted",
        "nicht zugestellt",
        "n'a pas été remis",
    ];
    // Told to a recipient, whose own mail did not fail.
    const TO_RECIPIENT: &[&str] =
        &["delivered to you", "addressed to you", "mail to you", "sent to you", "sent you"];
    const MESSAGE: &[&str] = &["message", "mail", "delivery", "nachricht"];
    let text = beginning(&notice.text, FIRST_WORDS).to_lowercase();
    let whole = |at: usize| {
        let before = text[..at].rsplit(['.', '\n']).next().unwrap_or_default();
        MESSAGE.iter().any(|word| before.contains(word))
    };
    let stopped = |words: &&str| {
        text.match_indices(*words)
            .take(16)
            .any(|(at, _)| words.contains("deliver") || words.contains("message") || whole(at))
    };
    is_of_scanner(notice)
        && !TO_RECIPIENT.iter().any(|words| text.contains(words))
        && STOPPED.iter().any(stopped)
}

/// True for the notice of a virus scanner: its subject or sender names it, and its words tell of a finding.
pub(super) fn is_of_scanner(notice: &Notice) -> bool {
    const SCANNERS: &[&str] = &[
        "scanmail",
        "interscan",
        "amavis",
        "content-filter",
        "mailscanner",
        "antivirus",
        "anti-virus",
        "virus-scanner",
        "virusscanner",
        "virus scanner",
        "viruswall",
        "groupshield",
        "mailmarshal",
        "mailsweeper",
        "clamav",
        "clamsmtp",
        "antigen",
        "symantec",
        "postmaster",
        "mailer-daemon",
    ];
    const MALWARE: &[&str] = &["virus", "malware", "infected", "trojan", "worm"];
    const FOUND: &[&str] = &[
        "found",
        "detected",
        "virus alert",
        "virus warning",
        "infected with",
        "is infected",
        "gefunden",
        "détecté",
        "trouvé",
        "encontrado",
        "trovato",
    ];
    if notice.of_list {
        return false;
    }
    let (subject, text) =
        (notice.subject.to_lowercase(), beginning(&notice.text, FIRST_WORDS).to_lowercase());
    let any = |words: &[&str], text: &str| words.iter().any(|word| text.contains(word));
    any(MALWARE, &subject) && any(SCANNERS, &notice.from) && any(FOUND, &text) && any(MALWARE, &text)
}
