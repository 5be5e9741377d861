//! Why a server would not answer, in its own words (RFC 8914). hickory turns an
//! error response into a bare code and drops the option that explains it, so
//! this listens between it and the connection.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, Stream, StreamExt as _};
use hickory_resolver::config::ConnectionConfig;
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::DnsHandle;
use hickory_resolver::proto::op::{DnsRequest, DnsResponse, Message, Query, ResponseCode};
use hickory_resolver::proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_resolver::{ConnectionProvider, PoolContext};

use crate::model::untrusted::{Width, plain};

/// The registry "Extended DNS Error Codes" (IANA, read 2026-11-23), by number.
const NAMES: [&str; 31] = [
    "Other",
    "Unsupported DNSKEY Algorithm",
    "Unsupported DS Digest Type",
    "Stale Answer",
    "Forged Answer",
    "DNSSEC Indeterminate",
    "DNSSEC Bogus",
    "Signature Expired",
    "Signature Not Yet Valid",
    "DNSKEY Missing",
    "RRSIGs Missing",
    "No Zone Key Bit Set",
    "NSEC Missing",
    "Cached Error",
    "Not Ready",
    "Blocked",
    "Censored",
    "Filtered",
    "Prohibited",
    "Stale NXDOMAIN Answer",
    "Not Authoritative",
    "Not Supported",
    "No Reachable Authority",
    "Network Error",
    "Invalid Data",
    "Signature Expired before Valid",
    "Too Early",
    "Unsupported NSEC3 Iterations Value",
    "Unable to conform to policy",
    "Synthesized",
    "Invalid Query Type",
];

/// The option's content as a person reads it: `DNSSEC Bogus (EDE 6): no signatures`.
fn text_of(data: &[u8]) -> Option<String> {
    let (code, words) = data.split_at_checked(2)?;
    let code = u16::from_be_bytes([*code.first()?, *code.get(1)?]);
    let name = NAMES.get(usize::from(code)).copied().unwrap_or("unassigned");
    let words = plain(String::from_utf8_lossy(words).trim(), Width::Record);
    Some(if words.is_empty() {
        format!("{name} (EDE {code})")
    } else {
        format!("{name} (EDE {code}): {words}")
    })
}

/// What a validator says of data whose signatures do not hold: 6 to 12 are its
/// verdicts, 25 a signature that ended before it began.
const BOGUS: [&str; 8] = ["6", "7", "8", "9", "10", "11", "12", "25"];

/// True where the first reason in a text of [`of_message`] is the validator's.
/// The code stands before the server's own words, which cannot pass for it.
pub(super) fn says_bogus(reasons: &str) -> bool {
    let code = |reason: &str| {
        let name = NAMES.iter().filter(|name| reason.starts_with(**name)).max_by_key(|name| name.len())?;
        let rest = reason.get(name.len()..)?.strip_prefix(" (EDE ")?;
        Some(rest.split_once(')')?.0.to_owned())
    };
    code(reasons).is_some_and(|code| BOGUS.contains(&code.as_str()))
}

/// All extended errors of a message, the most telling (with words) first.
pub(super) fn of_message(message: &Message) -> Option<String> {
    let options = message.edns.as_ref()?.options();
    let mut texts: Vec<String> = options
        .get_all(EdnsCode::Unknown(15))
        .into_iter()
        .filter_map(|option| match option {
            EdnsOption::Unknown(_, data) => text_of(data),
            _ => None,
        })
        .collect();
    texts.sort_by_key(|text| !text.contains("): "));
    texts.dedup();
    texts.truncate(3);
    (!texts.is_empty()).then(|| texts.join("; "))
}

type Key = (String, u16);

/// Reasons that wait to be fetched. Not every question's asker fetches one, and a run of
/// a million domains has many that fail.
const MOST_REASONS: usize = 10_000;

/// Why questions failed, as servers or the connection said, until it is fetched.
#[derive(Default)]
pub struct Reasons {
    reasons: Mutex<BTreeMap<Key, String>>,
    /// Why the last connection could not be made; hickory's pool forgets it.
    refused: Mutex<Option<String>>,
}

