//! `[[target]]` of `mailvet.toml`: who is audited, so that a run in CI repeats no flags.

use std::net::IpAddr;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

/// One sender. `mailvet audit` without a domain audits all of them, `mailvet audit DOMAIN` takes
/// what its flags leave out from the one of that domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TargetSetting {
    /// The domain in the From header.
    pub domain: String,
    /// As `--ip`: addresses the mail leaves from.
    #[serde(default)]
    pub ips: Vec<IpAddr>,
    /// As `--helo`.
    pub helo: Option<String>,
    /// As `--mail-from`.
    pub mail_from: Option<String>,
    /// As `--selector`: DKIM selectors in use.
    #[serde(default)]
    pub selectors: Vec<String>,
    /// As `--relay`: the relay that takes the mail first.
    pub relay: Option<String>,
    /// As `--role`: sends, parked, receives-only, reverse-zone.
    pub role: Option<String>,
    /// As `--message`: a sample message; relative to the working folder.
    pub message: Option<PathBuf>,
    /// As `--log`: mail logs.
    #[serde(default)]
    pub logs: Vec<PathBuf>,
    /// As `--reports`: reports from receivers.
    #[serde(default)]
    pub reports: Vec<PathBuf>,
    /// As `--ibmi`: printed settings of the IBM i that sends.
    #[serde(default)]
    pub ibmi: Vec<PathBuf>,
}
