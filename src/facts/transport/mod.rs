//! How mail reaches the domain and the relay: MX hosts, what they said, their
//! certificates, and what DNS promises of them (MTA-STS, TLS-RPT, TLSA, CAA).

pub(crate) mod announced;
pub(crate) mod caa;
pub(crate) mod certificate;
pub(crate) mod dane;
pub(crate) mod mta_sts;
pub(crate) mod mx;
pub(crate) mod reach;
pub(crate) mod servers;
