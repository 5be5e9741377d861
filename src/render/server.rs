//! A mail server that was spoken to, for people; shared by `mx`, `transport` and `relay`.

use super::escape;
use super::style::{Look, wrap};
use crate::facts::day_of;
use crate::facts::transport::certificate::{Chain, fault, names};
use crate::facts::transport::servers::{Exchange, Server, Session, StartTls, TlsSession};
use crate::model::Severity;

/// `mx.example.com[192.0.2.1]:25`.
pub(crate) fn title(server: &Server) -> String {
    match server.host.parse::<std::net::IpAddr>() {
        Ok(ip) => std::net::SocketAddr::new(ip, server.port).to_string(),
        Err(_) => format!("{}[{}]:{}", escape::terminal(&server.host), server.ip, server.port),
    }
}

/// `  label        text`, wrapped under the text.
pub(crate) fn row(label: &str, text: &str, look: Look) -> String {
    wrap(&escape::terminal(text), look.width, &format!("  {label:<12} "), &" ".repeat(15))
}

/// How the connection went, in a few words.
pub(crate) fn state(session: &Session, look: Look) -> String {
    match &session.transcript.broken {
        Some(broken) => look.severity(Severity::High, &escape::terminal(&broken.to_string())),
        None => look.good(&format!("answers, {} ms", session.transcript.connect_ms)),
    }
}

/// The greeting, what it offers, encryption, certificate.
pub(crate) fn details(server: &Server, session: &Session, now: i64, look: Look) -> String {
    let mut out = String::new();
    if let Some(greeting) = session.greeting().filter(|greeting| !greeting.reply.is_empty()) {
        out.push_str(&row("greeting", &greeting.text(), look));
    }
    if let Some(ehlo) = session.last_ehlo() {
        let keywords: Vec<&str> = Session::keywords(ehlo).collect();
        let text = if keywords.is_empty() { "no extension".to_owned() } else { keywords.join(", ") };
        out.push_str(&row("offers", &text, look));
    }
    let encryption = match (session.starttls(), &session.transcript.tls) {
        (StartTls::Done, Some(tls)) => encryption(tls),
        (StartTls::NotOffered, _) => "none: STARTTLS is not offered".to_owned(),
        (StartTls::Refused(reply), _) => format!("refused: {reply}"),
        (StartTls::Broken(broken), _) => broken.to_string(),
        _ => String::new(),
    };
    if !encryption.is_empty() {
        out.push_str(&row("encryption", &encryption, look));
    }
    if let Some(chain) = &session.chain {
        out.push_str(&certificate(chain, &server.host, now, look));
    }
    if let Some(Ok(old)) = &server.old_tls {
        let taken: Vec<&str> =
            old.offers.iter().filter(|o| o.accepted == Some(true)).map(|o| o.name.as_str()).collect();
        // Those are in use everywhere, and nothing is wrong with them.
        let taken: Vec<&str> = taken.into_iter().filter(|name| *name != "CBC or DHE ciphers").collect();
        let text = match (taken.is_empty(), old.offers.iter().all(|o| o.accepted.is_some())) {
            (false, _) => format!("also takes {}", taken.join(", ")),
            (true, true) => "no old version is taken".to_owned(),
            (true, false) => "could not all be tried".to_owned(),
        };
        out.push_str(&row("old TLS", &text, look));
    }
    out
}

/// The certificate and what it is worth for `host`.
pub(crate) fn certificate(chain: &Chain, host: &str, now: i64, look: Look) -> String {
    let Some(own) = chain.own() else { return String::new() };
    let worth = fault(chain, host, now).map_or("valid".to_owned(), |why| format!("not valid: {why}"));
    let text = format!(
        "for {}, until {}, {}, issued by {}: {worth}",
        names(own),
        day_of(own.not_after),
        own.key,
        own.issuer
    );
    row("certificate", &text, look)
}

/// The dialogue, line by line.
pub(crate) fn dialogue(session: &Session, look: Look) -> String {
    let mut out = String::new();
    for (at, exchange) in session.said().enumerate() {
        if at == session.transcript.exchanges.len() {
            out.push_str(&look.dim("  again without TLS, on a new connection\n"));
        }
        out.push_str(&said(exchange, look));
    }
    out
}

/// A command and the lines of its reply.
pub(crate) fn said(exchange: &Exchange, look: Look) -> String {
    let mut out = String::new();
    let lock = if exchange.encrypted { "tls " } else { "    " };
    if !exchange.sent.is_empty() {
        out.push_str(&format!("  {lock}> {}\n", escape::terminal(&exchange.sent)));
    }
    for line in &exchange.reply {
        out.push_str(&look.dim(&format!("  {lock}< {}", escape::terminal(line))));
        out.push('\n');
    }
    out
}

/// Version, cipher and key exchange.
pub(crate) fn encryption(tls: &TlsSession) -> String {
    let parts = [&tls.version, &tls.cipher, &tls.group];
    parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", ")
}
