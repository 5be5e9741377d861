//! Which servers to ask: what the user or the system named.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;

use crate::model::untrusted::{Width, plain};

/// DNS over TLS (RFC 7858 section 3.1).
const DOT_PORT: u16 = 853;

/// One server to ask.
#[derive(Clone, Debug)]
pub enum Server {
    /// Plain DNS over UDP, with TCP where UDP does not suffice.
    Plain(SocketAddr),
    /// DNS over TLS (RFC 7858), or over HTTPS (RFC 8484) where there is a path.
    Encrypted {
        /// As the user named it.
        shown: String,
        /// What the certificate must be for.
        host: String,
        /// Where it is connected to.
        address: SocketAddr,
        /// The path of the URL, for DNS over HTTPS only.
        path: Option<String>,
        /// Authorities and protocols for the handshake.
        tls: Arc<rustls::ClientConfig>,
    },
    /// Nobody in between: from the root down to the zone's own servers.
    Recursion(Roots),
}

impl std::fmt::Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Server::Plain(address) => address.fmt(f),
            Server::Encrypted { shown, .. } => f.write_str(shown),
            Server::Recursion(_) => f.write_str("recurse"),
        }
    }
}

/// Where recursion begins.
#[derive(Clone, Debug)]
pub enum Roots {
    /// The internet's. Name servers at private addresses are not asked: a
    /// hostile delegation must not reach into the user's network.
    Internet,
    /// A world of one's own (`--root-hints`), at whatever addresses.
    Own(Vec<IpAddr>),
}

/// Why no server can be asked. The user's or the system's fault.
#[derive(Debug, thiserror::Error)]
pub enum ResolverError {
    /// `--resolver` with what is no IP address.
    #[error(
        "--resolver {0:?} is no address\n  give ADDR or ADDR:PORT, such as 192.0.2.53, 127.0.0.1:5300 or [2001:db8::53]:53,\n  or recurse"
    )]
    Address(String),
    /// `--dot` with what is no host.
    #[error(
        "--dot {0:?} is no server\n  give HOST or HOST:PORT, such as dns.example, 192.0.2.53 or [2001:db8::53]:853"
    )]
    Dot(String),
    /// `--doh` with what is no HTTPS URL.
    #[error("--doh {0:?} is no address of a server\n  give a URL such as https://dns.example/dns-query")]
    Doh(String),
    /// The server is given by name, and the name has no address.
    #[error(
        "the address of {host} cannot be found with the system's resolver ({why})\n  give the server's address instead of its name"
    )]
    Unfound {
        /// The server's name.
        host: String,
        /// What the system's resolver said.
        why: String,
    },
    /// The system's configuration cannot be read or names none.
    #[error("the system names no resolver ({0})\n  give one with --resolver ADDR")]
    System(String),
    /// No certificate authority to trust can be loaded.
    #[error("no certificate authority can be loaded ({0})\n  name a file of them with --ca FILE")]
    Roots(String),
    /// The resolver's own set-up failed.
    #[error("DNS cannot be set up ({0})")]
    Setup(String),
}

/// `ADDR`, `ADDR:PORT`, `[ADDR6]:PORT`, or `recurse`.
///
/// # Errors
/// Where the text is none of these.
pub fn parse(text: &str) -> Result<Server, ResolverError> {
    if text.eq_ignore_ascii_case("recurse") {
        return Ok(Server::Recursion(Roots::Internet));
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok(Server::Plain(address));
    }
    match text.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(ip) => Ok(Server::Plain(SocketAddr::new(ip, 53))),
        Err(_) => Err(ResolverError::Address(plain(text, Width::Name))),
    }
}

/// `HOST`, `HOST:PORT`, `[ADDR6]:PORT` of a DNS-over-TLS server.
///
/// # Errors
/// Where the text is none of these, or the name has no address.
pub fn dot(text: &str, tls: &Arc<rustls::ClientConfig>) -> Result<Server, ResolverError> {
    let wrong = || ResolverError::Dot(plain(text, Width::Name));
    // The rules of a URL's authority: brackets around IPv6, a port after the last colon.
    let bare = text.parse::<IpAddr>().ok();
    let (host, port) = match bare {
        Some(ip) => (ip.to_string(), DOT_PORT),
        None => {
            let url = url::Url::parse(&format!("dot://{text}/")).map_err(|_| wrong())?;
            let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
            if url.path() != "/" || !url.username().is_empty() || url.query().is_some() {
                return Err(wrong());
            }
            (host.trim_matches(['[', ']']).to_owned(), url.port().unwrap_or(DOT_PORT))
        }
    };
    let address = address_of(&host, port)?;
    let shown = format!("tls://{}", plain(text, Width::Line));
    Ok(Server::Encrypted { shown, host, address, path: None, tls: tls.clone() })
}

