//! What may be asked in this run.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use super::Name;

/// A family of questions. A check names those it needs; what no selected check
/// needs is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// The SPF policies of the domain and of the HELO name (RFC 7208), with all they include.
    Spf,
    /// The DKIM keys of the selectors, and the sample message's signatures (RFC 6376).
    Dkim,
    /// The DMARC policy with the walk up the tree and its report addresses (RFC 9989).
    Dmarc,
    /// The ARC chain of the sample message (RFC 8617).
    Arc,
    /// The BIMI record with logo and certificate.
    Bimi,
    /// PTR records of the sending addresses, forward again, and the HELO name's addresses.
    ReverseDns,
    /// Who runs the reverse zones of the sending addresses; only the command `ptr` reports it.
    ReverseZones,
    /// The domain's MX hosts and their addresses.
    Mx,
    /// The MTA-STS and TLS-RPT records.
    Transport,
    /// The MTA-STS policy, by HTTPS where the scope allows it.
    MtaSts,
    /// TLSA and CAA records of the MX hosts.
    Dane,
    /// Dialogues with the MX hosts (`--probe`).
    Servers,
    /// The dialogue with the relay (`--probe`, or the command `relay`).
    Relay,
    /// The domain's NS records, and what each of those servers says.
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
    /// The one-click address of the sample message (`--probe-unsubscribe`).
    Unsubscribe,
    /// Where the sample message's links lead (`--follow-links`).
    Links,
    /// The zone file itself, without any question to the network.
    Zone,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Topic; 22] = [
        Topic::Spf,
        Topic::Dkim,
        Topic::Dmarc,
        Topic::Arc,
        Topic::Bimi,
        Topic::ReverseDns,
        Topic::ReverseZones,
        Topic::Mx,
        Topic::Transport,
        Topic::MtaSts,
        Topic::Dane,
        Topic::Servers,
        Topic::Relay,
        Topic::NameServers,
        Topic::Dnssec,
        Topic::Blocklists,
        Topic::Message,
        Topic::Traffic,
        Topic::Scanners,
        Topic::Unsubscribe,
        Topic::Links,
        Topic::Zone,
    ];
}

/// The bounds of curiosity, settled by `config` before anything is asked.
#[derive(Clone, Debug)]
pub struct Scope {
    /// What the selected checks need.
    pub topics: BTreeSet<Topic>,
    /// Talk SMTP to the hosts found, and fetch the MTA-STS policy (`--probe`).
    pub probe: bool,
    /// Fetch the MTA-STS policy even without `probe`.
    pub fetch_policy: bool,
    /// What is said to mail servers, and where connections go.
    pub dialogue: Dialogue,
    /// Certification authorities trusted beside the public ones (`--ca`), DER.
    pub roots: Vec<Vec<u8>>,
    /// Ask each of the zone's own name servers too (`--authoritative`).
    pub authoritative: bool,
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
    /// Permission to POST to the message's one-click address.
    pub unsubscribe: Option<WebProbe>,
    /// Permission to follow the message's links, and how many of them.
    pub links: Option<(WebProbe, usize)>,
    /// Ask the lists about hosts of links alone.
    pub list_links_only: bool,
    /// Validate what was asked, instead of what a domain's mail hangs on: the commands of one question.
    pub validates_asked: bool,
    /// Ask no more of SPF than a receiver would: `listen`, whose senders are strangers.
    pub as_receiver: bool,
}

/// How web addresses that stand in a message may be asked.
#[derive(Clone, Debug, Default)]
pub struct WebProbe {
    /// Also at addresses that are not public: loopback, private networks.
    pub allow_private: bool,
    /// Certificate authorities beside the system's, DER.
    pub authorities: Vec<Vec<u8>>,
}

/// What is said to mail servers, and where connections go.
#[derive(Clone, Debug, Default)]
pub struct Dialogue {
    /// The name in EHLO (`--helo`).
    pub helo: Option<String>,
    /// The sender for the relay (`--from`); the null sender where absent.
    pub from: Option<String>,
    /// Recipients for the relay (`--to`).
    pub to: Vec<String>,
    /// Try whether the relay is open; only its operator may ask for this.
    pub open_relay_test: bool,
    /// Try no sender and no recipient at the relay: only whether and how the host answers.
    pub greet_only: bool,
    /// Connections to go elsewhere (`--connect-to`), the first match counts.
    pub connect_to: Vec<ConnectTo>,
}

/// `HOST:PORT:ADDR:PORT`, as curl's option of this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectTo {
    /// Any host where absent.
    pub host: Option<Name>,
    /// Any port where absent.
    pub port: Option<u16>,
    pub to: SocketAddr,
}

impl Dialogue {
    /// Where a connection to this host and address goes.
    pub fn destination(&self, host: &Name, address: SocketAddr) -> SocketAddr {
        let hit = self.connect_to.iter().find(|rule| {
            rule.host.as_ref().is_none_or(|wanted| wanted == host)
                && rule.port.is_none_or(|port| port == address.port())
        });
        hit.map_or(address, |rule| rule.to)
    }
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
    /// All topics, and only what the DNS answers: no SMTP, no HTTPS, no scanner.
    pub fn everything() -> Scope {
        Scope {
            topics: Topic::ALL.into_iter().collect(),
            probe: false,
            fetch_policy: false,
            dialogue: Dialogue::default(),
            roots: Vec::new(),
            authoritative: false,
            guess_selectors: true,
            lists: Vec::new(),
            all_lists: false,
            list_changes: ListChanges::default(),
            identities: Vec::new(),
            scanners: Vec::new(),
            unsubscribe: None,
            links: None,
            list_links_only: false,
            validates_asked: false,
            as_receiver: false,
        }
    }
}
