//! Questions to resolvers, through hickory: TCP where UDP is cut off, one server
//! after another where one fails, aliases followed where a server stops short.

use std::collections::BTreeMap;
use std::sync::Arc;

use hickory_resolver::proto::op::Query;
use tokio::time::Instant;

use super::Limits;
use super::dnssec::{Anchors, Validator};
use super::extended_errors;
use super::resolver::{ResolverError, Server};
use super::upstream::{Manner, Upstream};
use super::wire::{self, Said};
use crate::model::{Answer, Failure, Name, Observation, RecordType, Source, Untrusted, Validation};

/// Aliases across answers of a server that does not follow them itself.
const MAX_HOPS: usize = 8;

/// Asks the servers in their order; the next one only where one fails.
pub struct DnsClient {
    /// Labels that stand for secret keys in questions, and the keys.
    keys: BTreeMap<String, String>,
    servers: Arc<[Upstream]>,
    validator: Validator,
}

impl DnsClient {
    /// A client that asks `servers` in turn, within `limits`.
    ///
    /// # Errors
    /// Where a connection or recursion cannot be set up for one of them.
    pub fn new(servers: &[Server], limits: &Limits) -> Result<DnsClient, ResolverError> {
        let servers: Arc<[Upstream]> =
            servers.iter().map(|server| Upstream::new(server, limits)).collect::<Result<_, _>>()?;
        let validator = Validator::new(servers.clone(), Anchors::default(), limits);
        Ok(DnsClient { servers, keys: BTreeMap::new(), validator })
    }

    /// Lets these keys take the place of the labels that stand for them, on the
    /// wire only.
    pub fn with_keys(mut self, keys: BTreeMap<String, String>) -> DnsClient {
        self.keys = keys;
        self
    }

    /// Trusts these keys instead of the root's.
    pub fn with_anchors(mut self, anchors: Anchors, limits: &Limits) -> DnsClient {
        self.validator = Validator::new(self.servers.clone(), anchors, limits);
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
        for server in self.servers.iter() {
            let mut answer = follow(server, name, rtype, limits).await;
            answer.took_ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
            if !matches!(answer.observation, Observation::Failed(_)) {
                return answer;
            }
            last = answer;
        }
        last
    }

    /// Whether the answer to a question holds before DNSSEC.
    pub async fn validate(&self, name: &Name, rtype: RecordType) -> Observation<Validation> {
        self.validator.validate(name, rtype).await
    }
}

async fn follow(server: &Upstream, name: &Name, rtype: RecordType, limits: &Limits) -> Answer {
    let mut current = name.clone();
    let mut followed: Vec<Name> = Vec::new();
    let source = Source::Resolver(server.server.to_string());
    let answer = |observation, aliases, authenticated| Answer {
        observation,
        aliases,
        source: source.clone(),
        took_ms: 0,
        authenticated,
    };
    for _ in 0..MAX_HOPS {
        match exchange(server, &current, rtype, limits).await {
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

async fn exchange(server: &Upstream, name: &Name, rtype: RecordType, limits: &Limits) -> Said {
    let wire_name = match wire::name_to_wire(name) {
        Ok(wire_name) => wire_name,
        Err(why) => return Said::failed(Failure::Unaskable(why)),
    };
    let query = Query::query(wire_name, rtype.number().into());
    match server.exchange(query.clone(), Manner::Plain, limits).await {
        Ok(response) => wire::read(&response, name, rtype),
        Err(error) if matches!(server.server, Server::Recursion(_)) => {
            explained(wire::read_own_error(error), || server.reason(&query))
        }
        Err(error) => explained(wire::read_error(error), || server.reason(&query)),
    }
}

/// A SERVFAIL with the server's own reason for it; a validating resolver that found
/// bogus data says so (RFC 8914 section 4.7 to 4.13).
fn explained(said: Said, reason: impl Fn() -> Option<String>) -> Said {
    match said {
        Said::Settled { observation: Observation::Failed(Failure::Servfail(None)), .. } => {
            Said::failed(match reason() {
                Some(reason) if extended_errors::says_bogus(&reason) => Failure::Bogus(reason),
                reason => Failure::Servfail(reason.map(Untrusted::new)),
            })
        }
        other => other,
    }
}
