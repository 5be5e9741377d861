//! What receivers send back about our mail: DMARC, TLS and abuse reports.

pub mod arf;
pub mod dmarc;
pub(crate) mod figures;
pub mod file;
pub mod summary;
pub mod tls;
