//! One sign that an address should be stopped, out of a log line, a bounce or a complaint.

use crate::model::Location;
use crate::model::speaker::Speaker;
use crate::parse::bounce::dsn::Action;
use crate::parse::log::event::{Event, Kind as Happened, NO_TIME};
use crate::parse::report::arf;
use crate::parse::web::psl::organization_of;
use crate::triage::bounce::{BounceVerdict, CodeFrom, Kind, Recipient};
use crate::triage::cause::Cause;
use crate::triage::reply::{Basis, ReplyVerdict, classify};

/// What a sign says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A complaint.
    Complaint,
    /// A request to be left out.
    OptOut,
    /// The mailbox does not exist; with why that is not certain.
    Hard(Option<Doubt>),
    /// The mailbox could not take a message for now, and the sender's server gave up; with why that is
    /// not certain.
    Soft(Option<Doubt>),
    /// The next host took a message for the address.
    Delivered,
}

/// Why a bounce does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The wording is unknown and was told by likeness.
    Tentative,
    /// The notice's prose says so, no field of a report does.
    Quoted,
    /// The sender's own machine or relay said so.
    OwnWords,
    /// The failure is not said to be for good.
    NotFinal,
}

impl Doubt {
    /// In words.
    pub fn reason(self) -> &'static str {
        match self {
            Doubt::Tentative => "the wording is unknown, and its meaning was told by likeness",
            Doubt::Quoted => "the notice says so in prose only, without the fields of a report",
            Doubt::OwnWords => "the sender's own server said so, not the recipient's",
            Doubt::NotFinal => "the failure is not said to be for good",
        }
    }
}

/// One sign.
#[derive(Clone, Debug)]
pub struct Signal {
    /// Hostile text; empty where the receiver took it out.
    pub address: String,
    /// What it says.
    pub sign: Sign,
    /// What the words mean.
    pub cause: Cause,
    /// Milliseconds since 1970.
    pub at: Option<i64>,
    /// Where it stands.
    pub place: Location,
    /// The words. Hostile text.
    pub words: String,
    /// The organisation of the host that spoke; empty where none is named.
    pub host: String,
}

/// Bytes of the words that are kept.
const WORDS: usize = 400;

/// Causes that speak of the mailbox itself, for good.
fn is_gone(cause: Cause) -> bool {
    matches!(cause, Cause::UnknownUser | Cause::MailboxDisabled | Cause::UnknownHost | Cause::MailNotAccepted)
}

/// Causes that speak of the mailbox or its server, for now.
fn is_unable(cause: Cause) -> bool {
    matches!(cause, Cause::MailboxFull | Cause::QueueExpired | Cause::NetworkFailure | Cause::RemoteFull)
}

/// The address that lists hold: the one before aliasing. Sendmail's `ctladdr=` is an alias or the sender
/// itself, which its line does not tell apart.
pub(super) fn address_of<'e>(event: &Event<'e>) -> &'e [u8] {
    let is_alias = event.original.contains(&b'@') && memchr::memmem::find(event.text, b"ctladdr=").is_none();
    if is_alias { event.original } else { event.recipient }
}

impl Signal {
    /// What a log line says of an address. `None` where that is nothing, or says something of the
    /// message or of its sender: a refused content stops no address.
    pub fn of_event(event: &Event<'_>, place: impl FnOnce() -> Location) -> Option<Signal> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let address = address_of(event);
        if event.kind == Happened::Expired && address.is_empty() {
            // It names the message alone; who waited for it has signals of their own (`Waiting`).
            return None;
        }
        let host = text(event.host);
        let verdict = || classify(&text(event.reply), Some(host.as_str()).filter(|host| !host.is_empty()));
        let (sign, cause) = match event.kind {
            Happened::Delivered => (Sign::Delivered, Cause::Delivered),
            Happened::Complained => (Sign::Complaint, Cause::Complaint),
            Happened::OptedOut => (Sign::OptOut, Cause::Complaint),
            // Why the message waited is the sender's own business, or the mailbox's.
            Happened::Expired => {
                let own = doubt_of(&verdict()).filter(|doubt| *doubt == Doubt::OwnWords);
                (Sign::Soft(own), Cause::QueueExpired)
            }
            Happened::Bounced => {
                let verdict = verdict();
                (sign_of(&verdict)?, verdict.cause)
            }
            _ => return None,
        };
        // Most lines tell of deliveries, whose words nobody asks for.
        let (place, words) = match sign {
            Sign::Delivered => (Location { file: String::new(), line: 0 }, String::new()),
            _ => (place(), text(&event.reply[..event.reply.len().min(WORDS)])),
        };
        Some(Signal {
            address: text(address),
            sign,
            cause,
            at: Some(event.at).filter(|at| *at != NO_TIME),
            place,
            words,
            host: organization_of(&host),
        })
    }

