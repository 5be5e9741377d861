//! Which servers to ask: what the user or the system named, each with its own
//! connection pool, so that failover is ours to decide and to report.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::tls::client_config;
use hickory_resolver::{ConnectionProvider, NameServerPool, PoolContext, TlsConfig};
use tokio::sync::Semaphore;

use super::Limits;

/// One server to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// Plain DNS over UDP, with TCP where UDP does not suffice.
    Plain(SocketAddr),
}

/// Why no server can be asked. The user's or the system's fault.
#[derive(Debug, thiserror::Error)]
pub enum ResolverError {
    #[error(
        "--resolver {0:?} is no address; give ADDR or ADDR:PORT, such as 192.0.2.53, 127.0.0.1:5300 or [2001:db8::53]:53"
    )]
    Address(String),
    #[error("the system names no resolver ({0}); give one with --resolver ADDR")]
    System(String),
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
    let servers: Vec<Server> = config
        .name_servers()
        .iter()
        .map(|server| Server::Plain(SocketAddr::new(server.ip, 53)))
        .collect();
    if servers.is_empty() {
        return Err(ResolverError::System("no nameserver line in resolv.conf".to_owned()));
    }
    Ok(servers)
}
