//! SMTP and TLS as mail servers speak them: goes over the servers that were spoken
//! to, and keeps "could not be seen" apart from "is in order".

use std::collections::BTreeMap;

use crate::check::{Problem, Verdict};
use crate::facts::Facts;
use crate::facts::transport::certificate::Chain;
use crate::facts::transport::servers::{Server, Session, StartTls, TlsTranscript};
use crate::model::untrusted::Width;
use crate::model::{Confidence, Gap, Name, Subject};
use crate::parse::transport::certificate::Certificate;

/// Which servers a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    All,
    Mx,
    Relay,
}

/// The servers, and why some of them are not known.
pub(super) fn servers<'f>(facts: &'f Facts, which: Which) -> (Vec<&'f Server>, Option<Gap>) {
    let (mut found, mut gap, mut skipped) = (Vec::new(), None, Vec::new());
    let mut take = |servers: Result<(&'f [Server], Option<Gap>), Gap>| match servers {
        Ok((servers, unknown)) => {
            found.extend(servers);
            gap = gap.take().or(unknown);
        }
        // A domain or relay that the user did not name is no gap beside the other.
        Err(why @ Gap::NotSupplied { what: "domain" | "relay", .. }) if which == Which::All => {
            skipped.push(why)
        }
        Err(why) => gap = Some(why),
    };
    if which != Which::Relay {
        take(facts.mx_servers().map(|mx| (mx.each.as_slice(), mx.unknown.clone())));
    }
    if which != Which::Mx {
        take(facts.relay_servers().map(|relay| (relay, None)));
    }
    if skipped.len() == 2 {
        gap = skipped.pop();
    }
    (found, gap)
}

/// Judges each session. `Ok(None)`: the check does not apply to this server. A
/// host counts as seen when one of its addresses was: a machine without IPv6
/// must not make every server unknown.
pub(super) fn each(
    facts: &Facts,
    which: Which,
    judge: impl Fn(&Server, &Session) -> Result<Option<Vec<Problem>>, Gap>,
) -> Result<Verdict, Gap> {
    let (servers, gap) = servers(facts, which);
    let mut problems: Vec<Problem> = Vec::new();
    let mut unseen: BTreeMap<&str, Option<Gap>> = BTreeMap::new();
    let mut judged = false;
    for server in servers {
        let verdict = match &server.session {
            Err(why) => Err(why.clone()),
            Ok(session) => judge(server, session),
        };
        match verdict {
            Ok(found) => {
                judged |= found.is_some();
                unseen.insert(&server.host, None);
                for problem in found.into_iter().flatten() {
                    if !problems.contains(&problem) {
                        problems.push(problem);
                    }
                }
            }
            Err(why) => {
                unseen.entry(&server.host).or_insert(Some(why));
            }
        }
    }
    let gap = gap.or_else(|| unseen.into_values().flatten().next());
    if !problems.is_empty() {
        return Verdict::so_far(problems, gap);
    }
    match gap {
        Some(gap) => Err(gap),
        None if judged => Ok(Verdict::Pass),
        None => Ok(Verdict::NotApplicable("no mail server that this could be asked of")),
    }
}

/// Judges the certificate each server shows; a server without TLS shows none.
pub(super) fn each_certificate(
    facts: &Facts,
    judge: impl Fn(&Server, &Session, &Chain, &Certificate) -> Result<Option<Vec<Problem>>, Gap>,
) -> Result<Verdict, Gap> {
    each(facts, Which::All, |server, session| {
        let chain = match (&session.chain, session.starttls()) {
            (Some(chain), _) => chain,
            (None, StartTls::NotOffered) => return Ok(None),
            (None, StartTls::Refused(reply)) => {
                let why = format!("{} answers STARTTLS with {}", shown(server), quoted(&reply));
                return Err(Gap::undecidable(why));
            }
            (None, _) => return Err(unfinished(server, session)),
        };
        let Some(own) = chain.own() else { return Err(unfinished(server, session)) };
        judge(server, session, chain, own)
    })
}

