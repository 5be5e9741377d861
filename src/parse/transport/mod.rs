//! How mail is to be carried: MTA-STS, TLS-RPT and certificates.

pub(crate) mod certificate;
pub mod mta_sts;
pub mod mta_sts_policy;
pub mod pem;
