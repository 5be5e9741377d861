//! DKIM and ARC: the keys in DNS, the signatures of the sample message, and
//! whether they hold.

pub mod arc;
pub mod canonical;
pub mod keys;
pub mod result;
pub mod signed_message;
