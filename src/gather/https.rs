//! GET of a policy file, at the addresses our own questions gave for its host.
//! No redirect is followed, no proxy used; the certificate is noted, valid or not.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::time::Instant;

use super::tls::Recorder;
use crate::evidence::https::{HttpsTranscript, LONGEST_BODY};
use crate::evidence::{Evidence, Transcript};
use crate::facts::listings::public::is_global_unicast;
use crate::model::scope::Dialogue;
use crate::model::{Failure, Name, Observation, Scope};

/// A GET with everything it needs.
pub(super) struct Fetch {
    url: String,
    host: String,
    addresses: Vec<SocketAddr>,
    /// The record that names the host is a stranger's: an address inside our network
    /// has no business there, unless `--connect-to` says where connections go.
    private: Option<IpAddr>,
}

impl Fetch {
    /// Where to go, by the answers there are: facts want the page only after them.
    pub(super) fn of(url: &str, evidence: &Evidence, dialogue: &Dialogue) -> Option<Fetch> {
        let host = url.strip_prefix("https://")?.split('/').next()?.to_owned();
        let name = Name::lenient(&host);
        let addresses = evidence.addresses(&name);
        let is_private = |ip: &IpAddr| dialogue.connect_to.is_empty() && !is_global_unicast(*ip);
        let private = addresses.iter().copied().find(is_private);
        let addresses =
            addresses.into_iter().map(|ip| dialogue.destination(&name, SocketAddr::new(ip, 443))).collect();
        Some(Fetch { url: url.to_owned(), host, addresses, private })
    }
}

/// Fetches the page; `limit` bounds the whole exchange.
pub(super) async fn get(
    fetch: Option<Fetch>,
    scope_allows: bool,
    limit: Duration,
) -> Observation<Transcript> {
    if !scope_allows {
        return Observation::NotAttempted("give --probe to talk to hosts".to_owned());
    }
    let Some(fetch) = fetch.filter(|fetch| !fetch.addresses.is_empty()) else {
        return Observation::Failed(Failure::Unaskable("the host has no known address".to_owned()));
    };
    if let Some(ip) = fetch.private {
        return Observation::NotAttempted(format!("{ip} is no public address; --connect-to permits it"));
    }
    match tokio::time::timeout(limit, exchange(&fetch, limit)).await {
        Ok(Ok(transcript)) => Observation::Seen(transcript.into()),
        Ok(Err(failure)) => Observation::Failed(failure),
        Err(_) => Observation::Failed(Failure::Timeout),
    }
}

/// True where the scope lets policies be fetched.
pub(super) fn is_allowed(scope: &Scope) -> bool {
    scope.probe || scope.fetch_policy
}

async fn exchange(fetch: &Fetch, limit: Duration) -> Result<HttpsTranscript, Failure> {
    let started = Instant::now();
    let recorder = Recorder::new();
    let tls = recorder.client().map_err(|error| Failure::Protocol(error.to_string()))?;
    // Set once in a process; a second attempt only says so.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let failure = |error: reqwest::Error| match error.is_timeout() {
        true => Failure::Timeout,
        false => symptom(&error),
    };
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_backend_preconfigured(tls)
        .resolve_to_addrs(&fetch.host, &fetch.addresses)
        .user_agent(concat!("mailvet/", env!("CARGO_PKG_VERSION")))
        .timeout(limit)
        .build()
        .map_err(failure)?;
    let mut reply = client.get(&fetch.url).send().await.map_err(failure)?;
    let header = |name: &str| {
        let value = reply.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        value.map(|text| text.chars().take(400).collect()).unwrap_or_default()
    };
    let mut transcript = HttpsTranscript {
        status: reply.status().as_u16(),
        content_type: header("content-type"),
        location: header("location"),
        certificates: recorder.chain(),
        ..HttpsTranscript::default()
    };
    let mut body = Vec::new();
    while let Some(chunk) = reply.chunk().await.map_err(failure)? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_BODY {
            body.truncate(LONGEST_BODY);
            transcript.cut = true;
            break;
        }
    }
    if std::str::from_utf8(&body).is_err() && !transcript.cut {
        transcript.body_base64 = STANDARD.encode(&body);
    }
    transcript.body = String::from_utf8_lossy(&body).into_owned();
    transcript.ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
    Ok(transcript)
}

/// A refusal and a failed handshake are the web server's doing; everything else
/// that ends a connection may be ours.
fn symptom(error: &reqwest::Error) -> Failure {
    if let Some(own) = own_doing(error, 0) {
        return Failure::Protocol(own);
    }
    let text = super::scanners::root_cause(error);
    if error.is_connect() { Failure::Network(text) } else { Failure::Protocol(text) }
}

/// Errors of the system hide the library's own inside, where `source` does not
/// show them, so both ways are gone.
fn own_doing(error: &(dyn std::error::Error + 'static), depth: usize) -> Option<String> {
    if depth > 12 {
        return None;
    }
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(format!("the TLS handshake fails ({tls})"));
    }
    if let Some(io) = error.downcast_ref::<std::io::Error>() {
        if let Some(found) = io.get_ref().and_then(|inner| own_doing(inner, depth + 1)) {
            return Some(found);
        }
        match io.kind() {
            ErrorKind::ConnectionRefused => return Some("the connection is refused".to_owned()),
            ErrorKind::ConnectionReset => return Some("the connection is reset".to_owned()),
            ErrorKind::UnexpectedEof => return Some("the web server hangs up".to_owned()),
            _ => {}
        }
    }
    error.source().and_then(|source| own_doing(source, depth + 1))
}
