//! What is known under one queue id.

/// One queue id on one machine.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub events: Vec<usize>,
    pub done: bool,
    /// Sender and size as the queue manager knows them.
    pub queued: Option<(String, u64)>,
}
