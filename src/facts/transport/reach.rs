//! Whether a network lets a port out, or one host refuses: told by a second host on the same port.
//! A pure comparison; both were spoken to already.

use super::servers::{Server, Trouble};

/// How far a host could be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// A connection stood, whatever was said then.
    Connected,
    /// It did not, and how.
    Broken(Trouble),
    /// Nobody tried, or the name led nowhere.
    Unknown,
}

impl Reach {
    /// The best that any address of the host gave.
    pub(crate) fn of(servers: &[Server]) -> Reach {
        let of_server = |server: &Server| match &server.session {
            Err(_) => Reach::Unknown,
            Ok(session) => match &session.transcript.broken {
                Some(broken) if broken.stage == "connect" => Reach::Broken(broken.trouble),
                Some(broken) if broken.stage == "DNS" => Reach::Unknown,
                _ => Reach::Connected,
            },
        };
        let all: Vec<Reach> = servers.iter().map(of_server).collect();
        let broken = all.iter().find(|reach| matches!(reach, Reach::Broken(_)));
        match all.contains(&Reach::Connected) {
            true => Reach::Connected,
            false => broken.copied().unwrap_or(Reach::Unknown),
        }
    }

    /// The symptom in words, such as `silence`.
    pub(crate) fn symptom(self) -> &'static str {
        match self {
            Reach::Connected => "a connection",
            Reach::Broken(Trouble::Refused) => "an immediate reset (RST)",
            Reach::Broken(Trouble::Timeout) => "silence",
            Reach::Broken(Trouble::Unreachable) => "no route, or an ICMP answer that says prohibited",
            Reach::Broken(Trouble::Forbidden) => "this machine's own firewall forbids it",
            Reach::Broken(_) => "a connection that breaks off",
            Reach::Unknown => "no attempt",
        }
    }
}

/// What two hosts on one port tell of the network between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// Both can be reached.
    Open,
    /// The other host can be reached, this one cannot.
    HostRefuses,
    /// This host can be reached, the other cannot.
    OtherRefuses,
    /// Neither can be reached.
    PortBlocked,
    /// Too little was tried.
    Unknown,
}

impl Told {
    pub(crate) fn of(relay: Reach, other: Reach) -> Told {
        match (relay, other) {
            (Reach::Unknown, _) | (_, Reach::Unknown) => Told::Unknown,
            (Reach::Connected, Reach::Connected) => Told::Open,
            (Reach::Connected, _) => Told::OtherRefuses,
            (_, Reach::Connected) => Told::HostRefuses,
            (Reach::Broken(_), Reach::Broken(_)) => Told::PortBlocked,
        }
    }

    /// `open`, `host-refuses`, `other-refuses`, `port-blocked` or `unknown`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Told::Open => "open",
            Told::HostRefuses => "host-refuses",
            Told::OtherRefuses => "other-refuses",
            Told::PortBlocked => "port-blocked",
            Told::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_hosts_tell_where_the_block_is() {
        let (silent, refused) = (Reach::Broken(Trouble::Timeout), Reach::Broken(Trouble::Refused));
        for (relay, other, told) in [
            (silent, Reach::Connected, Told::HostRefuses),
            (silent, silent, Told::PortBlocked),
            (silent, refused, Told::PortBlocked),
            (Reach::Connected, Reach::Connected, Told::Open),
            (Reach::Connected, silent, Told::OtherRefuses),
            (silent, Reach::Unknown, Told::Unknown),
            (Reach::Unknown, Reach::Connected, Told::Unknown),
        ] {
            assert_eq!(Told::of(relay, other), told, "{relay:?} {other:?}");
        }
        assert_eq!(Reach::of(&[]), Reach::Unknown);
    }
}
