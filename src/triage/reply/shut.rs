//! Words that look like a recipient's and are about who sends: the own account that is shut for sending, and
//! the own list that names too many wrong addresses. Nobody may be struck off for either.

use super::{Basis, Decision};
use crate::model::speaker::Stage;
use crate::parse::smtp::reply::Reply;
use crate::triage::cause::Cause;

/// Words of sending, in the languages of hosters.
const SENDING: &[&str] = &[
    "outgoing",
    "outbound",
    "sending from",
    "sending mail",
    "sending email",
    "sending e-mail",
    "sending has been",
    "sending is",
    "for sending",
    "from sending",
    "to send mail",
    "to send email",
    "smtp auth",
    "smtp-auth",
    "smtpclientauthentication",
    "smtp client authentication",
    "versand",
    "zum senden",
    "l'envoi",
    "envoi massif",
    "pour envoi",
    "d'envoi",
    "el envío",
    "el envio",
    "de envío",
    "l'invio",
    "di invio",
    "o envio",
    "de envio",
    "verzend",
    "wysyłan",
    "отправк",
    "change your password",
    "change the password",
    "reset your password",
    "passwort ändern",
    "passwort aendern",
    "ihr passwort",
    "votre mot de passe",
    "su contraseña",
    "la password",
];

/// Words that turn to whoever reads the reply.
const OWN: &[&str] = &[
    "your account",
    "your mailbox",
    "your user",
    "ihr konto",
    "ihr postfach",
    "ihr account",
    "ihr benutzer",
    "votre compte",
    "votre boîte",
    "votre boite",
    "su cuenta",
    "tu cuenta",
    "su buzón",
    "su buzon",
    "sua conta",
    "suo account",
    "tuo account",
    "sua casella",
    "uw account",
    "je account",
    "uw mailbox",
    "twoje konto",
    "ваш аккаунт",
    "ваша учетная",
    "ваша учётная",
];

/// Words of an account that is shut.
const SHUT: &[&str] = &[
    "disabled",
    "deaktiviert",
    "gesperrt",
    "suspended",
    "suspendiert",
    "blocked",
    "blockiert",
    "locked",
    "on hold",
    "désactiv",
    "desactiv",
    "bloqu",
    "suspendu",
    "deshabilit",
    "suspendid",
    "sospes",
    "bloccat",
    "disattivat",
    "geblokkeerd",
    "uitgeschakeld",
    "zablokow",
    "заблокирован",
    "ausgesetzt",
    "abgeschaltet",
    "stillgelegt",
];

/// True where the account that is shut is the sender's: the words are of sending or turn to the sender, or the
/// login is answered, where no recipient was named yet.
pub(super) fn is_own_account(reply: &Reply, text: &str, decision: &Decision) -> bool {
    let of_service = matches!(&decision.basis, Basis::Phrase(group) if group.starts_with("account-"));
    let misread = matches!(
        decision.cause,
        Cause::MailboxDisabled
            | Cause::Suppressed
            | Cause::SpamContent
            | Cause::SecurityRejected
            | Cause::UnknownUser
            | Cause::MailNotAccepted
            | Cause::Undetermined
    );
    if of_service || !misread {
        return false;
    }
    let any = |words: &[&str]| words.iter().any(|words| text.contains(words));
    if is_login(reply) {
        return decision.cause != Cause::SecurityRejected && any(SHUT);
    }
    // A sentence is read by itself: what is shut in one may be the recipient's, and the sender be spoken to in another.
    // 5.1.x, and the plain words of a mailbox or of spam, are overruled by an account that sends alone.
    let plain = reply.enhanced.is_some_and(|code| code.subject == 1 || (code.subject, code.detail) == (2, 1))
        || decision.cause == Cause::SpamContent;
    text.split(". ").flat_map(|sentence| sentence.split(';')).any(|sentence| {
        let holds = |words: &[&str]| words.iter().any(|words| sentence.contains(words));
        holds(SHUT)
            && (holds(SENDING) && (!plain || holds(OWN))
                || !plain && holds(OWN) && reply.stage != Some(Stage::Rcpt))
    })
}

/// True where the login is answered (RFC 4954 section 6): no recipient was named yet.
pub(super) fn is_login(reply: &Reply) -> bool {
    reply.stage == Some(Stage::Auth) || matches!(reply.code, Some(534 | 535))
}

