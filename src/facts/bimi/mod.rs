//! BIMI: the record, its logo and certificate, and whom clients trust to issue one.

pub mod mark_trust;
pub mod record;
