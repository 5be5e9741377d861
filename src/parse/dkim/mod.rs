//! DKIM and ARC: keys, signatures, and what signers keep and write about them.

pub mod arc;
pub mod key;
pub mod key_table;
pub mod private_key;
pub mod signature;
pub mod signing_conf;
pub mod signing_log;
