//! How mail is to be carried: MTA-STS, TLS-RPT and certificates.

pub mod certificate;
pub mod mta_sts;
pub mod mta_sts_policy;
pub mod pem;
