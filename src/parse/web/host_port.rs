//! `HOST`, `HOST:PORT`, `[ADDR6]:PORT` as people type them.

/// Host and port; `None` where the port is no number from 1 to 65535 or the host is empty.
/// Brackets around an address are taken off.
pub(crate) fn split(text: &str) -> Option<(&str, Option<u16>)> {
    let text = text.trim();
    let port_of = |port: &str| port.parse::<u16>().ok().filter(|port| *port > 0);
    if let Some(rest) = text.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        let host = host.strip_prefix("IPv6:").unwrap_or(host);
        return match port {
            "" => (!host.is_empty()).then_some((host, None)),
            port => Some((host, Some(port_of(port.strip_prefix(':')?)?))),
        };
    }
    // A bare IPv6 address is full of colons and has no port.
    if text.parse::<std::net::Ipv6Addr>().is_ok() {
        return Some((text, None));
    }
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && !host.contains(':') => Some((host, Some(port_of(port)?))),
        Some(_) => None,
        None => (!text.is_empty()).then_some((text, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn hosts_and_ports() {
        assert_eq!(split("mx.example.com"), Some(("mx.example.com", None)));
        assert_eq!(split("mx.example.com:587"), Some(("mx.example.com", Some(587))));
        assert_eq!(split("[2001:db8::1]:25"), Some(("2001:db8::1", Some(25))));
        assert_eq!(split("2001:db8::1"), Some(("2001:db8::1", None)));
        assert_eq!(split("[192.0.2.1]"), Some(("192.0.2.1", None)));
        for wrong in ["", ":25", "a:0", "a:70000", "a:b", "a:b:25", "[2001:db8::1]25"] {
            assert_eq!(split(wrong), None, "{wrong}");
        }
    }
}
