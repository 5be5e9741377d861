//! What the user says a message is.

/// What the sample message is; bulk mail has duties that a quote has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MailKind {
    /// Judged from the message itself.
    #[default]
    Unstated,
    /// To one recipient, about something they did: a receipt, a password reset. No duty to offer
    /// unsubscribing.
    Transactional,
    /// The same to many, such as a newsletter: what receivers ask of bulk senders applies.
    Bulk,
}
