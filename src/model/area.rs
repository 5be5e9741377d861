//! The nine areas of the report, in the order they are printed.

use serde::{Deserialize, Serialize};

/// One of the nine areas. The folder under `checks/` is [`Area::folder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// SPF, DKIM, DMARC, ARC and BIMI, the transport records (MX, MTA-STS, TLS-RPT, DANE), DNSSEC
    /// and the zone.
    Authentication,
    /// PTR records of the sending addresses, and the name given in HELO or EHLO.
    ReverseDns,
    /// Blocklists of addresses and of domains.
    IpReputation,
    /// What the message says and how it is built.
    Content,
    /// How a reader unsubscribes: List-Unsubscribe (RFC 2369) and one click (RFC 8058).
    Subscription,
    /// What the logs say of volume, bounces, retries and consent.
    SendingPractices,
    /// Complaints: their rate, CFBL-Address (RFC 9477) and Feedback-ID.
    FeedbackLoops,
    /// Links, attachments and sender names as malware and phishing use them.
    MalwarePhishing,
    /// What receivers' replies and the logs say of rate limits and deferrals.
    Throttling,
}

impl Area {
    /// All nine, in the order of the report.
    pub const ALL: [Area; 9] = [
        Area::Authentication,
        Area::ReverseDns,
        Area::IpReputation,
        Area::Content,
        Area::Subscription,
        Area::SendingPractices,
        Area::FeedbackLoops,
        Area::MalwarePhishing,
        Area::Throttling,
    ];

    /// The name in JSON and on the command line: `reverse-dns`.
    pub fn name(self) -> &'static str {
        match self {
            Area::Authentication => "authentication",
            Area::ReverseDns => "reverse-dns",
            Area::IpReputation => "ip-reputation",
            Area::Content => "content",
            Area::Subscription => "subscription",
            Area::SendingPractices => "sending-practices",
            Area::FeedbackLoops => "feedback-loops",
            Area::MalwarePhishing => "malware-phishing",
            Area::Throttling => "throttling",
        }
    }

    /// The name for people: `Reverse DNS`.
    pub fn title(self) -> &'static str {
        match self {
            Area::Authentication => "Authentication",
            Area::ReverseDns => "Reverse DNS",
            Area::IpReputation => "IP reputation",
            Area::Content => "Content quality",
            Area::Subscription => "Subscription",
            Area::SendingPractices => "Sending practices",
            Area::FeedbackLoops => "Feedback loops",
            Area::MalwarePhishing => "Malware and phishing",
            Area::Throttling => "Throttling",
        }
    }

    /// The folder under `src/checks` and `fixtures/checks`: `reverse_dns`.
    pub fn folder(self) -> String {
        self.name().replace('-', "_")
    }

    /// The area called `name` in [`Area::name`]'s spelling, such as `reverse-dns`.
    pub fn from_name(name: &str) -> Option<Area> {
        Area::ALL.into_iter().find(|area| area.name() == name)
    }
}