/// The URL of a DNS-over-HTTPS server.
///
/// # Errors
/// Where the text is no HTTPS URL, or its host has no address.
pub fn doh(text: &str, tls: &Arc<rustls::ClientConfig>) -> Result<Server, ResolverError> {
    let wrong = || ResolverError::Doh(plain(text, Width::Line));
    // A template's variable (RFC 8484 section 4.1) is of no use to POST.
    let url = url::Url::parse(text.trim_end_matches("{?dns}")).map_err(|_| wrong())?;
    let host = url.host_str().filter(|_| url.scheme() == "https").ok_or_else(wrong)?;
    let host = host.trim_matches(['[', ']']).to_owned();
    let address = address_of(&host, url.port().unwrap_or(443))?;
    let path = if url.path() == "/" { "/dns-query" } else { url.path() };
    let shown = plain(text, Width::Line);
    Ok(Server::Encrypted { shown, host, address, path: Some(path.to_owned()), tls: tls.clone() })
}

/// The server itself has to be found before it can be asked: by the system.
fn address_of(host: &str, port: u16) -> Result<SocketAddr, ResolverError> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(SocketAddr::new(ip, port));
    }
    let unfound = |why: String| ResolverError::Unfound { host: plain(host, Width::Name), why };
    let mut found = (host, port).to_socket_addrs().map_err(|error| unfound(error.to_string()))?;
    found.next().ok_or_else(|| unfound("it has none".to_owned()))
}

/// TLS by the system's certificate authorities and these.
///
/// # Errors
/// Where no certificate authority can be loaded.
pub fn tls(authorities: Vec<CertificateDer<'static>>) -> Result<Arc<rustls::ClientConfig>, ResolverError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = |error: rustls::Error| ResolverError::Roots(error.to_string());
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(authorities, provider.clone())
        .map_err(roots)?;
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(roots)?;
    Ok(Arc::new(
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth(),
    ))
}

/// The system's resolvers, in its order.
///
/// # Errors
/// Where the configuration cannot be read or names no resolver.
pub fn system() -> Result<Vec<Server>, ResolverError> {
    let (config, _) = hickory_resolver::system_conf::read_system_conf()
        .map_err(|error| ResolverError::System(error.to_string()))?;
    let servers: Vec<Server> =
        config.name_servers().iter().map(|server| Server::Plain(SocketAddr::new(server.ip, 53))).collect();
    if servers.is_empty() {
        return Err(ResolverError::System("no nameserver line in resolv.conf".to_owned()));
    }
    Ok(servers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_as_they_are_written() {
        let tls = tls(Vec::new()).unwrap();
        let shown = |server: Result<Server, ResolverError>| match server {
            Ok(Server::Encrypted { shown, host, address, path, .. }) => {
                format!("{shown} {host} {address} {}", path.unwrap_or_default())
            }
            Ok(other) => other.to_string(),
            Err(error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
        };
        assert_eq!(shown(dot("192.0.2.53", &tls)), "tls://192.0.2.53 192.0.2.53 192.0.2.53:853 ");
        assert_eq!(shown(dot("2001:db8::53", &tls)), "tls://2001:db8::53 2001:db8::53 [2001:db8::53]:853 ");
        assert_eq!(
            shown(dot("[2001:db8::53]:8853", &tls)),
            "tls://[2001:db8::53]:8853 2001:db8::53 [2001:db8::53]:8853 "
        );
        assert_eq!(shown(dot("192.0.2.53:1", &tls)), "tls://192.0.2.53:1 192.0.2.53 192.0.2.53:1 ");
        for wrong in ["", "a b", "x@192.0.2.1", "192.0.2.1/x", "192.0.2.1:99999"] {
            assert!(matches!(dot(wrong, &tls), Err(ResolverError::Dot(_))), "{wrong}");
        }
        assert_eq!(
            shown(doh("https://192.0.2.53:8443/q{?dns}", &tls)),
            "https://192.0.2.53:8443/q{?dns} 192.0.2.53 192.0.2.53:8443 /q"
        );
        assert_eq!(
            shown(doh("https://192.0.2.53", &tls)),
            "https://192.0.2.53 192.0.2.53 192.0.2.53:443 /dns-query"
        );
        for wrong in ["", "dns.example", "http://192.0.2.1/dns-query", "https://"] {
            assert!(matches!(doh(wrong, &tls), Err(ResolverError::Doh(_))), "{wrong}");
        }
        assert_eq!(shown(parse("recurse")), "recurse");
        assert_eq!(shown(parse("[2001:db8::53]:5300")), "[2001:db8::53]:5300");
        assert_eq!(shown(parse("2001:db8::53")), "[2001:db8::53]:53");
        assert!(matches!(parse("dns.example"), Err(ResolverError::Address(_))));
    }
}
