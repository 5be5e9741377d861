//! The zones themselves: DNSSEC, their name servers, and the reverse zones.

pub(crate) mod dnssec;
pub(crate) mod existence;
pub(crate) mod name_servers;
pub(crate) mod own_name;
pub(crate) mod reverse;
pub(crate) mod role;
