//! Between hickory's validator and the servers: asks with the checking-disabled
//! flag, keeps what came for all questions of a run, and notes what one
//! validation saw. The validator calls a key that could not be asked for
//! "bogus"; only this note distinguishes the two.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream::{Stream, once};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::DnsHandle;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::{DnsRequest, DnsResponse, Query};
use hickory_resolver::proto::rr::{Name, Record, RecordType};

use crate::gather::Limits;
use crate::gather::kept::{Keep, Kept};
use crate::gather::upstream::{Manner, Upstream};

type Reply = Result<DnsResponse, NetError>;

/// Bytes of replies that are kept. Those of shared zones, top-level domains and the root
/// are asked for all the time and so stay.
const KEPT_BYTES: usize = 32 << 20;

impl Keep for Reply {
    fn weight(&self) -> usize {
        // Once as it came, and taken apart, which takes some three times as much.
        self.as_ref().map_or(500, |response| 500 + 4 * response.as_buffer().len())
    }

    fn is_failure(&self) -> bool {
        self.as_ref().is_err_and(|error| !error.is_no_records_found())
    }
}

/// What all validations of a run share: the servers and their replies so far.
pub(super) struct Shared {
    servers: Arc<[Upstream]>,
    limits: Limits,
    kept: Kept<(Name, u16), Reply>,
}

impl Shared {
    pub(super) fn new(servers: Arc<[Upstream]>, limits: Limits) -> Shared {
        Shared { servers, limits, kept: Kept::new(KEPT_BYTES) }
    }

    /// Each question goes out once in a run, whoever asks.
    async fn reply(&self, query: Query) -> Reply {
        let key = (query.name().to_lowercase(), query.query_type().into());
        self.kept.get(key, || self.ask(query)).await
    }

    /// Whether a resolver that validates finds the answer valid: two validators that
    /// disagree are no proof against a domain.
    pub(super) async fn is_vouched_for(&self, query: Query) -> bool {
        for server in self.servers.iter() {
            if let Ok(response) = server.exchange(query.clone(), Manner::Validated, &self.limits).await {
                return response.authentic_data && !response.authoritative;
            }
        }
        false
    }

    async fn ask(&self, query: Query) -> Reply {
        let mut last = Err(NetError::NoConnections);
        for server in self.servers.iter() {
            last = server.exchange(query.clone(), Manner::WithSignatures, &self.limits).await;
            match &last {
                Err(error) if !error.is_no_records_found() => {}
                _ => return last,
            }
        }
        last
    }
}

/// One reply that a validation saw.
pub(super) struct Seen {
    pub name: Name,
    pub rtype: RecordType,
    /// Answer and authority section.
    pub records: Vec<Record>,
    /// Why there is no reply.
    pub failure: Option<NetError>,
}

/// What one validation saw, in order.
pub(super) type Log = Arc<Mutex<Vec<Seen>>>;

/// A handle for one validation.
#[derive(Clone)]
pub(super) struct Tap {
    pub shared: Arc<Shared>,
    pub log: Log,
}

impl Tap {
    pub(super) async fn ask(&self, query: Query) -> Reply {
        let reply = self.shared.reply(query.clone()).await;
        let (records, failure) = match &reply {
            Ok(response) => (response.answers.iter().chain(&response.authorities).cloned().collect(), None),
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => {
                (none.authorities.as_ref().map(|all| all.to_vec()).unwrap_or_default(), None)
            }
            Err(error) => (Vec::new(), Some(error.clone())),
        };
        let seen = Seen { name: query.name().to_lowercase(), rtype: query.query_type(), records, failure };
        self.log.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        reply
    }
}

impl DnsHandle for Tap {
    type Response = Pin<Box<dyn Stream<Item = Reply> + Send>>;
    type Runtime = TokioRuntimeProvider;

    fn send(&self, request: DnsRequest) -> Self::Response {
        let tap = self.clone();
        Box::pin(once(async move {
            match request.queries.first().cloned() {
                // The letter case that spoofing resistance wants is chosen anew at each server.
                Some(query) => tap.ask(Query::query(query.name().to_lowercase(), query.query_type())).await,
                None => Err(NetError::from("no question in the request")),
            }
        }))
    }
}