/// Judges what each server does with old TLS versions and injected commands.
pub(super) fn each_old_tls(
    facts: &Facts,
    judge: impl Fn(&Server, &TlsTranscript) -> Result<Option<Vec<Problem>>, Gap>,
) -> Result<Verdict, Gap> {
    each(facts, Which::All, |server, session| match (&server.old_tls, session.starttls()) {
        (Some(old), _) => judge(server, old.as_ref().map_err(Gap::clone)?),
        (None, StartTls::Unseen) => Err(unfinished(server, session)),
        (None, _) => Ok(None),
    })
}

/// Whether the MX hosts take mail for an address that others expect (RFC 2142).
pub(super) fn role_address(facts: &Facts, local: &str) -> Result<Verdict, Gap> {
    let address = format!("{local}@{}", facts.domain()?);
    each(facts, Which::Mx, |server, session| {
        let Some(reply) = session.recipient(&address) else { return Err(unfinished(server, session)) };
        let said = quoted(&reply.text());
        match reply.code() {
            Some(200..=299) => Ok(Some(Vec::new())),
            // Greylisting, or a server in trouble: a later attempt would tell.
            Some(500..=599) => {
                let asked = crate::model::untrusted::plain(&reply.sent, Width::Line);
                let summary = format!("{} answers {asked} with {said}", shown(server));
                let fix = format!("make {address} a mailbox or an alias that a person reads");
                let problem = Problem::at(Subject::Address(address.clone()), summary);
                Ok(Some(vec![problem.confidence(Confidence::Firm).fix(fix)]))
            }
            _ => Err(Gap::undecidable(format!("{} defers {address} with {said}", shown(server)))),
        }
    })
}

/// `mx.example.com[192.0.2.1]:25`, or `192.0.2.1:25` where there is no name;
/// IPv6 addresses stand in brackets.
pub(super) fn shown(server: &Server) -> String {
    match server.host.parse::<std::net::IpAddr>() {
        Ok(ip) => std::net::SocketAddr::new(ip, server.port).to_string(),
        Err(_) => format!("{}[{}]:{}", host(server), server.ip, server.port),
    }
}

/// The server's name for a sentence, escaped.
pub(super) fn host(server: &Server) -> String {
    crate::model::untrusted::plain(&server.host, Width::Line)
}

pub(super) fn subject(server: &Server) -> Subject {
    match server.host.parse() {
        Ok(ip) => Subject::Ip(ip),
        Err(_) => Subject::Host(Name::lenient(&server.host)),
    }
}

/// Why a dialogue did not show what a check wants to see.
pub(super) fn unfinished(server: &Server, session: &Session) -> Gap {
    let why = match (&session.transcript.broken, session.greeting()) {
        (Some(broken), _) => broken.to_string(),
        (None, Some(greeting)) if greeting.code() != Some(220) => {
            format!("it answers {}", quoted(&greeting.text()))
        }
        _ => "the dialogue did not come so far".to_owned(),
    };
    Gap::undecidable(format!("{}: {why}", shown(server)))
}

/// A reply for a summary, escaped and cut.
pub(super) fn quoted(reply: &str) -> String {
    format!("\"{}\"", crate::model::untrusted::plain(reply, Width::Record))
}

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod auth_before_tls;
mod ehlo_refused;
mod smtp_greeting_nameless;
mod smtp_name_mismatch;
mod smtp_protocol_broken;
mod smtp_reply_slow;
mod starttls_broken;
mod starttls_certificate_expired;
mod starttls_certificate_expiring;
mod starttls_certificate_name_mismatch;
mod starttls_certificate_untrusted;
mod starttls_certificate_weak;
mod starttls_injection;
mod starttls_missing;
mod tls_key_exchange_static;
mod tls_version_old;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &auth_before_tls::CHECK,
    &ehlo_refused::CHECK,
    &smtp_greeting_nameless::CHECK,
    &smtp_name_mismatch::CHECK,
    &smtp_protocol_broken::CHECK,
    &smtp_reply_slow::CHECK,
    &starttls_broken::CHECK,
    &starttls_certificate_expired::CHECK,
    &starttls_certificate_expiring::CHECK,
    &starttls_certificate_name_mismatch::CHECK,
    &starttls_certificate_untrusted::CHECK,
    &starttls_certificate_weak::CHECK,
    &starttls_injection::CHECK,
    &starttls_missing::CHECK,
    &tls_key_exchange_static::CHECK,
    &tls_version_old::CHECK,
];
