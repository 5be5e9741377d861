//! What is known of a reply beside its words, in the order in which it is
//! trusted: who spoke, at which command, with which code, of which provider.

use crate::model::enhanced_code::EnhancedCode;
use crate::model::speaker::{Speaker, Stage};

/// What the sending server does with the message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Queue {
    /// The reply alone is known.
    #[default]
    Unknown,
    /// The message waits and is tried again.
    Waits,
    /// The message is out of the queue.
    GaveUp,
    /// A notice quotes the words: "timed out" speaks of the queue's time.
    Reported,
    /// As `Reported`, and the notice is of a failure: nobody tries again.
    Failed,
}

impl Queue {
    /// True where the sending server has given the message up.
    pub(super) fn is_over(self) -> bool {
        matches!(self, Queue::GaveUp | Queue::Failed)
    }
}

/// The circumstances of one reply.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setting<'s> {
    /// Who spoke, where the way of the message proves it.
    pub speaker: Option<Speaker>,
    /// The command that was answered, where the reply does not show it.
    pub stage: Option<Stage>,
    /// The status stated beside the reply.
    pub status: Option<EnhancedCode>,
    /// Hosts or domains concerned, the likeliest first.
    pub hosts: &'s [&'s str],
    /// What became of the message.
    pub queue: Queue,
    /// The transport that was used: `local`, `virtual`, `lmtp`, `smtp`.
    pub transport: &'s str,
    /// The mail system that wrote the log: `postfix`, `exim`; empty where unknown.
    pub system: &'s str,
    /// The service that was asked, as the log names it. Hostile text.
    pub service: &'s str,
    /// The machine that wrote the log. Hostile text.
    pub machine: &'s str,
}
