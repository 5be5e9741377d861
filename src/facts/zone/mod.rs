//! The zones themselves: DNSSEC, their name servers, and the reverse zones.

pub mod dnssec;
pub mod existence;
pub mod name_servers;
pub mod reverse;
pub mod role;