impl Reasons {
    /// The server's reason for the question's failure, once.
    pub fn take(&self, query: &Query) -> Option<String> {
        self.reasons.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(query))
    }

    /// Why the last connection could not be made, as of TLS.
    pub fn refused(&self) -> Option<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, query: &Query, text: String) {
        let mut reasons = self.reasons.lock().unwrap_or_else(PoisonError::into_inner);
        if reasons.len() >= MOST_REASONS {
            reasons.pop_first();
        }
        reasons.insert(key(query), text);
    }
}

fn key(query: &Query) -> Key {
    (query.name().to_lowercase().to_ascii(), query.query_type().into())
}

/// Makes connections as tokio's provider does, with an ear on each.
#[derive(Clone)]
pub struct Listening {
    pub provider: TokioRuntimeProvider,
    pub reasons: Arc<Reasons>,
}

/// One connection that is listened to.
#[derive(Clone)]
pub struct Ear<C> {
    inner: C,
    reasons: Arc<Reasons>,
}

impl ConnectionProvider for Listening {
    type Conn = Ear<<TokioRuntimeProvider as ConnectionProvider>::Conn>;
    type FutureConn = BoxFuture<'static, Result<Self::Conn, NetError>>;
    type RuntimeProvider = TokioRuntimeProvider;

    fn new_connection(
        &self,
        ip: IpAddr,
        config: &ConnectionConfig,
        context: &PoolContext,
    ) -> Result<Self::FutureConn, NetError> {
        let connection = self.provider.new_connection(ip, config, context)?;
        let reasons = self.reasons.clone();
        Ok(Box::pin(async move {
            match connection.await {
                Ok(inner) => Ok(Ear { inner, reasons }),
                Err(error) => {
                    let words = plain(&error.to_string(), Width::Record);
                    *reasons.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(words);
                    Err(error)
                }
            }
        }))
    }

    fn runtime_provider(&self) -> &TokioRuntimeProvider {
        &self.provider
    }
}

impl<C: DnsHandle> DnsHandle for Ear<C> {
    type Response = Pin<Box<dyn Stream<Item = Result<DnsResponse, NetError>> + Send>>;
    type Runtime = C::Runtime;

    fn is_verifying_dnssec(&self) -> bool {
        self.inner.is_verifying_dnssec()
    }

    fn is_using_edns(&self) -> bool {
        self.inner.is_using_edns()
    }

    fn send(&self, request: DnsRequest) -> Self::Response {
        let query = request.queries.first().cloned();
        let reasons = self.reasons.clone();
        let responses: BoxStream<_> = Box::pin(self.inner.send(request).inspect(move |response| {
            if let (Ok(response), Some(query)) = (response, &query)
                && !matches!(response.response_code, ResponseCode::NoError | ResponseCode::NXDomain)
                && let Some(text) = of_message(response)
            {
                reasons.note(query, text);
            }
        }));
        responses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extended_errors_read_as_text() {
        assert_eq!(text_of(&[0, 6]).as_deref(), Some("DNSSEC Bogus (EDE 6)"));
        assert_eq!(
            text_of(b"\0\x07late\x1b[1m").as_deref(),
            Some("Signature Expired (EDE 7): late\\u{1b}[1m")
        );
        assert_eq!(text_of(&[0xff, 0xff]).as_deref(), Some("unassigned (EDE 65535)"));
        assert_eq!(text_of(&[0]), None);
        for (data, bogus) in [
            (&b"\0\x06"[..], true),
            (b"\0\x07late", true),
            (b"\0\x09", true),
            (b"\0\x16DNSSEC Bogus (EDE 6)", false),
            (b"\0\x00; DNSSEC Bogus (EDE 6)", false),
        ] {
            assert_eq!(says_bogus(&text_of(data).unwrap()), bogus, "{data:?}");
        }
    }
}
