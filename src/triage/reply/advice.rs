//! Who must act on a cause, in which area it lies, and the steps in order.

use serde::Serialize;

use super::Decision;
use crate::data::smtp_replies::CATALOGUE;
use crate::model::Area;
use crate::parse::smtp::reply::{Reply, Wrapper};
use crate::triage::cause::Cause;

/// Who can remove the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// Whoever runs the sending server, address or domain.
    Sender,
    /// The addressee, or the sender's list that names a wrong addressee.
    Recipient,
    /// Whoever runs the receiving server.
    Receiver,
    /// Whoever runs the line, the DNS or the firewall between.
    Network,
    Nobody,
}

impl Who {
    pub fn name(self) -> &'static str {
        match self {
            Who::Sender => "sender",
            Who::Recipient => "recipient",
            Who::Receiver => "receiver",
            Who::Network => "network",
            Who::Nobody => "nobody",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Who> {
        [Who::Sender, Who::Recipient, Who::Receiver, Who::Network, Who::Nobody]
            .into_iter()
            .find(|w| w.name() == name)
    }

    /// In words a helpdesk can paste.
    pub fn title(self) -> &'static str {
        match self {
            Who::Sender => "the sender: whoever runs the sending server, its address or its domain",
            Who::Recipient => "the recipient, or the list that holds the address",
            Who::Receiver => "whoever runs the recipient's mail server",
            Who::Network => "whoever runs the network, DNS or firewall between the servers",
            Who::Nobody => "nobody",
        }
    }
}

/// The area of the report a cause belongs to.
pub fn area(cause: Cause) -> Area {
    match cause {
        Cause::AuthenticationFailed | Cause::SenderRejected | Cause::RelayingDenied => Area::Authentication,
        Cause::SecurityRejected | Cause::TlsFailed => Area::Authentication,
        Cause::PtrRequired => Area::ReverseDns,
        Cause::IpBlocklisted | Cause::BadReputation => Area::IpReputation,
        Cause::SpamContent | Cause::ContentRejected | Cause::NotCompliant | Cause::MessageTooLarge => {
            Area::Content
        }
        Cause::PolicyRejected => Area::Content,
        Cause::Virus => Area::MalwarePhishing,
        Cause::Complaint => Area::FeedbackLoops,
        Cause::RateLimited | Cause::TooManyConnections | Cause::Greylisted => Area::Throttling,
        Cause::UnknownUser
        | Cause::MailboxDisabled
        | Cause::MailboxFull
        | Cause::RecipientFiltered
        | Cause::RecipientMoved
        | Cause::UnknownHost
        | Cause::MailNotAccepted
        | Cause::NetworkFailure
        | Cause::QueueExpired
        | Cause::ProtocolError
        | Cause::RemoteError
        | Cause::RemoteFull
        | Cause::MailerError
        | Cause::Suppressed
        | Cause::AutoReply
        | Cause::Delivered
        | Cause::Undetermined => Area::SendingPractices,
    }
}

pub(super) fn who(cause: Cause) -> Who {
    match cause {
        Cause::UnknownUser | Cause::MailboxDisabled | Cause::MailboxFull | Cause::RecipientFiltered => {
            Who::Recipient
        }
        Cause::RecipientMoved | Cause::UnknownHost | Cause::MailNotAccepted => Who::Recipient,
        Cause::NetworkFailure | Cause::QueueExpired => Who::Network,
        Cause::RemoteError | Cause::RemoteFull | Cause::MailerError | Cause::PolicyRejected => Who::Receiver,
        Cause::Greylisted | Cause::AutoReply | Cause::Delivered | Cause::Undetermined => Who::Nobody,
        _ => Who::Sender,
    }
}

/// The advice for a cause when the wording brings none: names of `[action]`.
fn default_action(cause: Cause) -> &'static str {
    match cause {
        Cause::UnknownUser | Cause::MailboxDisabled | Cause::RecipientMoved => "suppress",
        Cause::MailboxFull => "tell_recipient",
        Cause::RecipientFiltered => "ask_recipient",
        Cause::UnknownHost | Cause::MailNotAccepted => "verify_domain",
        Cause::NetworkFailure => "check_firewall_port25",
        Cause::QueueExpired => "resend_after_fix",
        Cause::MessageTooLarge => "reduce_size",
        Cause::RelayingDenied => "check_mx",
        Cause::TlsFailed => "enable_tls",
        Cause::ProtocolError => "fix_client",
        Cause::RemoteError | Cause::RemoteFull | Cause::Greylisted => "wait_retry",
        Cause::IpBlocklisted => "read_list_name",
        Cause::BadReputation => "fix_reputation",
        Cause::PtrRequired => "fix_ptr",
        Cause::AuthenticationFailed => "fix_spf_dkim_dmarc",
        Cause::RateLimited => "slow_and_warm",
        Cause::TooManyConnections => "fewer_conn",
        Cause::SenderRejected => "fix_sender",
        Cause::PolicyRejected | Cause::MailerError => "ask_recipient_admin",
        Cause::SecurityRejected => "configure_auth",
        Cause::SpamContent | Cause::ContentRejected => "fix_content",
        Cause::Virus => "clean_host",
        Cause::NotCompliant => "fix_format",
        Cause::Complaint | Cause::Suppressed => "suppress",
        Cause::Delivered => "next_hop_check",
        Cause::AutoReply => "none",
        Cause::Undetermined => "read_text",
    }
}

/// The steps, the first thing to do first, and the page where it is done.
pub(super) fn steps(
    reply: &Reply,
    decision: &Decision,
    permanent: Option<bool>,
) -> (Vec<String>, Option<String>) {
    let mut steps = Vec::new();
    let action = CATALOGUE.action(decision.action.unwrap_or_else(|| default_action(decision.cause)));
    if reply.wrapper == Some(Wrapper::RefusedToTalk) && reply.code.is_some_and(|code| code >= 500) {
        steps.push(
            "the server refused the connection, not the message: it stays queued and is tried again"
                .to_owned(),
        );
    }
    let mut page = None;
    if let Some(action) = action {
        steps.push(action.advice.clone());
        page = Some(action.page.clone()).filter(|page| !page.is_empty());
    }
    if let Some(address) = reply.addresses().first()
        && matches!(decision.cause, Cause::IpBlocklisted | Cause::BadReputation)
    {
        match reply.lists().first() {
            Some(list) => {
                let step =
                    format!("look up the sending address {address} on {list}: mailvet blocklist {address}");
                steps.insert(0, step);
            }
            None => steps.push(format!("the sending address that is judged is {address}: name it there")),
        }
    }
    if page.is_none()
        && matches!(decision.cause, Cause::IpBlocklisted | Cause::BadReputation | Cause::SpamContent)
    {
        page = reply.links().into_iter().next();
    }
    match (decision.cause, permanent) {
        (Cause::Delivered | Cause::AutoReply | Cause::Complaint, _) => {}
        (Cause::UnknownUser | Cause::MailboxDisabled | Cause::UnknownHost, Some(true)) => {}
        (_, Some(true)) => {
            steps.push("send the message again once this is done: the refusal was final".to_owned())
        }
        (_, Some(false)) => {
            steps.push("leave the message queued: the server tries again by itself".to_owned())
        }
        (_, None) => {}
    }
    (steps, page)
}
