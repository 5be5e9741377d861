//! The answer of `mailvet relay` for people: reachable, who we are to it,
//! whether it takes our mail.

use super::style::Look;
use super::{escape, finding_block, server};
use crate::facts::transport::reach::{Reach, Told};
use crate::facts::transport::servers::{Exchange, Server};
use crate::judge::finding::CheckResult;
use crate::model::{Gap, Severity};

/// Everything the command shows.
pub(crate) struct RelayView<'f> {
    /// As the user named it.
    pub relay: &'f str,
    pub servers: &'f [Server],
    /// Why there is no server to show.
    pub gap: Option<Gap>,
    pub results: &'f [CheckResult],
    pub now: i64,
    /// The second host of `--compare`.
    pub compared: Option<Compared<'f>>,
}

/// The relay beside a second host.
#[derive(Clone, Copy)]
pub(crate) struct Compared<'f> {
    /// As the user named it.
    pub host: &'f str,
    pub other: Reach,
    pub relay: Reach,
}

impl Compared<'_> {
    /// What both together tell of the network between.
    pub(crate) fn told(&self) -> Told {
        Told::of(self.relay, self.other)
    }

    /// The same as a sentence: what was seen, what follows, what to do.
    pub(crate) fn text(&self, relay: &str) -> String {
        let (host, this, that) = (self.host, self.relay.symptom(), self.other.symptom());
        match self.told() {
            Told::Open => format!("{relay} and {host} both answer: this network lets the port out"),
            Told::HostRefuses => format!(
                "{host} answers and {relay} does not ({this}): this network lets the port out; {relay}, or a \
                 firewall before it, refuses this machine, so ask its operator"
            ),
            Told::OtherRefuses => {
                format!("{relay} answers, {host} does not ({that}): nothing is wrong with this network")
            }
            Told::PortBlocked => format!(
                "neither {relay} ({this}) nor {host} ({that}) can be reached: this network most likely lets the \
                 port out to nobody; ask whoever runs it to open the port, or use the relay's port 587"
            ),
            Told::Unknown => {
                format!("{relay}: {this}; {host}: {that}: too little was tried to tell who blocks")
            }
        }
    }
}

impl RelayView<'_> {
    /// The first address that could be reached, else the first.
    pub(crate) fn first(&self) -> Option<&Server> {
        let reached = |server: &&Server| {
            server.session.as_ref().is_ok_and(|session| !session.transcript.exchanges.is_empty())
        };
        self.servers.iter().find(reached).or_else(|| self.servers.first())
    }
}

pub(crate) fn relay(view: &RelayView, look: Look) -> String {
    let mut out = String::new();
    if let Some(gap) = &view.gap {
        let text = format!("unknown: {}", escape::terminal(&gap.to_string()));
        let relay = look.bold(&escape::terminal(view.relay));
        out.push_str(&format!("{relay}  {}\n", look.severity(Severity::Medium, &text)));
    }
    for one in view.servers {
        out.push_str(&of_server(one, view.now, look));
    }
    if let Some(compared) = &view.compared {
        out.push_str(&server::row("compared", &compared.text(view.relay), look));
    }
    if look.quiet {
        return out;
    }
    let reached = view.first().and_then(|server| server.session.as_ref().ok());
    if look.verbose || reached.is_some_and(|session| !session.transcript.exchanges.is_empty()) {
        out.push_str(&finding_block::findings(view.results, look));
    } else {
        // Nobody answered: what could then not be judged is all the rest.
        for result in view.results {
            for finding in result.findings() {
                out.push('\n');
                out.push_str(&finding_block::block(result, finding, look));
            }
        }
    }
    out
}

fn of_server(one: &Server, now: i64, look: Look) -> String {
    let title = look.bold(&server::title(one));
    let session = match &one.session {
        Ok(session) => session,
        Err(gap) => {
            let text = format!("unknown: {}", escape::terminal(&gap.to_string()));
            return format!("{title}  {}\n", look.severity(Severity::Medium, &text));
        }
    };
    let mut out = format!("{title}  {}\n", server::state(session, look));
    if look.quiet {
        return out;
    }
    out.push_str(&server::details(one, session, now, look));
    let local = &session.transcript.local;
    let us = match session.seen_as() {
        Some(ip) => format!("{ip}, by its own words (here {local})"),
        None if local.is_empty() => String::new(),
        None => format!("it does not say; this machine's address is {local}"),
    };
    if !us.is_empty() {
        out.push_str(&server::row("sees us as", &us, look));
    }
    for exchange in session.asked() {
        let verdict = match exchange.code() {
            Some(200..=299) => "taken",
            Some(400..=499) => "deferred",
            _ => "refused",
        };
        let text = format!("{}: {verdict} ({})", exchange.sent, exchange.text());
        out.push_str(&server::row("relaying", &text, look));
    }
    if let Some(Ok(open)) = &one.open_relay {
        for attempt in &open.attempts {
            let reply = Exchange { reply: attempt.reply.clone(), ..Exchange::default() };
            let verdict = if reply.is_accepted() { "TAKEN" } else { "refused" };
            let text = format!("{verdict}: {}, <{}>", attempt.trick, attempt.rcpt_to);
            out.push_str(&server::row("open relay", &text, look));
        }
        if let Some(broken) = &open.broken {
            out.push_str(&server::row("open relay", &broken.to_string(), look));
        }
    }
    if look.verbose {
        out.push_str(&server::dialogue(session, look));
    }
    out
}
