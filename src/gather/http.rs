//! The POST of RFC 8058 to the one-click address, as a mailbox provider sends it: no
//! cookies, no credentials, no redirect followed. Only to addresses that our own DNS
//! questions gave, and not into private networks unless the user allows it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};
use url::{Host, Url};

use crate::evidence::Evidence;
use crate::facts::one_click::refused;
use crate::model::{Failure, Name, Observation, Question, Rdata, RecordType, Scope};

/// What one-click sends (RFC 8058 section 3.1).
const BODY: &str = "List-Unsubscribe=One-Click";
/// Bytes of the answer kept: enough to tell a form from a thank-you.
const LONGEST_PAGE: usize = 16 << 10;

/// A POST with everything it needs, or why it may not be sent.
pub struct Post(Result<Ready, String>);

struct Ready {
    url: Url,
    addresses: Vec<SocketAddr>,
    authorities: Vec<CertificateDer<'static>>,
}

impl Post {
    /// Where to go, by the answers there are: facts want the POST only after them.
    pub fn of(url: &str, evidence: &Evidence, scope: &Scope, offline: bool) -> Post {
        Post(ready(url, evidence, scope, offline))
    }
}

fn ready(url: &str, evidence: &Evidence, scope: &Scope, offline: bool) -> Result<Ready, String> {
    let Some(probe) = &scope.unsubscribe else {
        return Err("give --probe-unsubscribe to ask it".to_owned());
    };
    if offline {
        return Err("the run is offline".to_owned());
    }
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    let port = url.port_or_known_default().unwrap_or(443);
    let ips: Vec<IpAddr> = match url.host() {
        Some(Host::Ipv4(ip)) => vec![ip.into()],
        Some(Host::Ipv6(ip)) => vec![ip.into()],
        Some(Host::Domain(name)) => addresses(&Name::lenient(name), evidence),
        None => Vec::new(),
    };
    // One private address among public ones is how a name is turned against its asker.
    if let Some(why) = ips.iter().filter(|_| !probe.allow_private).find_map(|ip| refused(*ip)) {
        return Err(why);
    }
    if ips.is_empty() {
        return Err("the host has no known address".to_owned());
    }
    let addresses = ips.into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
    let authorities = probe.authorities.iter().cloned().map(CertificateDer::from).collect();
    Ok(Ready { url, addresses, authorities })
}

fn addresses(name: &Name, evidence: &Evidence) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for rtype in [RecordType::A, RecordType::Aaaa] {
        let answer = evidence.answers.get(&Question::Dns { name: name.clone(), rtype });
        if let Some(Observation::Seen(records)) = answer.map(|answer| &answer.observation) {
            found.extend(records.iter().filter_map(|record| match &record.rdata {
                Rdata::A(ip) => Some(IpAddr::from(*ip)),
                Rdata::Aaaa(ip) => Some(IpAddr::from(*ip)),
                _ => None,
            }));
        }
    }
    found
}

/// Sends it; `limit` bounds the whole exchange.
pub async fn post(post: Post, limit: Duration) -> Observation<Value> {
    let ready = match post.0 {
        Ok(ready) => ready,
        Err(why) => return Observation::NotAttempted(why),
    };
    match tokio::time::timeout(limit, exchange(ready, limit)).await {
        Ok(Ok(value)) => Observation::Seen(value),
        Ok(Err(failure)) => Observation::Failed(failure),
        Err(_) => Observation::Failed(Failure::Timeout),
    }
}

async fn exchange(ready: Ready, limit: Duration) -> Result<Value, Failure> {
    let Ready { url, addresses, authorities } = ready;
    let tls = super::resolver::tls(authorities).map_err(|error| Failure::Protocol(error.to_string()))?;
    // Set once in a process; a second attempt only says so.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let failed = |error: reqwest::Error| match error.is_timeout() {
        true => Failure::Timeout,
        false if error.is_connect() => Failure::Network(super::scanners::root_cause(&error)),
        false => Failure::Protocol(super::scanners::root_cause(&error)),
    };
    let host = url.host_str().unwrap_or_default().to_owned();
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_backend_preconfigured(tls.as_ref().clone())
        .resolve_to_addrs(&host, &addresses)
        .user_agent(concat!("mailvet/", env!("CARGO_PKG_VERSION")))
        .timeout(limit)
        .build()
        .map_err(failed)?;
    let request = client.post(url).header("content-type", "application/x-www-form-urlencoded").body(BODY);
    let mut reply = request.send().await.map_err(failed)?;
    let header = |name: &str| -> String {
        let value = reply.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        value.map(|text| text.chars().take(400).collect()).unwrap_or_default()
    };
    let (location, content_type) = (header("location"), header("content-type"));
    let (status, sets_cookie) = (reply.status().as_u16(), reply.headers().contains_key("set-cookie"));
    let mut body = Vec::new();
    while let Some(chunk) = reply.chunk().await.map_err(failed)? {
        body.extend_from_slice(&chunk);
        if body.len() >= LONGEST_PAGE {
            body.truncate(LONGEST_PAGE);
            break;
        }
    }
    Ok(json!({
        "status": status,
        "location": location,
        "content_type": content_type,
        "body": String::from_utf8_lossy(&body),
        "sets_cookie": sets_cookie,
    }))
}
