//! Names and links of the web: hosts, addresses, public suffixes, lookalikes.

mod address_in_name;
pub mod host_name;
pub mod host_port;
pub mod idn;
mod idn_tables;
pub mod lookalike;
pub mod psl;
pub mod url;
