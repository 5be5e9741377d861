//! What the printed settings of an IBM i say, file by file. Judges nothing.

use std::net::IpAddr;

use super::Facts;
use crate::evidence::SettingsEvidence;
use crate::model::{Gap, Location, Name};
use crate::parse::ibmi::{HostEntry, IbmiSettings, ListEntry, Setting};

/// The settings of one system.
#[derive(Debug, Default)]
pub(crate) struct Ibmi {
    files: Vec<(String, IbmiSettings)>,
}

/// A setting and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stated<'i> {
    pub setting: &'i Setting,
    file: &'i str,
}

impl Stated<'_> {
    /// The first value, upper case; never empty.
    pub(crate) fn value(&self) -> String {
        self.setting.first().unwrap_or_default()
    }

    pub(crate) fn location(&self) -> Option<Location> {
        Some(Location { file: self.file.to_owned(), line: self.setting.line })
    }
}

impl Ibmi {
    pub(super) fn read(evidence: &[SettingsEvidence]) -> Ibmi {
        let read = |given: &SettingsEvidence| (given.file.clone(), IbmiSettings::parse(&given.text));
        Ibmi { files: evidence.iter().map(read).collect() }
    }

    /// The setting in force: that of the last file that has one.
    ///
    /// # Errors
    /// The files do not show the keyword. What is not shown is unknown, not the default.
    pub(crate) fn get(&self, keyword: &str) -> Result<Stated<'_>, Gap> {
        let mut found = self.files.iter().filter_map(|(file, settings)| {
            settings.get(keyword).map(|setting| Stated { setting, file: file.as_str() })
        });
        found.next_back().ok_or_else(|| Gap::undecidable(format!("the settings given do not show {keyword}")))
    }

    /// The host table with the file each entry stands in.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = (&HostEntry, Location)> {
        self.files.iter().flat_map(|(file, settings)| {
            settings.hosts.iter().map(|entry| (entry, Location { file: file.clone(), line: entry.line }))
        })
    }

    /// The entries of the SMTP lists (ADDSMTPLE).
    pub(crate) fn lists(&self) -> Vec<ListEntry> {
        self.files.iter().flat_map(|(_, settings)| settings.lists()).collect()
    }

    /// The local host name with its domain, which is the HELO name.
    ///
    /// # Errors
    /// The files do not show HOSTNAME, or a name without its domain.
    pub(crate) fn host_name(&self) -> Result<(Name, Option<Location>), Gap> {
        let host = self.get("HOSTNAME")?;
        let text = host.value().to_ascii_lowercase();
        let name = match text.contains('.') {
            true => text,
            false => match self.get("DMNNAME")?.value().to_ascii_lowercase().as_str() {
                "*none" => text,
                domain => format!("{text}.{domain}"),
            },
        };
        Ok((Name::lenient(name.trim_end_matches('.')), host.location()))
    }

    /// The system's own addresses, as the host table has them for its name.
    pub(crate) fn own_addresses(&self) -> Vec<IpAddr> {
        let Ok((name, _)) = self.host_name() else { return Vec::new() };
        let own = self.hosts().filter(|(entry, _)| entry.names.iter().any(|known| known == name.as_str()));
        own.map(|(entry, _)| entry.address).collect()
    }
}

impl<'e> Facts<'e> {
    /// The printed settings of the sending IBM i; `None` where none were given.
    pub(crate) fn ibmi(&self) -> Option<&'e Ibmi> {
        self.prepared.ibmi(self.evidence)
    }
}
