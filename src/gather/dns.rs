//! Questions to resolvers, through hickory: TCP where UDP is cut off, one server
//! after another where one fails, aliases followed where a server stops short.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::StreamExt as _;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::DnsHandle as _;
use hickory_resolver::proto::op::{DnsRequestOptions, Query};
use hickory_resolver::{NameServerPool, PoolContext, TlsConfig};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::Limits;
use super::resolver::{ResolverError, Server};
use super::wire::{self, Said};
use crate::model::{Answer, Failure, Name, Observation, RecordType, Source};

/// Aliases across answers of a server that does not follow them itself.
const MAX_HOPS: usize = 8;

/// Asks the servers in their order; the next one only where one fails.
pub struct DnsClient {
    /// Labels that stand for secret keys in questions, and the keys.
    keys: BTreeMap<String, String>,
    servers: Vec<Connection>,
}

/// One server with its own pool, so that which server said what stays known.
struct Connection {
    server: Server,
    pool: NameServerPool<TokioRuntimeProvider>,
    in_flight: Semaphore,
}

impl DnsClient {
    pub fn new(servers: &[Server], limits: &Limits) -> Result<DnsClient, ResolverError> {
        let tls = without_roots()?;
        let mut options = ResolverOpts::default();
        options.timeout = limits.question;
        options.attempts = 1;
        // Two servers at once would double every blocklist query.
        options.num_concurrent_reqs = 1;
        options.case_randomization = true;
        options.edns0 = true;
        let context = || Arc::new(PoolContext::new(options.clone(), TlsConfig { config: tls.clone() }));
        let servers = servers
            .iter()
            .map(|server| Connection {
                pool: NameServerPool::from_config(
                    [name_server(server)],
                    context(),
                    TokioRuntimeProvider::default(),
                ),
                server: server.clone(),
                in_flight: Semaphore::new(limits.per_server),
            })
            .collect();
        Ok(DnsClient { servers, keys: BTreeMap::new() })
    }

    /// Lets these keys take the place of the labels that stand for them, on the
    /// wire only.
    pub fn with_keys(mut self, keys: BTreeMap<String, String>) -> DnsClient {
        self.keys = keys;
        self
    }

    fn keyed(&self, name: &Name) -> Name {
        let stands = self.keys.iter().find(|(label, _)| name.as_str().contains(label.as_str()));
        let Some((label, key)) = stands else { return name.clone() };
        let labels = name.labels().map(|own| if own == label { key.as_str() } else { own });
        Name::lenient(&labels.collect::<Vec<_>>().join("."))
    }

    /// One question, to its end: an answer, a proven absence, or why neither.
    pub async fn ask(&self, name: &Name, rtype: RecordType, limits: &Limits) -> Answer {
        let name = &self.keyed(name);
        let started = Instant::now();
        let mut last = Answer::given(Observation::Failed(Failure::Network("no server is set".to_owned())));
        for connection in &self.servers {
            let mut answer = connection.ask(name, rtype, limits).await;
            answer.took_ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
            if !matches!(answer.observation, Observation::Failed(_)) {
                return answer;
            }
            last = answer;
        }
        last
    }
}

impl Connection {
    async fn ask(&self, name: &Name, rtype: RecordType, limits: &Limits) -> Answer {
        // Never closed, so acquiring cannot fail.
        let _permit = self.in_flight.acquire().await;
        let mut current = name.clone();
        let mut followed: Vec<Name> = Vec::new();
        let source = Source::Resolver(self.server.to_string());
        let answer = |observation, aliases, authenticated| Answer {
            observation,
            aliases,
            source: source.clone(),
            took_ms: 0,
            authenticated,
        };
        for _ in 0..MAX_HOPS {
            match self.exchange(&current, rtype, limits).await {
                Said::Settled { observation, mut aliases, authenticated } => {
                    followed.append(&mut aliases);
                    return answer(observation, followed, authenticated);
                }
                Said::GoOn { target, aliases } => {
                    if aliases.iter().any(|alias| followed.contains(alias) || alias == name) {
                        return answer(Observation::Failed(Failure::CnameLoop), followed, false);
                    }
                    followed.extend(aliases);
                    current = target;
                }
            }
        }
        answer(Observation::Failed(Failure::CnameLoop), followed, false)
    }

    async fn exchange(&self, name: &Name, rtype: RecordType, limits: &Limits) -> Said {
        let wire_name = match wire::name_to_wire(name) {
            Ok(wire_name) => wire_name,
            Err(why) => return Said::failed(Failure::Unaskable(why)),
        };
        let mut options = DnsRequestOptions::default();
        options.edns_payload_len = 1232; // DNS flag day 2020: no fragments.
        options.case_randomization = true;
        let query = Query::query(wire_name, rtype.number().into());
        let mut responses = self.pool.lookup(query, options);
        // hickory bounds one attempt; this bounds all it makes of one question.
        match tokio::time::timeout(limits.question, responses.next()).await {
            Err(_) | Ok(None) => Said::failed(Failure::Timeout),
            Ok(Some(Ok(response))) => wire::read(&response, name, rtype),
            Ok(Some(Err(error))) => wire::read_error(error),
        }
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
    match server {
        Server::Plain(address) => plain(*address),
    }
}

fn plain(address: SocketAddr) -> NameServerConfig {
    let mut config = NameServerConfig::udp_and_tcp(address.ip());
    for connection in &mut config.connections {
        set_port(connection, address.port());
    }
    config
}

fn set_port(connection: &mut ConnectionConfig, port: u16) {
    connection.port = port;
}
