//! Text to typed records. No sockets, no files, no clock; every parser takes
//! hostile input and is bounded in time, memory and recursion.

pub mod attachment;
pub mod bimi;
pub mod bounce;
pub(crate) mod consent;
pub mod dkim;
pub mod dmarc;
pub(crate) mod ibmi;
pub mod log;
pub mod message;
pub(crate) mod repair;
pub mod report;
pub mod smtp;
pub mod spf;
pub mod tag_list;
pub(crate) mod text;
pub mod transport;
pub mod web;
pub mod zone;
