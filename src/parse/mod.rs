//! Text to typed records. No sockets, no files, no clock; every parser takes
//! hostile input and is bounded in time, memory and recursion.

pub mod host_name;
pub mod mta_sts;
pub mod smtp_reply;
pub mod zone;
