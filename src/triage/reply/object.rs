//! What a wording is about: "listed", "does not exist", "suspended" and "quota exceeded" mean one thing of an
//! address of the network, another of a domain, of the sender, or of the recipient's own list. The nearest
//! object in the words decides, where the wording itself is one that many servers use for many things.

use super::{Basis, Decision, Who, file, shut, wording};
use crate::model::speaker::{Speaker, Stage};
use crate::parse::smtp::reply::Reply;
use crate::triage::cause::Cause;

/// The decision as the object of its words corrects it.
pub(super) fn bind(reply: &Reply, decision: Decision) -> Decision {
    let known = matches!(&decision.basis, Basis::Pattern(id) if !wording::is_shared(id));
    if known {
        return decision;
    }
    let text = reply.text.to_lowercase();
    let about =
        |cause, who, action| Decision { cause, who, action: Some(action), lead: None, ..decision.clone() };
    if is_probe_refused(reply, decision.cause) {
        return about(Cause::RemoteError, Some(Who::Receiver), "ask_recipient_admin");
    }
    if decision.cause == Cause::UnknownUser && is_bare_domain(&text) {
        return match reply.stage {
            Some(Stage::Mail) => about(Cause::SenderRejected, None, "fix_sender"),
            _ => about(Cause::UnknownHost, None, "verify_domain"),
        };
    }
    let blames = |words: &[&str]| words.iter().any(|words| text.contains(words));
    if shut::is_own_account(reply, &text, &decision) {
        let (cause, action) = match shut::is_login(reply) {
            true => (Cause::SecurityRejected, "configure_auth"),
            false => (Cause::SenderRejected, "account_shut"),
        };
        return Decision { speaker: Some(Speaker::OwnRelay), ..about(cause, Some(Who::Sender), action) };
    }
    if decision.cause == Cause::UnknownUser && shut::counts_wrong_recipients(&text) {
        return about(Cause::BadReputation, Some(Who::Sender), "clean_list");
    }
    if file::is_refused(&text, &decision) {
        return about(Cause::ContentRejected, None, "remove_attachment");
    }
    if matches!(decision.basis, Basis::EnhancedCode(_)) && is_loop_code(reply) && blames(LIMITS) {
        return Decision {
            speaker: Some(Speaker::OwnRelay),
            ..about(Cause::RateLimited, Some(Who::Sender), "lower_to_plan")
        };
    }
    match decision.cause {
        // A program that may not open its file lists nobody.
        Cause::IpBlocklisted if is_denied_file(reply, &text) => {
            about(Cause::MailerError, Some(Who::Receiver), "ask_recipient_admin")
        }
        Cause::MailboxDisabled if blames(OWN_ACCOUNT) => {
            about(Cause::SenderRejected, None, "activate_account")
        }
        Cause::MailboxDisabled if blames(OWN_SIDE) => about(Cause::SenderRejected, None, "fix_sender"),
        Cause::MailboxFull if blames(OF_SENDING) => about(Cause::RateLimited, None, "lower_to_plan"),
        Cause::IpBlocklisted | Cause::BadReputation | Cause::SenderRejected if blames(OF_RECIPIENT) => {
            about(Cause::RecipientFiltered, None, "ask_recipient")
        }
        Cause::IpBlocklisted if is_sender_listed(reply, &text) => {
            about(Cause::SenderRejected, None, "fix_sender")
        }
        Cause::IpBlocklisted | Cause::SenderRejected | Cause::PolicyRejected if blames(OWN_ORGANIZATION) => {
            Decision {
                speaker: Some(Speaker::OwnRelay),
                ..about(Cause::PolicyRejected, Some(Who::Sender), "read_service_rule")
            }
        }
        _ => decision,
    }
}

/// Words of a limit, which a code that servers also give for circles does not unsay.
const LIMITS: &[&str] = &["limit", "quota", "kontingent", "límite", "limite"];

/// X.4.6, "routing loop detected" (RFC 3463 section 3.5).
fn is_loop_code(reply: &Reply) -> bool {
    reply.enhanced.is_some_and(|code| (code.subject, code.detail) == (4, 6))
}

/// Words of the sender's own domain, server or account.
const OWN_SIDE: &[&str] =
    &["your domain", "sender domain", "sending domain", "your server", "your ip", "your host"];

/// Words of the account that sends, which its own service tells its owner.
const OWN_ACCOUNT: &[&str] = &["your account", "sending account", "for sending", "from sending"];

/// Words of a quota that counts what is sent, and no storage.
const OF_SENDING: &[&str] = &[
    "message count",
    "policy rejection",
    "outbound",
    "outgoing",
    "sending quota",
    "quota for sending",
    "recipient count",
    "messages sent",
    "mails sent",
];

/// Lists that the recipient keeps.
const OF_RECIPIENT: &[&str] =
    &["by user's", "user's reject list", "recipient's reject list", "user reject list", "user's block list"];

/// The sender's own organisation, told to the sender.
const OWN_ORGANIZATION: &[&str] =
    &["blocked by your organization", "blocked by your organisation", "by your organization using"];

/// "Permission denied" without a code, an address or a connection.
fn is_denied_file(reply: &Reply, text: &str) -> bool {
    text.contains("permission denied")
        && reply.code.is_none()
        && reply.stage != Some(Stage::Connect)
        && reply.addresses().is_empty()
        && reply.lists().is_empty()
}

