//! What a domain name is to mail.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a name does with mail, and so by which rules it is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Mail is sent as this name.
    Sends,
    /// The name says that it neither sends nor takes mail (`v=spf1 -all`, a null MX or none).
    Parked,
    /// The name takes mail and says that it sends none.
    ReceivesOnly,
    /// A zone of addresses, below in-addr.arpa or ip6.arpa.
    ReverseZone,
    /// No record of mail stands at the name.
    Nothing,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 5] =
        [Role::Sends, Role::Parked, Role::ReceivesOnly, Role::ReverseZone, Role::Nothing];

    /// The name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Role::Sends => "sends",
            Role::Parked => "parked",
            Role::ReceivesOnly => "receives-only",
            Role::ReverseZone => "reverse-zone",
            Role::Nothing => "none",
        }
    }

    /// The role of this name; `None` where there is no such role.
    pub fn from_name(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }

    /// True where mail as this name is expected: only then is anything missed that sending needs.
    pub fn may_send(self) -> bool {
        matches!(self, Role::Sends | Role::Nothing)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
