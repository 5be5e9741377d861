//! Who must act on a cause, in which area it lies, and the steps in order.

use serde::Serialize;

use super::{Decision, Queue, contacts};
use crate::data::playbooks::Playbook;
use crate::data::smtp_replies::CATALOGUE;
use crate::model::Area;
use crate::model::speaker::{Speaker, Stage};
use crate::parse::log::record::queued_as;
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
    /// Nothing is wrong, waiting suffices, or the reply does not say what is wrong.
    Nobody,
}

impl Who {
    /// The word in JSON.
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
        | Cause::AcceptedByRelay
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
        Cause::Greylisted
        | Cause::AutoReply
        | Cause::Delivered
        | Cause::AcceptedByRelay
        | Cause::Undetermined => Who::Nobody,
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
        Cause::Virus => "read_virus",
        Cause::NotCompliant => "fix_format",
        Cause::Complaint | Cause::Suppressed => "suppress",
        Cause::Delivered | Cause::AcceptedByRelay => "next_hop_check",
        Cause::AutoReply => "none",
        Cause::Undetermined => "read_text",
    }
}

/// Said first where no message was refused.
const STAYS_QUEUED: &str =
    "the server refused the connection, not the message: the message stays queued and is tried again";

/// Said last of what is still queued.
pub(super) const LEAVE_QUEUED: &str = "leave the message queued: the server tries again by itself";

/// Said last of what was refused for good.
pub(super) const SEND_AGAIN: &str = "send the message again once this is done: the refusal was final";

/// Said last of what was tried until its time was over.
const SEND_AFTER_GIVING_UP: &str =
    "send the message again once this is done: the server has given this one up";

/// What the steps are made from.
pub(super) struct Known<'a> {
    pub reply: &'a Reply,
    pub decision: &'a Decision,
    pub permanent: Option<bool>,
    pub queue: Queue,
    pub who: Who,
    pub speaker: Speaker,
    pub contacts: &'a [String],
    pub playbook: Option<&'static Playbook>,
}

/// What to do, the first thing to do first, and the page where it is done.
pub(super) fn steps(known: &Known<'_>) -> (Vec<String>, Option<String>) {
    let Known { reply, decision, permanent, who, .. } = *known;
    let mut steps = Vec::new();
    let over = is_over(permanent, known.queue);
    if reply.wrapper == Some(Wrapper::RefusedToTalk)
        && over != Some(true)
        && reply.code.is_some_and(|code| code >= 500)
    {
        steps.push(STAYS_QUEUED.to_owned());
    }
    let judged = matches!(decision.cause, Cause::IpBlocklisted | Cause::BadReputation);
    let list = reply.lists().into_iter().next().filter(|_| judged && who == Who::Sender);
    let address = reply.addresses().into_iter().next().filter(|_| judged && who == Who::Sender);
    if let (Some(address), Some(list)) = (address, &list) {
        steps.push(format!("look up the sending address {address} on {list}: mailvet blocklist {address}"));
    }
    let complains = judged
        || matches!(
            decision.cause,
            Cause::PolicyRejected | Cause::SpamContent | Cause::SecurityRejected | Cause::Undetermined
        );
    let contact = known.contacts.first().filter(|_| complains && who == Who::Sender);
    if let Some(contact) = contact {
        steps.push(match contact.contains("://") {
            true => {
                format!("open {contact}, which the reply names: the page says what this refusal rests on")
            }
            false => format!(
                "write to {contact}, which the reply names, with the reply, the time and the sending address"
            ),
        });
    }
    let mut page = main_steps(known, list.is_some() || contact.is_some(), &mut steps);
    if let (Some(address), None) = (address, &list) {
        steps.push(format!("the sending address that is judged is {address}: name it there"));
    }
    if page.is_none() && complains && who == Who::Sender {
        page = reply.links().into_iter().next();
    }
    steps.extend(last_step(decision.cause, permanent, known.queue).map(str::to_owned));
    (steps, page)
}

/// Whether nobody tries again: by what the queue does, else by what the code says.
fn is_over(permanent: Option<bool>, queue: Queue) -> Option<bool> {
    match queue {
        Queue::Waits => Some(false),
        Queue::GaveUp | Queue::Failed => Some(true),
        Queue::Unknown | Queue::Reported => permanent,
    }
}

/// True of steps that are about mail still queued.
pub(crate) fn is_waiting(step: &str) -> bool {
    step == LEAVE_QUEUED
        || step == STAYS_QUEUED
        || CATALOGUE.action("wait_retry").is_some_and(|action| action.advice == step)
}

/// What becomes of this message: by what the queue does, else by what the code says.
fn last_step(cause: Cause, permanent: Option<bool>, queue: Queue) -> Option<&'static str> {
    match (cause, is_over(permanent, queue)?) {
        (Cause::Delivered | Cause::AutoReply | Cause::Complaint, _) => None,
        (Cause::UnknownUser | Cause::MailboxDisabled | Cause::UnknownHost, true) => None,
        (Cause::QueueExpired, true) => Some(SEND_AFTER_GIVING_UP),
        (_, true) if permanent != Some(true) && queue.is_over() => Some(SEND_AFTER_GIVING_UP),
        (_, true) => Some(SEND_AGAIN),
        (_, false) => Some(LEAVE_QUEUED),
    }
}

