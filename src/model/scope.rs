//! What may be asked in this run.

use std::collections::{BTreeMap, BTreeSet};

use super::Name;

/// A family of questions. A check names those it needs; what no selected check
/// needs is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    Spf,
    Dkim,
    Dmarc,
    Arc,
    Bimi,
    ReverseDns,
    /// Who runs the reverse zones of the sending addresses; only `ptr` tells.
    ReverseZones,
    Mx,
    /// MTA-STS, TLS-RPT, DANE, CAA.
    Transport,
    NameServers,
    /// Whether the answers hold before DNSSEC.
    Dnssec,
    /// DNS blocklists for addresses and names.
    Blocklists,
    /// The sample message, without any question to the network.
    Message,
    /// Logs and reports, without any question to the network.
    Traffic,
    /// Local scanners given by address.
    Scanners,
}

impl Topic {
    pub const ALL: [Topic; 15] = [
        Topic::Spf,
        Topic::Dkim,
        Topic::Dmarc,
        Topic::Arc,
        Topic::Bimi,
        Topic::ReverseDns,
        Topic::ReverseZones,
        Topic::Mx,
        Topic::Transport,
        Topic::NameServers,
        Topic::Dnssec,
        Topic::Blocklists,
        Topic::Message,
        Topic::Traffic,
        Topic::Scanners,
    ];
}

/// The bounds of curiosity, settled by `config` before anything is asked.
#[derive(Clone, Debug)]
pub struct Scope {
    pub topics: BTreeSet<Topic>,
    /// Talk SMTP and HTTPS to the hosts found (`--probe`).
    pub probe: bool,
    /// Selectors to try when none is known; a hit is evidence, a miss is not.
    pub guess_selectors: bool,
    /// List zones to ask instead of the catalogue's default set (`--list`).
    pub lists: Vec<Name>,
    /// Every list of the catalogue, those without weight too (`--all`).
    pub all_lists: bool,
    /// Domains with SPF or DKIM results, whose alignment is to be judged.
    pub identities: Vec<Name>,
    /// What `mailvet.toml` changes about the lists.
    pub list_changes: ListChanges,
    /// Scanner engines to ask, as `engine=address`.
    pub scanners: Vec<String>,
}

/// Changes to the catalogue's selection of lists.
#[derive(Clone, Debug, Default)]
pub struct ListChanges {
    pub add: Vec<AddedList>,
    pub remove: BTreeSet<Name>,
    /// Names of the keys the user holds; the keys are `gather`'s alone.
    pub keys: BTreeSet<String>,
}

/// A list the user describes.
#[derive(Clone, Debug)]
pub struct AddedList {
    pub zone: Name,
    pub ip4: bool,
    pub ip6: bool,
    pub names: bool,
    /// high, medium, low or none.
    pub weight: String,
    pub operator: Option<String>,
    pub delist: Option<String>,
    /// Answer and meaning.
    pub codes: BTreeMap<String, String>,
}

impl Scope {
    pub fn everything() -> Scope {
        Scope {
            topics: Topic::ALL.into_iter().collect(),
            probe: false,
            guess_selectors: true,
            lists: Vec::new(),
            all_lists: false,
            list_changes: ListChanges::default(),
            identities: Vec::new(),
            scanners: Vec::new(),
        }
    }
}
