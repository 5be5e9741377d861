//! Names and links of the web: hosts, addresses, public suffixes, lookalikes.

mod address_in_name;
pub(crate) mod gateway;
pub(crate) mod host_name;
pub(crate) mod host_port;
pub mod idn;
mod idn_tables;
pub(crate) mod lookalike;
pub mod psl;
pub mod url;