/// The steps of the own part, of the provider's pages, else of the catalogue; and their page.
fn main_steps(known: &Known<'_>, named: bool, steps: &mut Vec<String>) -> Option<String> {
    if let Some(lead) = &known.decision.lead {
        steps.push(lead.clone());
        return None;
    }
    if let Some(playbook) = known.playbook {
        steps.extend(playbook.steps.iter().cloned());
        return Some(playbook.page.clone());
    }
    if known.decision.cause == Cause::RecipientMoved
        && let Some(address) = contacts::moved_to(known.reply)
    {
        steps.push(format!(
            "the reply names {address} as the new address: have the recipient confirm it by another way, then write there and take the old address off every list"
        ));
        return None;
    }
    let mut name = known.decision.action.unwrap_or_else(|| default_action(known.decision.cause));
    if name == "read_list_name" && !named {
        name = "ask_why_listed";
    }
    if is_over(known.permanent, known.queue) == Some(true) {
        name = after_the_end(name, known);
    }
    // A rule of security is not always one of login: only words and codes of that ask for it.
    if name == "configure_auth" && !asks_for_login(known.reply) {
        name = "ask_which_rule";
    }
    // Whoever is refused at the login has tried it (RFC 4954 section 6: 535; 530 asks for it).
    if name == "configure_auth" && was_tried(known.reply) {
        name = match is_switched_off(known.reply) {
            true => "auth_switched_off",
            false => "auth_refused",
        };
    }
    // Encryption that was asked for and failed is not mended by asking for it.
    if name == "enable_tls" && !asks_for_tls(known.reply) {
        name = "look_at_tls";
    }
    if known.queue == Queue::Waits && matches!(name, "resend_after_fix" | "check_route") {
        name = "wait_retry";
    }
    // Whoever answers was reached.
    if name == "check_firewall_port25" && known.reply.code.is_some() && !known.speaker.is_own() {
        name = if is_over(known.permanent, known.queue) == Some(true) { "find_cause" } else { "wait_retry" };
    }
    // What is so for now proves nothing about an address.
    if name == "suppress" && known.permanent == Some(false) && known.decision.cause != Cause::Suppressed {
        name = "suppress_if_final";
    }
    let action = CATALOGUE.action(name)?;
    if action.advice != "no action" || steps.is_empty() {
        steps.push(action.advice.clone());
    }
    Some(action.page.clone()).filter(|page| !page.is_empty())
}

/// Words of a server that takes no mail in the clear.
fn asks_for_tls(reply: &Reply) -> bool {
    const ASKS: &[&str] = &[
        "must issue",
        "requir",
        "encryption",
        "encrypted",
        "without tls",
        "only over tls",
        "insecure",
        "needed",
    ];
    let lower = reply.whole.to_lowercase();
    reply.code.is_some() && ASKS.iter().any(|words| lower.contains(words))
}

/// True where the login itself is answered.
fn was_tried(reply: &Reply) -> bool {
    // 454 4.7.0 answers a login whose check failed for now (RFC 4954 section 4).
    let failed =
        reply.code == Some(454) && reply.whole.to_ascii_lowercase().contains("authentication failure");
    failed
        || matches!(reply.code, Some(534 | 535))
        || reply.stage == Some(Stage::Auth) && reply.code != Some(530)
}

/// Words of a way to log in that is closed, whatever the password.
fn is_switched_off(reply: &Reply) -> bool {
    let lower = reply.whole.to_lowercase();
    ["is disabled", "basic auth", "disabled for the", "not supported", "deaktiviert"]
        .iter()
        .any(|words| lower.contains(words))
}

/// Words and codes of a login: RFC 4954 section 6.
fn asks_for_login(reply: &Reply) -> bool {
    const LOGIN: &[&str] = &[
        "auth",
        "login",
        "log in",
        "logged in",
        "password",
        "credential",
        "pop before",
        "pop3",
        "check mail",
    ];
    let of_internal = ["resolver.rst", "internal"];
    let lower = reply.whole.to_lowercase();
    let by_code = matches!(reply.code, Some(530 | 534 | 535 | 538))
        || reply.enhanced.is_some_and(|code| code.subject == 7 && matches!(code.detail, 8 | 9 | 11 | 12));
    by_code
        || LOGIN.iter().any(|words| lower.contains(words))
            && !lower.contains("not authorized")
            && !lower.contains("unauthorized")
            && !of_internal.iter().any(|words| lower.contains(words))
}

/// What waiting becomes where nobody waits any more: names of `[action]`. What a
/// server calls final, and what the sender's own machines say, does not pass.
fn after_the_end(name: &'static str, known: &Known<'_>) -> &'static str {
    match (name, known.decision.cause) {
        ("wait_retry", Cause::Greylisted) => "gave_up_too_early",
        ("wait_retry", _) if known.speaker.is_own() || known.permanent == Some(true) => "find_cause",
        ("wait_retry", _) => "passes_by_itself",
        ("read_text", _) if known.queue.is_over() => "ask_postmaster",
        _ => name,
    }
}

/// "queued as 4ABC", "id=1abc-000-X": the name the next server gave the message.
pub(super) fn queue_id(text: &str) -> Option<String> {
    // "queued as mx12,QcCowAB...": the machine first, then the id.
    if let Some((_, rest)) = text.split_once("queued as ")
        && let Some((machine, rest)) = rest.split_once(',')
        && !machine.contains(' ')
    {
        let id: String = rest
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
            .take(64)
            .collect();
        if id.len() >= 6 {
            return Some(id);
        }
    }
    let lower = text.to_ascii_lowercase();
    ["queued as ", "queued for delivery as ", "queue id ", "id=", "accepted for delivery "]
        .iter()
        .find_map(|before| {
            let at = lower.find(before)? + before.len();
            let id: String = text
                .get(at..)?
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
                .take(64)
                .collect();
            (id.len() >= 4).then_some(id)
        })
        // sendmail and those who copy it name it first: "4AKF12 Message accepted for delivery".
        .or_else(|| queued_as(&format!("250 2.0.0 {text}")).map(str::to_owned))
}
