//! The one vocabulary of causes for `reply`, `bounce` and `triage`.

use serde::Serialize;

use crate::model::speaker::Speaker;

macro_rules! causes {
    ($($variant:ident $name:literal $title:literal,)*) => {
        /// Why a message did not (yet) reach a recipient.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Cause { $(#[doc = $title] $variant,)* }

        impl Cause {
            /// Every cause, in the order of this file.
            pub const ALL: &'static [Cause] = &[$(Cause::$variant,)*];

            /// The name in JSON: `ip-blocklisted`.
            pub fn name(self) -> &'static str {
                match self { $(Cause::$variant => $name,)* }
            }

            /// The cause in words a helpdesk can paste.
            pub fn title(self) -> &'static str {
                match self { $(Cause::$variant => $title,)* }
            }
        }
    };
}

causes! {
    UnknownUser "unknown-user" "the mailbox does not exist",
    MailboxDisabled "mailbox-disabled" "the mailbox is disabled",
    MailboxFull "mailbox-full" "the mailbox is full",
    RecipientFiltered "recipient-filtered" "the recipient's own filter refused the message",
    RecipientMoved "recipient-moved" "the recipient has moved to another address",
    UnknownHost "unknown-host" "the recipient's domain or mail server cannot be found",
    MailNotAccepted "mail-not-accepted" "the recipient's domain or host takes no mail",
    NetworkFailure "network-failure" "the recipient's mail server could not be reached",
    QueueExpired "queue-expired" "delivery was tried for days without success",
    MessageTooLarge "message-too-large" "the message is too large",
    RelayingDenied "relaying-denied" "the server does not relay for this sender",
    TlsFailed "tls-failed" "the encrypted connection could not be set up",
    ProtocolError "protocol-error" "the mail servers did not understand each other",
    RemoteError "remote-error" "the recipient's mail server has a fault",
    RemoteFull "remote-full" "the recipient's mail server is out of disk space",
    Complaint "complaint" "the recipient marked the message as spam",
    AutoReply "auto-reply" "an automatic reply, not a bounce",
    IpBlocklisted "ip-blocklisted" "the sending IP address is on a blocklist",
    BadReputation "bad-reputation" "the sender's reputation is too low",
    PtrRequired "ptr-required" "the sending IP address lacks proper reverse DNS",
    AuthenticationFailed "authentication-failed" "SPF, DKIM or DMARC did not pass",
    RateLimited "rate-limited" "the receiver is slowing this sender down",
    TooManyConnections "too-many-connections" "too many connections, messages or recipients at once",
    Greylisted "greylisted" "greylisted: the receiver asks to try again",
    SenderRejected "sender-rejected" "the sender address was refused",
    PolicyRejected "policy-rejected" "the receiver's policy refuses the message",
    SecurityRejected "security-rejected" "refused for security reasons",
    SpamContent "spam-content" "the content was taken for spam",
    ContentRejected "content-rejected" "the content or an attachment was refused",
    Virus "virus" "malware was found in the message",
    MailerError "mailer-error" "the mail program on the way failed",
    NotCompliant "not-compliant" "the message breaks the mail format rules",
    Suppressed "suppressed" "the address is on a suppression list",
    Delivered "delivered" "delivered",
    AcceptedByRelay "accepted-by-relay" "taken by the relay, not yet delivered",
    Undetermined "undetermined" "the reason is not stated",
}

impl Cause {
    /// The cause called so by [`Cause::name`].
    pub fn from_name(name: &str) -> Option<Cause> {
        Cause::ALL.iter().copied().find(|cause| cause.name() == name)
    }
}

impl Cause {
    /// The words for a cause where it is known who speaks: a limit of one's own
    /// service is not the receiver's, and a broken look-up lists nobody.
    pub fn title_by(self, speaker: Option<Speaker>) -> &'static str {
        match (self, speaker) {
            (Cause::IpBlocklisted, Some(Speaker::ReceiverResolver)) => {
                "the receiver's look-up of a blocklist fails, which says nothing about the sending IP address"
            }
            (Cause::RateLimited, Some(speaker)) if speaker.is_own() => {
                "a limit of the sender's own service or server is reached"
            }
            (Cause::AcceptedByRelay, Some(Speaker::Receiver)) => {
                "taken by the next server, which does not say that it is in the mailbox"
            }
            _ => self.title(),
        }
    }

    /// As [`Cause::title_by`], where it is known who must act too: a fault that the sender's own machine
    /// tells of itself is no fault of the recipient's server.
    pub fn title_of(self, speaker: Option<Speaker>, sender_acts: bool) -> &'static str {
        let own = speaker.filter(|speaker| sender_acts && speaker.is_own());
        match (self, own) {
            (Cause::RemoteError | Cause::MailerError, Some(Speaker::OwnFilter)) => {
                "the sender's own content filter has a fault"
            }
            (Cause::RemoteError | Cause::MailerError, Some(Speaker::OwnRelay)) => {
                "the server the sender sends through has a fault"
            }
            (Cause::RemoteError | Cause::MailerError, Some(_)) => "the sending server has a fault of its own",
            (Cause::RemoteFull, Some(_)) => "the sending server is out of disk space",
            (Cause::NetworkFailure, Some(_)) => "a service or route of the sending side does not work",
            (Cause::PolicyRejected, Some(_)) => "a rule of the sender's own side refuses the message",
            _ => self.title_by(speaker),
        }
    }
}
