//! Words of an SMTP session: commands, replies, and a message on its way.

pub mod command;
pub mod outgoing;
pub mod reply;