    /// What a bounce or complaint says of each of its recipients.
    pub fn of_notice(notice: &BounceVerdict, at: Option<i64>, place: &Location) -> Vec<Signal> {
        let of = |recipient: &Recipient| {
            let sign = match notice.kind {
                Kind::Complaint => of_complaint(notice.feedback_type.as_deref())?,
                Kind::Bounce => of_bounce(recipient)?,
                Kind::Delay | Kind::Delivered | Kind::Relayed | Kind::AutoReply | Kind::None => return None,
            };
            let words = recipient.reply.as_deref().unwrap_or_default();
            Some(Signal {
                // What a forwarding made of it is on nobody's list.
                address: recipient.original_address.clone().unwrap_or_else(|| recipient.address.clone()),
                sign,
                cause: recipient.cause,
                at,
                place: place.clone(),
                words: words.chars().take(WORDS).collect(),
                host: String::new(),
            })
        };
        notice.recipients.iter().filter_map(of).collect()
    }
}

/// An authentication failure and a message taken out of the spam folder are no complaint.
fn of_complaint(kind: Option<&str>) -> Option<Sign> {
    match kind? {
        kind if arf::is_objection(kind) => Some(Sign::Complaint),
        kind if arf::is_opt_out(kind) => Some(Sign::OptOut),
        _ => None,
    }
}

fn of_bounce(recipient: &Recipient) -> Option<Sign> {
    let failed = recipient.action.is_none_or(|action| action == Action::Failed);
    if !failed {
        return None;
    }
    let sign = match recipient.verdict.as_deref() {
        Some(verdict) => sign_of(verdict)?,
        None if is_gone(recipient.cause) => Sign::Hard(Some(Doubt::Quoted)),
        None => return None,
    };
    // Without a report's fields, or a code of the reply, the words may be anybody's.
    let quoted = recipient.code_from == CodeFrom::Meaning || recipient.action.is_none();
    Some(match sign {
        Sign::Hard(None) if quoted => Sign::Hard(Some(Doubt::Quoted)),
        Sign::Soft(None) if quoted => Sign::Soft(Some(Doubt::Quoted)),
        sign => sign,
    })
}

fn sign_of(verdict: &ReplyVerdict) -> Option<Sign> {
    let doubt = doubt_of(verdict);
    if is_unable(verdict.cause) {
        // Soft is what is not for good.
        return Some(Sign::Soft(doubt));
    }
    if !is_gone(verdict.cause) {
        return None;
    }
    // Given up on is not gone: a 4xx says nothing for good, whatever the queue or a notice made of it.
    let for_now = verdict.reply_code.is_some_and(|code| (400..500).contains(&code))
        || verdict.enhanced_code.is_some_and(|code| code.class == 4);
    let not_final = (for_now || verdict.permanent == Some(false)).then_some(Doubt::NotFinal);
    Some(Sign::Hard(not_final.or(doubt)))
}

/// Whose words these are, and whether their meaning is certain.
fn doubt_of(verdict: &ReplyVerdict) -> Option<Doubt> {
    let tentative =
        matches!(verdict.basis, Basis::Sense(_) | Basis::Learnt(_) | Basis::ReplyCode(_) | Basis::Nothing);
    if matches!(verdict.speaker, Speaker::OwnFilter | Speaker::OwnRelay) {
        Some(Doubt::OwnWords)
    } else {
        (tentative || verdict.weak).then_some(Doubt::Tentative)
    }
}
