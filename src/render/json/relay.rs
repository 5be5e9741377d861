//! `mailvet/relay/1`: whether a relay takes our mail.

use serde::Serialize;

use super::problem::{ProblemV1, problems};
use super::server::{self, ServerV1};
use super::v1;
use crate::facts::transport::servers::{Exchange, Session};
use crate::render::relay::RelayView;

#[derive(Serialize)]
pub(crate) struct RelayV1 {
    schema: &'static str,
    relay: String,
    /// The first address that could be reached, else the first: its fields stand
    /// here, and all addresses under `servers`.
    #[serde(flatten)]
    first: Option<ServerV1>,
    /// The recipients tried; DATA is never sent.
    relaying: Vec<RecipientV1>,
    /// The attempts of `--open-relay-test`.
    open_relay: Option<OpenRelayV1>,
    /// The second host of `--compare`.
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<ComparisonV1>,
    servers: Vec<ServerV1>,
    problems: Vec<ProblemV1>,
    results: Vec<v1::ResultV1>,
}

#[derive(Serialize)]
struct ComparisonV1 {
    host: String,
    /// How the connection to that host ended, in words.
    symptom: &'static str,
    /// `open`, `host-refuses`, `other-refuses`, `port-blocked` or `unknown`.
    verdict: &'static str,
    text: String,
}

#[derive(Serialize)]
struct RecipientV1 {
    /// `MAIL FROM:<...>` or `RCPT TO:<...>`.
    command: String,
    allowed: bool,
    reply: String,
}

#[derive(Serialize)]
struct OpenRelayV1 {
    attempts: Vec<AttemptV1>,
    /// Why not all attempts were made.
    symptom: Option<String>,
}

#[derive(Serialize)]
struct AttemptV1 {
    trick: String,
    mail_from: String,
    rcpt_to: String,
    accepted: bool,
    reply: String,
}

pub(crate) fn relay(view: &RelayView) -> RelayV1 {
    let first = view.first();
    let session = first.and_then(|server| server.session.as_ref().ok());
    let open = first.and_then(|server| server.open_relay.as_ref()).and_then(|open| open.as_ref().ok());
    RelayV1 {
        schema: "mailvet/relay/1",
        relay: view.relay.to_owned(),
        first: first.map(|one| server::server(one, view.now)),
        relaying: session.map(recipients).unwrap_or_default(),
        open_relay: open.map(|open| OpenRelayV1 {
            symptom: open.broken.as_ref().map(ToString::to_string),
            attempts: open
                .attempts
                .iter()
                .map(|attempt| {
                    let reply = Exchange { reply: attempt.reply.clone(), ..Exchange::default() };
                    AttemptV1 {
                        trick: attempt.trick.clone(),
                        mail_from: attempt.mail_from.clone(),
                        rcpt_to: attempt.rcpt_to.clone(),
                        accepted: reply.is_accepted(),
                        reply: reply.text(),
                    }
                })
                .collect(),
        }),
        comparison: view.compared.map(|compared| ComparisonV1 {
            host: compared.host.to_owned(),
            symptom: compared.other.symptom(),
            verdict: compared.told().name(),
            text: compared.text(view.relay),
        }),
        servers: view.servers.iter().map(|one| server::server(one, view.now)).collect(),
        problems: problems(view.results, |_| true),
        results: view.results.iter().map(v1::result).collect(),
    }
}

fn recipients(session: &Session) -> Vec<RecipientV1> {
    let asked = session.asked().map(|exchange| RecipientV1 {
        command: exchange.sent.clone(),
        allowed: exchange.is_accepted(),
        reply: exchange.text(),
    });
    asked.collect()
}
