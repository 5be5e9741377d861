//! Which servers to ask: what the user or the system named.

use std::net::{IpAddr, SocketAddr};

/// One server to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// Plain DNS over UDP, with TCP where UDP does not suffice.
    Plain(SocketAddr),
}

impl std::fmt::Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Server::Plain(address) => address.fmt(f),
        }
    }
}

/// Why no server can be asked. The user's or the system's fault.
#[derive(Debug, thiserror::Error)]
pub enum ResolverError {
    #[error(
        "--resolver {0:?} is no address\n  give ADDR or ADDR:PORT, such as 192.0.2.53, 127.0.0.1:5300 or [2001:db8::53]:53"
    )]
    Address(String),
    #[error("the system names no resolver ({0})\n  give one with --resolver ADDR")]
    System(String),
    #[error("DNS cannot be set up ({0})")]
    Setup(String),
}

/// `ADDR`, `ADDR:PORT`, `[ADDR6]:PORT`.
pub fn parse(text: &str) -> Result<Server, ResolverError> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok(Server::Plain(address));
    }
    match text.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(ip) => Ok(Server::Plain(SocketAddr::new(ip, 53))),
        Err(_) => Err(ResolverError::Address(crate::model::untrusted::plain(text, 60))),
    }
}

/// The system's resolvers, in its order.
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
