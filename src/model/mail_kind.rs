//! What the user says a message is.

/// What the sample message is; bulk mail has duties that a quote has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MailKind {
    /// Judged from the message itself.
    #[default]
    Unstated,
    Transactional,
    Bulk,
}
