//! Who is audited: the sender as the user describes it.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Name, Role};

/// The identities of the sending system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The domain in the From header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Name>,
    /// Addresses the mail leaves from, as receivers see them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ips: Vec<IpAddr>,
    /// What the sender says in HELO or EHLO, verbatim: it may be no domain at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helo: Option<String>,
    /// The envelope sender, `local@domain`; `<>` is the null sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_from: Option<String>,
    /// DKIM selectors (RFC 6376 section 3.1) that the user named, without domain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selectors: Vec<String>,
    /// The BIMI selector of a record that is judged by itself; `default` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bimi_selector: Option<String>,
    /// `host` or `host:port` of the relay that takes the mail first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay: Option<String>,
    /// What the domain is to mail, as the user states it; by its records where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

impl Target {
    /// The domain of the envelope sender, or the From domain where none is given.
    pub fn envelope_domain(&self) -> Option<Name> {
        match self.mail_from.as_deref() {
            Some("<>" | "") => None,
            Some(address) => Some(Name::lenient(address.rsplit('@').next().unwrap_or(address))),
            None => self.domain.clone(),
        }
    }
}
