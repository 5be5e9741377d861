//! How mail reaches the domain and the relay: MX hosts, what they said, their
//! certificates, and what DNS promises of them (MTA-STS, TLS-RPT, TLSA, CAA).

pub mod announced;
pub mod caa;
pub mod certificate;
pub mod dane;
pub mod mta_sts;
pub mod mx;
pub mod servers;