/// What the receiver's own question for the address met with is refused to the receiver's machine: nothing of
/// it is about who sends.
fn is_probe_refused(reply: &Reply, cause: Cause) -> bool {
    let of_sending_host = matches!(
        cause,
        Cause::IpBlocklisted
            | Cause::BadReputation
            | Cause::PtrRequired
            | Cause::AuthenticationFailed
            | Cause::Greylisted
            | Cause::RateLimited
            | Cause::TooManyConnections
    );
    let lower = reply.whole.to_lowercase();
    of_sending_host
        && [
            "recipient address rejected: unverified address",
            "recipient address rejected: undeliverable address",
        ]
        .iter()
        .any(|words| lower.contains(words))
}

/// "mail.example.com does not exist": a name without a mailbox, and no word of one beside it.
fn is_bare_domain(text: &str) -> bool {
    const GONE: &[&str] = &[" does not exist", " doesn't exist", " not exist", " could not be found"];
    const OF_MAILBOX: &[&str] = &["user", "mailbox", "recipient", "account", "alias", "@", "email", "e-mail"];
    GONE.iter().any(|words| {
        let subject =
            text.find(words).and_then(|at| text.get(..at)).and_then(|before| before.split(' ').next_back());
        subject.is_some_and(is_host_name)
    }) && !OF_MAILBOX.iter().any(|word| text.contains(word))
}

fn is_host_name(word: &str) -> bool {
    let word = word.trim_matches(['<', '>', '[', ']', '(', ')', '"', '\'', ':', '.']);
    let labels: Vec<&str> = word.split('.').collect();
    labels.len() >= 2
        && labels
            .iter()
            .all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        && labels.last().is_some_and(|label| label.bytes().any(|b| b.is_ascii_alphabetic()))
}

/// "sender <a@example.com> black listed": an address of mail, and no address of the network or host.
fn is_sender_listed(reply: &Reply, text: &str) -> bool {
    const OF_HOST: &[&str] =
        &[" ip", "ip ", "host", "server", "client", "network", "connect", "dnsbl", "rbl", "dns list"];
    const OF_SENDER: &[&str] = &["sender", "from address", "blacklist_from", "mail from", "envelope from"];
    const LISTED: &[&str] = &["listed", "black", "block list", "blocklist", "banned"];
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    any(OF_SENDER) && any(LISTED) && !any(OF_HOST) && reply.addresses().is_empty() && reply.lists().is_empty()
}

#[cfg(test)]
mod tests {
    use crate::triage::reply::classify;

    #[test]
    fn a_wording_means_what_it_is_about() {
        for (text, cause) in [
            ("553 mail.example.com does not exist", "unknown-host"),
            ("550 5.1.2 example.net does not exist", "unknown-host"),
            ("550 <bob@example.net> does not exist", "unknown-user"),
            ("550 5.1.1 User bob@example.net does not exist", "unknown-user"),
            ("550 Your domain has been suspended for abuse", "sender-rejected"),
            ("550 5.7.1 Message rejected, your account has been locked for sending", "sender-rejected"),
            ("550 5.2.1 The account of bob@example.net is disabled", "mailbox-disabled"),
            ("550 5.7.1 sender <app@example.com> black listed #127", "sender-rejected"),
            ("554 5.7.1 Matched map: BLACKLIST_FROM", "sender-rejected"),
            ("550 5.7.1 host 192.0.2.1 is black listed", "ip-blocklisted"),
            ("550 You are registered as spammer (by user's reject list)", "recipient-filtered"),
            (
                "450 4.7.1 <a@example.net>: Recipient address rejected: Policy rejection; Message count quota exceeded",
                "rate-limited",
            ),
            ("550 5.2.2 <a@example.net>: Quota exceeded", "mailbox-full"),
        ] {
            assert_eq!(classify(text, None).cause.name(), cause, "{text}");
        }
    }

    #[test]
    fn a_locked_account_is_opened_by_its_service() {
        let read = classify("550 5.7.1 Message rejected, your account has been locked for sending", None);
        assert_eq!(read.who.name(), "sender");
        assert!(read.action.iter().any(|step| step.contains("ask its support")), "{:?}", read.action);
    }

    #[test]
    fn what_a_probe_met_with_is_no_fault_of_who_sends() {
        let said = "450 4.1.1 <a@example.net>: Recipient address rejected: unverified address: host \
                    mx.example.net[192.0.2.1] said: 554 5.7.1 Client host rejected: Access denied (in reply to RCPT TO command)";
        let read = classify(said, None);
        assert_eq!(
            (read.cause.name(), read.who.name(), read.permanent),
            ("remote-error", "receiver", Some(false))
        );
        // The outer code decides whether the refusal is final, the inner words only why.
        for (text, permanent) in [
            (
                "450 4.1.7 <a@example.com>: Sender address rejected: unverified address: host mx.example.com[192.0.2.1] said: 550 5.1.1 User unknown",
                false,
            ),
            (
                "550 5.1.1 <a@example.net>: Recipient address rejected: undeliverable address: host mx.example.net[192.0.2.1] said: 450 4.1.1 User unknown",
                true,
            ),
            (
                "host mx.example.net[192.0.2.7] said: 450 4.1.1 <a@example.net>: Recipient address rejected: unverified address: host mx.example.net[192.0.2.1] said: 550 5.1.1 User unknown",
                false,
            ),
        ] {
            assert_eq!(classify(text, None).permanent, Some(permanent), "{text}");
        }
    }
}
