//! One server to ask, with its own pool, so that which server said what stays known.

use std::sync::Arc;

use futures_util::StreamExt as _;
use hickory_resolver::config::{NameServerConfig, ResolverOpts};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::DnsHandle as _;
use hickory_resolver::proto::op::{DnsRequest, DnsRequestOptions, DnsResponse, Query};
use hickory_resolver::{NameServerPool, PoolContext, TlsConfig};
use tokio::sync::Semaphore;

use super::Limits;
use super::extended_errors::{Heard, Listening};
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

/// One server.
pub struct Upstream {
    pub server: Server,
    pool: NameServerPool<Listening>,
    in_flight: Semaphore,
    heard: Arc<Heard>,
}

impl Upstream {
    pub fn new(server: &Server, limits: &Limits) -> Result<Upstream, ResolverError> {
        let mut options = ResolverOpts::default();
        options.timeout = limits.question;
        options.attempts = 1;
        // Two servers at once would double every blocklist query.
        options.num_concurrent_reqs = 1;
        options.case_randomization = true;
        options.edns0 = true;
        let heard = Arc::new(Heard::default());
        let listening = Listening { provider: TokioRuntimeProvider::default(), heard: heard.clone() };
        let context = Arc::new(PoolContext::new(options, TlsConfig { config: without_roots()? }));
        Ok(Upstream {
            pool: NameServerPool::from_config([name_server(server)], context, listening),
            server: server.clone(),
            in_flight: Semaphore::new(limits.per_server),
            heard,
        })
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
        let mut options = DnsRequestOptions::default();
        options.edns_payload_len = 1232; // DNS flag day 2020: no fragments.
        options.case_randomization = true;
        options.edns_set_dnssec_ok = manner == Manner::WithSignatures;
        let mut request = DnsRequest::from_query(query, options);
        request.metadata.checking_disabled = manner == Manner::WithSignatures;
        request.metadata.authentic_data = manner == Manner::Validated;
        let mut responses = self.pool.send(request);
        // hickory bounds one attempt; this bounds all it makes of one question.
        match tokio::time::timeout(limits.question, responses.next()).await {
            Err(_) | Ok(None) => Err(NetError::Timeout),
            Ok(Some(result)) => result,
        }
    }

    /// The server's own reason for a question's failure, where it gave one.
    pub fn reason(&self, query: &Query) -> Option<String> {
        self.heard.take(query)
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

fn name_server(server: &Server) -> NameServerConfig {
    let Server::Plain(address) = server;
    let mut config = NameServerConfig::udp_and_tcp(address.ip());
    for connection in &mut config.connections {
        connection.port = address.port();
    }
    config
}
