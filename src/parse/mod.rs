//! Text to typed records. No sockets, no files, no clock; every parser takes
//! hostile input and is bounded in time, memory and recursion.

pub mod smtp_reply;
