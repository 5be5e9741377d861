//! Requests to web addresses that stand in a message, on the user's word only: the POST of
//! RFC 8058 as a mailbox provider sends it, and HEAD of links. No cookies, no credentials,
//! no proxy, no redirect followed here: each hop is a question of its own. A connection
//! goes to the addresses that our own DNS questions gave and that were looked at, so no
//! name can change its mind in between; private networks only where the user allows it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio::sync::Semaphore;
use url::{Host, Url};

use crate::evidence::head::HeadReply;
use crate::evidence::post::PostReply;
use crate::evidence::{Evidence, Transcript};
use crate::facts::subscription::one_click::refused;
use crate::model::scope::WebProbe;
use crate::model::{Failure, Name, Observation, Question, Scope};

/// What one-click sends (RFC 8058 section 3.1).
const BODY: &str = "List-Unsubscribe=One-Click";
/// Bytes of the answer kept: enough to tell a form from a thank-you.
const LONGEST_PAGE: usize = 16 << 10;
/// Characters of a redirect's target kept.
const LONGEST_LOCATION: usize = 4000;
/// Requests to links under way at one time.
pub(super) const AT_ONCE: usize = 8;
/// Above 1023, ports of other protocols that a request line could be smuggled to
/// (WHATWG Fetch, port blocking).
const OTHER_PROTOCOLS: &[u16] = &[
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
    6697, 10080,
];

/// A request with everything it needs, or why it may not be sent.
pub(super) struct Errand(Result<Ready, String>);

struct Ready {
    is_head: bool,
    url: Url,
    addresses: Vec<SocketAddr>,
    authorities: Vec<CertificateDer<'static>>,
}

impl Errand {
    /// Where to go, by the answers there are: facts want the request only after them.
    /// `None` for other questions.
    pub(super) fn of(
        question: &Question,
        evidence: &Evidence,
        scope: &Scope,
        offline: bool,
    ) -> Option<Errand> {
        let (url, probe, flag, is_head) = match question {
            Question::Post { url } => (url, scope.unsubscribe.as_ref(), "--probe-unsubscribe", false),
            Question::Head { url } => {
                (url, scope.links.as_ref().map(|(probe, _)| probe), "--follow-links", true)
            }
            _ => return None,
        };
        Some(Errand(match probe {
            None => Err(format!("give {flag} to ask it")),
            Some(_) if offline => Err("the run is offline".to_owned()),
            Some(probe) => ready(url, is_head, evidence, scope, probe),
        }))
    }
}

fn ready(
    url: &str,
    is_head: bool,
    evidence: &Evidence,
    scope: &Scope,
    probe: &WebProbe,
) -> Result<Ready, String> {
    let mut url = Url::parse(url).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("{} is not http or https", url.scheme()));
    }
    // reqwest would make a login of these; on an http address both always succeed.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let port = url.port_or_known_default().unwrap_or(443);
    if (port < 1024 && !matches!(port, 80 | 443)) || OTHER_PROTOCOLS.contains(&port) {
        return Err(format!("port {port} belongs to another protocol"));
    }
    let named = match url.host() {
        Some(Host::Domain(name)) => Name::lenient(name),
        _ => Name::root(),
    };
    let ips: Vec<IpAddr> = match url.host() {
        Some(Host::Ipv4(ip)) => vec![ip.into()],
        Some(Host::Ipv6(ip)) => vec![ip.into()],
        Some(Host::Domain(_)) => evidence.addresses(&named),
        None => Vec::new(),
    };
    // One private address among public ones is how a name is turned against its asker.
    if let Some(why) = ips.iter().filter(|_| !probe.allow_private).find_map(|ip| refused(*ip)) {
        return Err(why);
    }
    if ips.is_empty() {
        return Err("the host has no known address".to_owned());
    }
    let go = |ip| scope.dialogue.destination(&named, SocketAddr::new(ip, port));
    let addresses = ips.into_iter().map(go).collect();
    let authorities = probe.authorities.iter().cloned().map(CertificateDer::from).collect();
    Ok(Ready { is_head, url, addresses, authorities })
}

/// Sends it; `limit` bounds the whole exchange, without the wait for its turn.
pub(super) async fn run(errand: Errand, limit: Duration, turns: &Semaphore) -> Observation<Transcript> {
    let ready = match errand.0 {
        Ok(ready) => ready,
        Err(why) => return Observation::NotAttempted(why),
    };
    // Never closed, so acquiring cannot fail.
    let _turn = turns.acquire().await;
    match tokio::time::timeout(limit, exchange(ready, limit)).await {
        Ok(Ok(transcript)) => Observation::Seen(transcript),
        Ok(Err(failure)) => Observation::Failed(failure),
        Err(_) => Observation::Failed(Failure::Timeout),
    }
}

async fn exchange(ready: Ready, limit: Duration) -> Result<Transcript, Failure> {
    let Ready { is_head, url, addresses, authorities } = ready;
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
    if is_head {
        // What the server sends after the head of its answer is never read.
        let reply = client.head(url).send().await.map_err(failed)?;
        return Ok(Transcript::Head(HeadReply {
            status: reply.status().as_u16(),
            location: header(&reply, "location"),
            refresh: header(&reply, "refresh"),
            sets_cookie: reply.headers().contains_key("set-cookie"),
        }));
    }
    let request = client.post(url).header("content-type", "application/x-www-form-urlencoded").body(BODY);
    let mut reply = request.send().await.map_err(failed)?;
    let (location, content_type) = (header(&reply, "location"), header(&reply, "content-type"));
    let (status, sets_cookie) = (reply.status().as_u16(), reply.headers().contains_key("set-cookie"));
    let mut body = Vec::new();
    while let Some(chunk) = reply.chunk().await.map_err(failed)? {
        body.extend_from_slice(&chunk);
        if body.len() >= LONGEST_PAGE {
            body.truncate(LONGEST_PAGE);
            break;
        }
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(Transcript::Post(PostReply { status, location, content_type, body, sets_cookie }))
}

/// A field of the answer's head, "" where there is none.
fn header(reply: &reqwest::Response, name: &str) -> String {
    let value = reply.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    value.map(|text| text.chars().take(LONGEST_LOCATION).collect()).unwrap_or_default()
}
