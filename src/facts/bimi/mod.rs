//! BIMI: the record, its logo and certificate, and whom clients trust to issue one.

pub(crate) mod mark_trust;
pub(crate) mod record;
