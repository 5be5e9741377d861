//! A file that is refused: words that name a kind of file or an attachment, beside a refusal, say more than a
//! code of security or policy.

use super::{Basis, Decision};
use crate::triage::cause::Cause;

/// Words of attachments, in the languages of administrators.
const ATTACHED: &[&str] = &[
    "attachment",
    "attached file",
    "file type",
    "filetype",
    "anhang",
    "anhäng",
    "anhaeng",
    "dateityp",
    "pièce jointe",
    "pièces jointes",
    "pieces jointes",
    "piece jointe",
    "adjunto",
    "allegat",
    "anexo",
    "bijlage",
    "załącznik",
    "вложени",
    "附件",
    "添付",
    "passwortgeschützte archive",
    "passwortgeschuetzte archive",
    "password protected",
    "password-protected",
    "verschlüsselte zip",
    "verschluesselte zip",
    "macro",
    "makro",
];

/// Ends of names of files that filters refuse.
const ENDS: &[&str] = &[
    "docm", "xlsm", "pptm", "doc", "xls", "exe", "zip", "js", "vbs", "iso", "img", "rar", "7z", "htm",
    "html", "lnk", "scr", "bat", "cmd", "jar", "ace", "cab", "msi", "ps1", "dotm", "com", "pif", "hta",
    "wsf", "one",
];

/// Words of a refusal.
const REFUSED: &[&str] = &[
    "not allowed",
    "not accept",
    "not permitted",
    "n't allow",
    "n't accept",
    "forbidden",
    "prohibited",
    "refused",
    "rejected",
    "denied",
    "blocked",
    "banned",
    "nicht angenommen",
    "nicht erlaubt",
    "nicht zugelassen",
    "nicht gestattet",
    "abgelehnt",
    "verboten",
    "abgewiesen",
    "blockiert",
    "interdit",
    "refus",
    "pas autoris",
    "pas accept",
    "non autoris",
    "rejet",
    "no se admit",
    "no se acept",
    "no permit",
    "rechaz",
    "prohibid",
    "bloquead",
    "non ammess",
    "non consentit",
    "rifiutat",
    "bloccat",
    "não permitid",
    "não aceit",
    "recusad",
    "geweigerd",
    "niet toegestaan",
    "odrzuc",
    "запрещ",
    "отклон",
];

/// Beside which the words are about size or malware.
const OTHER: &[&str] = &["virus", "malware", "trojan", "too large", "too big", "zu groß", "zu gross", "size"];

/// True where a file is refused and the decision rests on a code or on loose words.
pub(super) fn is_refused(text: &str, decision: &Decision) -> bool {
    let loose = match &decision.basis {
        Basis::EnhancedCode(_) | Basis::ReplyCode(_) | Basis::Learnt(_) | Basis::Nothing => true,
        Basis::Sense(_) | Basis::Phrase(_) => decision.weak,
        Basis::Pattern(_) => false,
    };
    let open = matches!(
        decision.cause,
        Cause::SecurityRejected
            | Cause::PolicyRejected
            | Cause::SpamContent
            | Cause::ContentRejected
            | Cause::Undetermined
    );
    let any = |words: &[&str]| words.iter().any(|words| text.contains(words));
    // Hosts and addresses hold any word.
    let words: Vec<&str> = text.split(' ').filter(|word| !is_host(word)).collect();
    let words = words.join(" ");
    let attached = ATTACHED.iter().any(|word| words.contains(word));
    loose && open && any(REFUSED) && !any(OTHER) && (attached || names_end(text))
}

/// `mail@macro.example`, `macro.example.com`.
fn is_host(word: &str) -> bool {
    let inner = word.trim_matches(|c: char| !c.is_alphanumeric());
    inner.contains('@') || inner.matches('.').count() > 1
}

/// `.docm` by itself, and no host or address of mail.
fn names_end(text: &str) -> bool {
    text.split([' ', ',', ';', '/', '(', ')', '"', '\'']).any(|word| {
        let word = word.trim_end_matches(['.', ':', '!']);
        word.strip_prefix("*.").or_else(|| word.strip_prefix('.')).is_some_and(|end| ENDS.contains(&end))
    })
}

#[cfg(test)]
mod tests {
    use crate::triage::reply::classify;

    #[test]
    fn a_file_that_is_named_is_what_is_refused() {
        for text in [
            "550 5.7.1 Dateianhaenge vom Typ .docm werden aus Sicherheitsgruenden nicht angenommen. Bitte als PDF senden.",
            "550 5.7.1 Dateianhänge vom Typ .docm werden nicht angenommen",
            "550 5.7.1 Anhaenge mit Makros sind nicht erlaubt",
            "550 5.7.1 Anhang aus Sicherheitsgründen abgelehnt",
            "550 Anhang wurde aus Sicherheitsgründen abgelehnt",
            "550 5.7.1 Bijlagen van het type .docm worden om veiligheidsredenen geweigerd",
            "550 5.7.1 Les pièces jointes .zip sont refusées",
            "550 5.7.1 No se admiten adjuntos .exe",
            "550 5.7.1 Password protected ZIP files are not allowed",
            "550 5.7.1 Passwortgeschützte Archive werden nicht angenommen",
        ] {
            let read = classify(text, None);
            assert_eq!(read.cause.name(), "content-rejected", "{text}");
            assert!(read.action[0].contains("file"), "{text}: {:?}", read.action);
        }
        for (text, cause) in [
            ("550 5.7.1 Attachment contains a virus, rejected", "virus"),
            ("552 5.3.4 Attachment too large, rejected", "message-too-large"),
            ("550 5.1.1 no such user bob@example.com", "unknown-user"),
        ] {
            assert_eq!(classify(text, None).cause.name(), cause, "{text}");
        }
    }
}
