//! One server to ask, with its own pool, so that which server said what stays known.

use std::sync::Arc;

use futures_util::StreamExt as _;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverOpts};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::DnsHandle as _;
use hickory_resolver::proto::op::{DnsRequest, DnsRequestOptions, DnsResponse, Query};
use hickory_resolver::{NameServerPool, PoolContext, TlsConfig};
use tokio::sync::Semaphore;

use super::Limits;
use super::extended_errors::{Listening, Reasons};
use super::recursion::Recursion;
use super::resolver::{ResolverError, Server};

/// How a question is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As a mail server would.
    Plain,
    /// With signatures, and unchecked (CD), so that data comes that the resolver would hold back.
    WithSignatures,
    /// Asking for the resolver's own validation (AD, RFC 6840 section 5.7).
    Validated,
}

enum Way {
    Pool(NameServerPool<Listening>),
    Recursion(Box<Recursion>),
}

/// One server.
pub struct Upstream {
    pub server: Server,
    way: Way,
    in_flight: Semaphore,
    reasons: Arc<Reasons>,
}

impl Upstream {
    pub fn new(server: &Server, limits: &Limits) -> Result<Upstream, ResolverError> {
        let reasons = Arc::new(Reasons::default());
        let listening = Listening { provider: TokioRuntimeProvider::default(), reasons: reasons.clone() };
        let way = match server {
            Server::Recursion(roots) => Way::Recursion(Box::new(Recursion::new(roots, listening)?)),
            _ => Way::Pool(pool(server, limits, listening)?),
        };
        let in_flight = Semaphore::new(limits.per_server);
        Ok(Upstream { server: server.clone(), way, in_flight, reasons })
    }

    /// One exchange, TCP after a cut-off answer included, within the bound on one question.
    pub async fn exchange(
        &self,
        query: Query,
        manner: Manner,
        limits: &Limits,
    ) -> Result<DnsResponse, NetError> {
        // Never closed, so acquiring cannot fail.
        let _permit = self.in_flight.acquire().await;
        let signatures = manner == Manner::WithSignatures;
        // hickory bounds one attempt; this bounds all it makes of one question.
        let bounded = tokio::time::timeout(limits.question, async {
            match &self.way {
                // A recursor of one's own checks nothing, so it has nothing to vouch for.
                Way::Recursion(recursion) => recursion.exchange(query, signatures).await,
                Way::Pool(pool) => {
                    let mut options = DnsRequestOptions::default();
                    options.edns_payload_len = 1232; // DNS flag day 2020: no fragments.
                    options.case_randomization = true;
                    options.edns_set_dnssec_ok = signatures;
                    let mut request = DnsRequest::from_query(query, options);
                    request.metadata.checking_disabled = signatures;
                    request.metadata.authentic_data = manner == Manner::Validated;
                    pool.send(request).next().await.unwrap_or(Err(NetError::Timeout))
                }
            }
        });
        match bounded.await.unwrap_or(Err(NetError::Timeout)) {
            Err(error @ NetError::NoConnections) => {
                Err(self.reasons.refused().map_or(error, |words| std::io::Error::other(words).into()))
            }
            result => result,
        }
    }

    /// The server's own reason for a question's failure, where it gave one.
    pub fn reason(&self, query: &Query) -> Option<String> {
        self.reasons.take(query)
    }
}

/// The TLS settings a pool wants even where its servers speak plain DNS only.
/// hickory's own would read the system's certificates at every start.
fn without_roots() -> Result<rustls::ClientConfig, ResolverError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ResolverError::Setup(error.to_string()))?;
    Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

fn pool(
    server: &Server,
    limits: &Limits,
    listening: Listening,
) -> Result<NameServerPool<Listening>, ResolverError> {
    let mut options = ResolverOpts::default();
    options.timeout = limits.question;
    options.attempts = 1;
    // Two servers at once would double every blocklist query.
    options.num_concurrent_reqs = 1;
    options.case_randomization = true;
    options.edns0 = true;
    let (config, ip, connections) = match server {
        Server::Encrypted { host, address, path, tls, .. } => {
            let name: Arc<str> = Arc::from(host.as_str());
            let mut connection = match path {
                Some(path) => ConnectionConfig::https(name, Some(Arc::from(path.as_str()))),
                None => ConnectionConfig::tls(name),
            };
            connection.port = address.port();
            (rustls::ClientConfig::clone(tls), address.ip(), vec![connection])
        }
        Server::Plain(address) => {
            let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
            connections.iter_mut().for_each(|connection| connection.port = address.port());
            (without_roots()?, address.ip(), connections)
        }
        Server::Recursion(_) => return Err(ResolverError::Setup("recursion has no one server".to_owned())),
    };
    let context = Arc::new(PoolContext::new(options, TlsConfig { config }));
    let config = NameServerConfig::new(ip, true, connections);
    Ok(NameServerPool::from_config([config], context, listening))
}
