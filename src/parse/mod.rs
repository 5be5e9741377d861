//! Text to typed records. No sockets, no files, no clock; every parser takes
//! hostile input and is bounded in time, memory and recursion.

pub mod address_in_name;
pub mod arc;
pub mod arf;
pub mod attachment;
pub mod author;
pub mod bimi;
pub mod bounce;
pub mod certificate;
pub mod consent;
pub mod dkim_key;
pub mod dkim_signature;
pub mod dmarc;
pub mod dmarc_report;
pub mod dmarc_uri;
pub mod dsn;
pub mod header_field;
pub mod host_name;
pub mod host_port;
pub mod idn;
mod idn_tables;
pub mod key_table;
pub mod log;
pub mod lookalike;
pub mod mta_sts;
pub mod mta_sts_policy;
pub mod pem;
pub mod private_key;
pub mod psl;
pub mod report_file;
pub mod report_summary;
pub mod smtp_reply;
pub mod spf;
pub mod tag_list;
pub mod tls_report;
pub mod url;
pub mod zone;
