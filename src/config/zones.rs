//! `[[zone]]` of `mailvet.toml`: what a zone file cannot say of itself.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::NameRole;
use crate::policy::glob;

/// One `[[zone]]`. Without `path` and `name` it is about every zone.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ZoneSetting {
    /// Files, as reports show them; `*` stands for any characters.
    path: Option<String>,
    /// A domain name; `*` stands for any characters.
    name: Option<String>,
    /// DKIM selectors that the file does not show, such as those of a delegated `_domainkey`.
    #[serde(default)]
    pub selectors: Vec<String>,
    /// Instead of the role that the records show: mail, parked, reverse or none.
    #[schemars(with = "Option<String>")]
    pub role: Option<NameRole>,
    /// Who serves the zone, where that changes what is an error.
    pub served_by: Option<ServedBy>,
    /// Addresses that the mail of the names leaves from.
    #[serde(default)]
    pub ips: Vec<IpAddr>,
    /// The name that the sending system gives.
    pub helo: Option<String>,
}

/// Whose servers publish the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ServedBy {
    Bind,
    Nsd,
    Knot,
    Powerdns,
    Windows,
    Cloudflare,
    Route53,
    Azure,
    Google,
    /// Another provider, who writes SOA and NS records itself.
    Other,
}

impl ServedBy {
    /// A server that loads the file as it is: without a SOA record it refuses.
    pub(crate) fn loads_files(self) -> bool {
        matches!(
            self,
            ServedBy::Bind | ServedBy::Nsd | ServedBy::Knot | ServedBy::Powerdns | ServedBy::Windows
        )
    }

    /// As reports name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ServedBy::Bind => "BIND",
            ServedBy::Nsd => "NSD",
            ServedBy::Knot => "Knot",
            ServedBy::Powerdns => "PowerDNS",
            ServedBy::Windows => "Windows DNS",
            ServedBy::Cloudflare => "Cloudflare",
            ServedBy::Route53 => "Route 53",
            ServedBy::Azure => "Azure",
            ServedBy::Google => "Google",
            ServedBy::Other => "the provider",
        }
    }

    /// A string over 255 octets is published in pieces; others refuse it.
    pub(crate) fn splits_strings(self) -> bool {
        matches!(self, ServedBy::Cloudflare | ServedBy::Knot)
    }

    /// An alias at the apex is answered with the addresses of its target.
    pub(crate) fn flattens_apex(self) -> bool {
        self == ServedBy::Cloudflare
    }
}

impl ZoneSetting {
    /// Whether it is about this name of this file.
    pub fn is_about(&self, file: &str, name: &str) -> bool {
        let fits = |pattern: &Option<String>, text: &str| pattern.as_deref().is_none_or(|p| glob(p, text));
        fits(&self.path, file) && fits(&self.name, name)
    }
}
