//! Who took a message: the recipient's own server, a mailbox, or a relay on the
//! way. A 250 of a relay proves hand-over, not delivery.

use std::net::IpAddr;

use crate::parse::log::provider::provider;
use crate::parse::log::record::LogEvent;
use crate::parse::web::psl;

/// The party behind a positive reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taker {
    /// A local mailbox, command or file.
    Mailbox,
    /// A mail server of the recipient's domain.
    Receiver,
    Relay,
}

/// Who gave the reply of a delivery event.
pub fn taker(event: &LogEvent) -> Taker {
    // An application's dialogue and IBM i's SMTP client know their relay only.
    if matches!(event.dialect, "ibmi-imail" | "ibmi-qzmf") {
        return Taker::Relay;
    }
    if matches!(event.dialect, "amazon-ses" | "sendgrid" | "microsoft-365-trace") {
        return Taker::Receiver;
    }
    let local = ["local", "virtual", "pipe", "mda", "STOREDRIVER", "local_delivery", "appendfile", "discard"];
    if local.contains(&event.agent.as_str()) || event.agent == "lmtp" {
        return Taker::Mailbox;
    }
    if event.dialect == "qmail" && event.ip.is_empty() {
        return Taker::Mailbox;
    }
    let host = event.host.trim_end_matches('.').to_ascii_lowercase();
    if host.is_empty() && event.ip.is_empty() {
        return Taker::Mailbox;
    }
    if matches!(host.as_str(), "local" | "virtual" | "dovecot" | "none") || event.ip.starts_with("private/") {
        return Taker::Mailbox;
    }
    if event.ip.parse::<IpAddr>().is_ok_and(inside) || host == "localhost" {
        return Taker::Relay;
    }
    let domain = event.recipient.rsplit_once('@').map_or("", |(_, domain)| domain).to_ascii_lowercase();
    let by_domain = provider(&domain, "");
    let by_host = provider("", &host);
    if by_domain != domain {
        // A known provider takes its mail on its own hosts only.
        return if by_host == by_domain || host.ends_with(&domain) || host.is_empty() {
            Taker::Receiver
        } else {
            Taker::Relay
        };
    }
    if !by_host.is_empty() && by_host != "amazonses.com" {
        return Taker::Receiver;
    }
    if base(&host) == base(&domain) {
        return Taker::Receiver;
    }
    let first = host.split('.').next().unwrap_or_default();
    let plain = first.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let relaying = [
        "relay",
        "smarthost",
        "smtp",
        "out",
        "outbound",
        "mailout",
        "smtpout",
        "mta",
        "gateway",
        "submission",
    ];
    if relaying.contains(&plain)
        || host.contains("relay")
        || host.contains("smarthost")
        || host.contains("outbound")
        || by_host == "amazonses.com"
    {
        return Taker::Relay;
    }
    Taker::Receiver
}

/// Not reachable from the internet: a hop of one's own.
fn inside(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// The registrable domain, by the public suffix list.
fn base(name: &str) -> &str {
    psl::domain_str(name).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::log::record::LogEvent;
    use crate::parse::log::{Dialect, parse_block};

    fn of(relay: &str, to: &str) -> Taker {
        let line = format!(
            "Mar  3 00:00:00 h postfix/smtp[1]: 4104E3D: to=<{to}>, relay={relay}:25, delay=1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 76987E006C)\n"
        );
        let batch = parse_block(Dialect::Postfix, line.as_bytes(), 2024);
        let location = crate::model::Location { file: "l".into(), line: 1 };
        taker(&LogEvent::of(&batch.get(0).unwrap(), location, "postfix"))
    }

    #[test]
    fn a_relay_is_told_from_the_receiver() {
        assert_eq!(of("mx1.example.org[192.0.2.1]", "a@example.org"), Taker::Receiver);
        assert_eq!(of("gmail-smtp-in.l.google.com[192.0.2.1]", "a@gmail.com"), Taker::Receiver);
        assert_eq!(of("relay.example.net[192.0.2.1]", "a@gmail.com"), Taker::Relay);
        assert_eq!(of("relay.example.net[192.0.2.1]", "a@example.org"), Taker::Relay);
        assert_eq!(of("127.0.0.1[127.0.0.1]", "a@example.org"), Taker::Relay);
        assert_eq!(of("aspmx.l.google.com[192.0.2.1]", "a@example.org"), Taker::Receiver);
        assert_eq!(of("mail.filter.example[192.0.2.1]", "a@example.org"), Taker::Receiver);
    }
}