/// True where recipients are counted: "a high number of invalid recipients".
pub(super) fn counts_wrong_recipients(text: &str) -> bool {
    const COUNT: &[&str] = &[
        "too many",
        "number of",
        "excessive",
        "zu viele",
        "trop de",
        "demasiad",
        "troppi",
        "muitos",
        "te veel",
    ];
    const WRONG: &[&str] = &[
        "invalid",
        "unknown",
        "nonexist",
        "non-exist",
        "not exist",
        "bad ",
        "ungültig",
        "unbekannt",
        "inconnu",
        "inexist",
        "desconocid",
        "inválid",
        "sconosciut",
        "onbekend",
    ];
    const MANY: &[&str] = &[
        "recipients",
        "users",
        "addresses",
        "mailboxes",
        "empfänger",
        "empfaenger",
        "adressen",
        "destinataires",
        "destinatarios",
        "destinatari",
        "destinatários",
        "ontvangers",
    ];
    // The three stand together: "number of addresses tried: 1" counts something else.
    const NEAR: usize = 48;
    COUNT.iter().flat_map(|word| text.match_indices(word)).take(64).any(|(at, _)| {
        let after: String = text[at..].chars().take(NEAR).collect();
        let holds = |words: &[&str]| words.iter().any(|words| after.contains(words));
        holds(WRONG) && holds(MANY)
    })
}

#[cfg(test)]
mod tests {
    use crate::triage::reply::classify;

    #[test]
    fn an_own_account_that_is_shut_strikes_nobody_off() {
        for text in [
            "550 5.7.1 Versand gesperrt: Ihr Postfach wurde vorübergehend deaktiviert",
            "550 Ihr Konto wurde wegen Spamversands gesperrt",
            "550 Ihr Postfach ist fuer den Versand gesperrt",
            "550 SMTP-Versand für dieses Konto deaktiviert",
            "550 Votre compte a été bloqué pour envoi massif",
            "550 L'envoi depuis votre compte est désactivé",
            "550 El envío desde su cuenta ha sido bloqueado por spam",
            "550 Sending from mailbox a@example.com is suspended",
            "550 Sending from this mailbox has been suspended, please change your password",
            "554 5.7.1 Sending from this mailbox is disabled because of abuse, contact your provider",
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox",
            "535 5.7.8 SMTP AUTH is disabled for this mailbox",
            "535 5.7.8 Ihr Konto ist gesperrt",
            "550 Outgoing mail for account a@example.com is on hold",
            "550 5.7.1 Your account is on hold, contact your provider",
            "Outgoing mail from \"a@example.com\" is on hold; the account owner has to change the password first.",
        ] {
            let read = classify(text, None);
            assert_eq!(read.who.name(), "sender", "{text}: {:?}", read.cause);
            assert!(
                !matches!(read.cause.name(), "mailbox-disabled" | "suppressed" | "spam-content"),
                "{text}: {:?}",
                read.cause
            );
            assert!(!read.action.iter().any(|step| step.contains("every list")), "{text}: {:?}", read.action);
        }
        for text in [
            "550 5.2.1 The account of bob@example.net is disabled",
            "550 5.2.1 <bob@example.net>: mailbox disabled, not accepting messages",
            "550 Account suspended",
            "550 5.2.1 Dieses Postfach ist gesperrt",
        ] {
            assert_eq!(classify(text, None).cause.name(), "mailbox-disabled", "{text}");
        }
    }

    #[test]
    fn many_wrong_recipients_are_of_the_list() {
        for text in [
            "550 5.7.1 Our system has detected an excessively high number of invalid recipients originating from your account.",
            "550 too many unknown recipients from your account",
            "421 4.7.0 Too many nonexistent users tried",
            "550 Zu viele ungültige Empfänger",
        ] {
            let read = classify(text, None);
            assert_eq!(read.who.name(), "sender", "{text}: {:?}", read.cause);
            assert_ne!(read.cause.name(), "unknown-user", "{text}");
        }
        assert_eq!(
            classify("550 5.1.1 invalid recipient bob@example.net", None).cause.name(),
            "unknown-user"
        );
    }
}
