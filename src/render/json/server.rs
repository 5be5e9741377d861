//! A mail server that was spoken to, for programs; shared by `mx`, `transport` and `relay`.

use serde::Serialize;

use crate::facts::day_of;
use crate::facts::transport::certificate::{Chain, fault};
use crate::facts::transport::servers::{Exchange, Server, Session, StartTls, TlsSession};

/// One address of a mail server.
#[derive(Serialize)]
pub(crate) struct ServerV1 {
    host: String,
    address: String,
    port: u16,
    /// The connection stood; `null` where it was not tried.
    reachable: Option<bool>,
    /// Why the dialogue did not come to its end, in words.
    symptom: Option<String>,
    connect_ms: Option<u32>,
    pub banner: Option<String>,
    /// The server's keywords, inside TLS where there is one.
    pub ehlo: Vec<String>,
    /// STARTTLS is offered; `null` where that did not show.
    pub starttls: Option<bool>,
    tls: Option<TlsV1>,
    pub certificate: Option<CertificateV1>,
    /// Old versions and key exchanges tried alone: name and whether it was taken.
    old_tls: Vec<OldV1>,
    starttls_injection: Option<bool>,
    /// Our own address on this connection, and as the server names it.
    local_address: Option<String>,
    seen_as: Option<String>,
    dialogue: Vec<ExchangeV1>,
    /// Why the server was not spoken to.
    gap: Option<String>,
}

/// What TLS came to.
#[derive(Serialize)]
pub(crate) struct TlsV1 {
    version: String,
    cipher: String,
    group: String,
}

#[derive(Serialize)]
struct OldV1 {
    name: String,
    accepted: Option<bool>,
}

#[derive(Serialize)]
struct ExchangeV1 {
    sent: String,
    reply: Vec<String>,
    ms: u32,
    encrypted: bool,
}

/// A certificate and what it is worth.
#[derive(Serialize)]
pub(crate) struct CertificateV1 {
    subject: String,
    issuer: String,
    names: Vec<String>,
    not_before: String,
    not_after: String,
    key: String,
    signature: String,
    /// True where a sender that checks certificates takes it for this host.
    valid: bool,
    /// Why not.
    fault: Option<String>,
    chain_length: usize,
}

pub(crate) fn certificate(chain: &Chain, host: &str, now: i64) -> Option<CertificateV1> {
    let own = chain.own()?;
    let fault = fault(chain, host, now);
    Some(CertificateV1 {
        subject: own.subject.clone(),
        issuer: own.issuer.clone(),
        names: own.names.clone(),
        not_before: day_of(own.not_before),
        not_after: day_of(own.not_after),
        key: own.key.to_string(),
        signature: own.signature.clone(),
        valid: fault.is_none(),
        fault,
        chain_length: chain.certificates.len(),
    })
}

/// `None` where the handshake did not come so far.
pub(crate) fn tls(tls: &TlsSession) -> Option<TlsV1> {
    (!tls.version.is_empty()).then(|| TlsV1 {
        version: tls.version.clone(),
        cipher: tls.cipher.clone(),
        group: tls.group.clone(),
    })
}

pub(crate) fn server(server: &Server, now: i64) -> ServerV1 {
    let mut out = ServerV1 {
        host: server.host.clone(),
        address: server.ip.to_string(),
        port: server.port,
        reachable: None,
        symptom: None,
        connect_ms: None,
        banner: None,
        ehlo: Vec::new(),
        starttls: None,
        tls: None,
        certificate: None,
        old_tls: Vec::new(),
        starttls_injection: None,
        local_address: None,
        seen_as: None,
        dialogue: Vec::new(),
        gap: None,
    };
    match &server.session {
        Err(gap) => out.gap = Some(gap.to_string()),
        Ok(session) => fill(&mut out, server, session, now),
    }
    if let Some(Ok(old)) = &server.old_tls {
        let tried = old.offers.iter();
        out.old_tls = tried.map(|o| OldV1 { name: o.name.clone(), accepted: o.accepted }).collect();
        out.starttls_injection = old.injected;
    }
    out
}

fn fill(out: &mut ServerV1, server: &Server, session: &Session, now: i64) {
    let transcript = &session.transcript;
    let stage = transcript.broken.as_ref().map(|broken| broken.stage.as_str());
    out.reachable = Some(stage != Some("connect"));
    out.symptom = transcript.broken.as_ref().map(ToString::to_string);
    out.connect_ms = (stage != Some("connect")).then_some(transcript.connect_ms);
    out.banner = session.greeting().filter(|greeting| !greeting.reply.is_empty()).map(Exchange::text);
    let keywords = session.last_ehlo().map(|ehlo| Session::keywords(ehlo).map(str::to_owned).collect());
    out.ehlo = keywords.unwrap_or_default();
    out.starttls = match session.starttls() {
        StartTls::Unseen => None,
        StartTls::NotOffered => Some(false),
        _ => Some(session.ehlo().is_some()),
    };
    out.tls = transcript.tls.as_ref().and_then(tls);
    out.certificate = session.chain.as_ref().and_then(|chain| certificate(chain, &server.host, now));
    out.local_address = Some(transcript.local.clone()).filter(|local| !local.is_empty());
    out.seen_as = session.seen_as().map(|ip| ip.to_string());
    out.dialogue = session
        .said()
        .map(|exchange| ExchangeV1 {
            sent: exchange.sent.clone(),
            reply: exchange.reply.clone(),
            ms: exchange.ms,
            encrypted: exchange.encrypted,
        })
        .collect();
}
