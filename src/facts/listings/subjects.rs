//! Who is asked about: every address and name that a receiver may look up when
//! it sees the sender's mail.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::model::untrusted::Width;
use crate::model::{Gap, Name, Subject};
use crate::parse::web::psl;

/// An address or a name; the former is never sent to a list of names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    Ip(IpAddr),
    Name(Name),
}

/// The part an identity plays in the mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// `--ip`: the mail leaves from it.
    SendingIp,
    /// Handed the mail on, by the message's Received chain or the log.
    RelayIp,
    /// Named by the SPF record, so anyone may send from it in the domain's name.
    SpfIp,
    Helo,
    Ptr,
    MailFrom,
    From,
    DkimDomain,
    Mx,
    Link,
    /// A link was followed to it (`--follow-links`).
    LinkTarget,
    /// Typed by the user.
    Given,
}

impl Part {
    pub fn title(self) -> &'static str {
        match self {
            Part::SendingIp => "sending address",
            Part::RelayIp => "relay's address",
            Part::SpfIp => "address the SPF record authorises",
            Part::Helo => "HELO name",
            Part::Ptr => "PTR name",
            Part::MailFrom => "MAIL FROM domain",
            Part::From => "From domain",
            Part::DkimDomain => "DKIM d= domain",
            Part::Mx => "MX host",
            Part::Link => "host of a link",
            Part::LinkTarget => "host that a link leads on to",
            Part::Given => "given",
        }
    }
}

/// The identities of a run, each once, with all its parts.
#[derive(Clone, Debug, Default)]
pub struct Subjects {
    pub parts: BTreeMap<Identity, Vec<Part>>,
    /// Identities that could not be worked out, by the part they would have.
    pub gaps: Vec<(Part, Gap)>,
}

/// Links of a newsletter run into hundreds; each costs a question per list.
pub(crate) const MOST_OF_A_PART: usize = 30;

impl Subjects {
    pub fn add_ip(&mut self, ip: IpAddr, part: Part) {
        // ::ffff:192.0.2.1 is the IPv4 address.
        self.add(Identity::Ip(ip.to_canonical()), part);
    }

    /// The name itself and, where it differs, the domain that was registered:
    /// lists hold either.
    pub fn add_name(&mut self, name: &Name, part: Part) {
        if name.is_root() || name.is_unaskable() || name.label_count() < 2 {
            return;
        }
        self.add(Identity::Name(name.clone()), part);
        if let Some(registered) = psl::domain_str(name.as_str()) {
            self.add(Identity::Name(Name::lenient(registered)), part);
        }
    }

    /// Exactly what the user typed.
    pub fn add_given(&mut self, identity: &Identity) {
        self.parts.entry(identity.clone()).or_default().push(Part::Given);
    }

    fn add(&mut self, identity: Identity, part: Part) {
        let of_part = self.parts.values().filter(|parts| parts.contains(&part)).count();
        let known = self.parts.contains_key(&identity);
        if of_part >= MOST_OF_A_PART && part != Part::Given && !known {
            return;
        }
        let parts = self.parts.entry(identity).or_default();
        if !parts.contains(&part) {
            parts.push(part);
            parts.sort_unstable();
        }
    }
}

impl Identity {
    pub fn subject(&self) -> Subject {
        match self {
            Identity::Ip(ip) => Subject::Ip(*ip),
            Identity::Name(name) => Subject::Domain(name.clone()),
        }
    }
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Identity::Ip(ip) => ip.fmt(f),
            Identity::Name(name) => f.write_str(&crate::model::untrusted::plain(name.as_str(), Width::Line)),
        }
    }
}
