//! What a log line says, in one shape for every dialect. Must not interpret
//! replies: that is triage.

/// What happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A message entered the queue.
    Received,
    /// The queue id's Message-ID became known.
    Identified,
    /// The queue manager knows sender and size.
    Queued,
    /// A next hop or mailbox took the message for one recipient.
    Delivered,
    /// The mailbox program put the message into a folder: the end of a delivery told before.
    Filed,
    /// A temporary failure for one recipient; the server tries again.
    Deferred,
    /// A permanent failure for one recipient.
    Bounced,
    /// Given up after the queue lifetime, for one recipient or (none named) all.
    Expired,
    /// Refused before it was queued, by our own server.
    Rejected,
    /// A session refused before any mail: failed authentication, protocol abuse.
    SessionRefused,
    /// Discarded on purpose by a local rule.
    Discarded,
    /// Kept apart for somebody to look at.
    Quarantined,
    /// Sent to another address in its place, by a local rule.
    Redirected,
    /// Kept in the queue until somebody releases it.
    Held,
    /// A held message is in the queue again.
    Released,
    /// Taken out of the queue by hand.
    Deleted,
    /// The queue id is finished.
    Removed,
    /// `next_id` is the notification about `id`.
    Notified,
    /// `id` goes on as `next_id` without a delivery line.
    Linked,
    /// One next host failed; another may still take the recipient.
    HostFailed,
    /// An encrypted connection to a next hop.
    TlsOut,
    /// The recipient complained (feedback loop).
    Complained,
    /// The recipient asked to be left out, by a link or a header of the message.
    OptedOut,
    /// A recipient is named before anything is tried.
    Addressed,
    /// A line that belongs to a message and changes nothing.
    #[default]
    Note,
}

impl Kind {
    /// As JSON shows it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Received => "received",
            Kind::Identified => "identified",
            Kind::Queued => "queued",
            Kind::Delivered => "delivered",
            Kind::Filed => "filed",
            Kind::Deferred => "deferred",
            Kind::Bounced => "bounced",
            Kind::Expired => "expired",
            Kind::Rejected => "rejected",
            Kind::SessionRefused => "session-refused",
            Kind::Discarded => "discarded",
            Kind::Quarantined => "quarantined",
            Kind::Redirected => "redirected",
            Kind::Held => "held",
            Kind::Released => "released",
            Kind::Deleted => "deleted",
            Kind::Removed => "removed",
            Kind::Notified => "notified",
            Kind::Linked => "linked",
            Kind::HostFailed => "host-failed",
            Kind::TlsOut => "tls",
            Kind::Complained => "complained",
            Kind::OptedOut => "opted-out",
            Kind::Addressed => "addressed",
            Kind::Note => "note",
        }
    }
}

/// Milliseconds since 1970, UTC. [`NO_TIME`] where the line has none.
pub(crate) type Millis = i64;
pub(crate) const NO_TIME: Millis = i64::MIN;
/// A delay the line does not state.
pub(crate) const NO_DELAY: u32 = u32::MAX;

/// One event. Empty slices mean "not stated"; a null sender is `<>`.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// What happened.
    pub kind: Kind,
    /// Milliseconds since the Unix epoch.
    pub at: Millis,
    /// In the block, from 0.
    pub line: u32,
    /// The whole line.
    pub text: &'a [u8],
    /// The machine that wrote the line.
    pub log_host: &'a [u8],
    /// The message within this machine: queue id, session, tracking id.
    pub id: &'a [u8],
    /// The id it goes on under: at the next hop, or of a notification.
    pub next_id: &'a [u8],
    /// Without angle brackets.
    pub message_id: &'a [u8],
    /// The envelope sender, without angle brackets.
    pub sender: &'a [u8],
    /// The envelope recipient, without angle brackets.
    pub recipient: &'a [u8],
    /// The address before aliasing.
    pub original: &'a [u8],
    /// The peer: next hop of a delivery, client of a reception or rejection.
    pub host: &'a [u8],
    /// The peer's address.
    pub ip: &'a [u8],
    /// Our own address towards the peer.
    pub source: &'a [u8],
    /// Reply or diagnostic as the log has it.
    pub reply: &'a [u8],
    /// Enhanced status code `x.y.z`.
    pub enhanced: &'a [u8],
    /// Program or transport that acted.
    pub agent: &'a [u8],
    /// Milliseconds since arrival.
    pub delay: u32,
    /// Postfix's a/b/c/d: before the queue manager, in it, connecting, sending.
    pub delays: [u32; 4],
    /// Bytes; 0 unknown.
    pub size: u64,
    /// Whether a refusal is final, where the line says so beside the reply.
    pub permanent: Option<bool>,
    /// What was told as delivered has come back: this is the end of that attempt, and none of its own.
    pub returned: bool,
}

impl Default for Event<'_> {
    fn default() -> Self {
        Event {
            kind: Kind::Note,
            at: NO_TIME,
            line: 0,
            text: b"",
            log_host: b"",
            id: b"",
            next_id: b"",
            message_id: b"",
            sender: b"",
            recipient: b"",
            original: b"",
            host: b"",
            ip: b"",
            source: b"",
            reply: b"",
            enhanced: b"",
            agent: b"",
            delay: NO_DELAY,
            delays: [NO_DELAY; 4],
            size: 0,
            permanent: None,
            returned: false,
        }
    }
}

/// Takes the events of a block as they are parsed. An event's texts live for
/// the call only; most are pieces of the block.
pub trait Sink {
    /// Takes one event.
    fn push(&mut self, event: &Event<'_>);
    /// A line of a program that moves no mail.
    fn other_program(&mut self);
    /// A line no rule understands.
    fn unparsed(&mut self, line: u32, text: &[u8]);
}
