//! The nine areas of the report, in the order they are printed.

use serde::{Deserialize, Serialize};

/// One of the nine areas. The folder under `checks/` is [`Area::folder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    Authentication,
    ReverseDns,
    IpReputation,
    Content,
    Subscription,
    SendingPractices,
    FeedbackLoops,
    MalwarePhishing,
    Throttling,
}

impl Area {
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

    pub fn from_name(name: &str) -> Option<Area> {
        Area::ALL.into_iter().find(|area| area.name() == name)
    }
}
