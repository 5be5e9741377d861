//! The answer of `mailvet send` for people: taken or not, by whom, for whom; then
//! the dialogue, and where to look next.

use super::style::{Look, wrap};
use super::{escape, server};
use crate::facts::transport::certificate::Chain;
use crate::facts::transport::servers::{Content, Handover};
use crate::model::Severity;
use crate::parse::smtp::outgoing::Outgoing;
use crate::triage::handover::{Judged, Outcome, Recipient, Status};

/// Everything the command shows.
pub(crate) struct SendView<'f> {
    /// As the user named it.
    pub relay: &'f str,
    /// Its host alone.
    pub host: &'f str,
    pub from: &'f str,
    pub file: &'f str,
    pub message: &'f Outgoing,
    pub message_id: Option<&'f str>,
    pub handover: &'f Handover,
    /// `None` with `--dry-run`.
    pub judged: Option<&'f Judged>,
    pub chain: Option<&'f Chain>,
    pub now: i64,
}

/// The founding mistake of the helpdesk, said where it is made.
const CAVEAT: &str = "The relay's 250 says that the relay has the message. It does not say that the \
                      recipient's server has taken it, nor that anyone received it: the relay can still \
                      bounce, hold or lose it.";

impl SendView<'_> {
    pub(crate) fn may_have_been_taken(&self) -> bool {
        self.handover.content == Content::Whole && self.handover.verdict.is_none()
    }

    /// What acceptance does not prove; nothing where nothing was accepted.
    pub(crate) fn caveat(&self) -> Option<&'static str> {
        let taken = |judged: &Judged| matches!(judged.outcome, Outcome::Accepted | Outcome::Partly);
        self.judged.filter(|judged| taken(judged)).map(|_| CAVEAT)
    }

    /// The command that goes on from here; made only of text that a shell takes as it stands.
    pub(crate) fn next(&self) -> Option<String> {
        let judged = self.judged?;
        let plain = |text: &str| {
            let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"@.-_+=%:[]".contains(&byte);
            !text.is_empty() && text.len() <= 200 && !text.starts_with('-') && text.bytes().all(safe)
        };
        let taken =
            matches!(judged.outcome, Outcome::Accepted | Outcome::Partly) || self.may_have_been_taken();
        if !taken {
            return plain(self.relay).then(|| format!("mailvet relay {}", self.relay));
        }
        let id = judged.queue_id.as_deref().filter(|id| plain(id)).map(|id| format!("--queue-id {id}"));
        let message = self.message_id.map(|id| id.trim_matches(['<', '>'])).filter(|id| plain(id));
        let how = id.or_else(|| message.map(|id| format!("--message-id '{id}'")));
        let how = how.or_else(|| {
            let first = self.handover.recipients.first().map(|(address, _)| address.as_str());
            first.filter(|address| plain(address)).map(|address| format!("--recipient {address}"))
        });
        how.map(|how| format!("mailvet triage /var/log/mail.log {how}"))
    }
}

/// What `--dry-run` would send, or what came of it.
pub(crate) fn send(view: &SendView, look: Look) -> String {
    let mut out = String::new();
    let title = match view.handover.address {
        Some(address) if view.host.parse::<std::net::IpAddr>().is_err() => {
            format!("{}[{}]:{}", view.host, address.ip(), address.port())
        }
        Some(address) => address.to_string(),
        None => view.relay.to_owned(),
    };
    let state = match view.judged {
        Some(judged) => state(view, judged, look),
        None => "dry run: nothing was asked, nothing sent".to_owned(),
    };
    out.push_str(&format!("{}  {state}\n", look.bold(&escape::terminal(&title))));
    if !look.quiet {
        out.push_str(&facts(view, look));
    }
    for one in view.judged.iter().flat_map(|judged| &judged.recipients) {
        out.push_str(&recipient(one, look));
    }
    if look.quiet {
        return out;
    }
    if !view.handover.exchanges.is_empty() {
        out.push_str("\nDialogue\n");
        for exchange in &view.handover.exchanges {
            out.push_str(&server::said(exchange, look));
        }
    }
    if let Some(caveat) = view.caveat() {
        out.push_str(&wrap(caveat, look.width, "\n", ""));
    }
    if let Some(next) = view.next() {
        out.push_str(&format!("\nNext: {next}\n"));
    }
    out
}

fn state(view: &SendView, judged: &Judged, look: Look) -> String {
    let id = judged.queue_id.as_ref().map(|id| format!(", queue id {id}")).unwrap_or_default();
    match judged.outcome {
        Outcome::Accepted => look.good(&format!("taken by the relay{id}")),
        Outcome::Partly => {
            look.severity(Severity::Medium, &format!("taken by the relay for some recipients only{id}"))
        }
        Outcome::Deferred => look.severity(Severity::Medium, "not taken now: try again later"),
        Outcome::Rejected if view.handover.unfit.is_some() => look.severity(Severity::High, "not sent"),
        Outcome::Rejected => look.severity(Severity::High, "refused"),
        Outcome::Unknown if view.may_have_been_taken() => {
            look.severity(Severity::High, "unknown: the message may have been taken")
        }
        Outcome::Unknown => look.severity(Severity::High, "not sent: the relay did not get so far"),
    }
}

fn facts(view: &SendView, look: Look) -> String {
    let mut out = String::new();
    let id = view.message_id.map_or("no Message-ID".to_owned(), |id| format!("Message-ID <{id}>"));
    out.push_str(&server::row(
        "message",
        &format!("{}, {} octets, {id}", view.file, view.message.size),
        look,
    ));
    out.push_str(&server::row("from", &format!("<{}>", view.from), look));
    for note in view.message.notes() {
        out.push_str(&server::row("note", &note, look));
    }
    if view.judged.is_none() {
        for (address, _) in &view.handover.recipients {
            out.push_str(&server::row("to", &format!("<{address}>"), look));
        }
        return out;
    }
    for (address, broken) in &view.handover.unreached {
        out.push_str(&server::row("not reached", &format!("{address}: {broken}"), look));
    }
    let encryption = match &view.handover.tls {
        Some(tls) if !tls.version.is_empty() => server::encryption(tls),
        _ if view.handover.exchanges.is_empty() => String::new(),
        _ => "none: all of it went in clear".to_owned(),
    };
    if !encryption.is_empty() {
        out.push_str(&server::row("encryption", &encryption, look));
    }
    if let Some(chain) = view.chain {
        out.push_str(&server::certificate(chain, view.host, view.now, look));
    }
    out
}

fn recipient(one: &Recipient, look: Look) -> String {
    let status = match one.status {
        Status::Accepted => look.good("accepted"),
        Status::Deferred => look.severity(Severity::Medium, "deferred"),
        Status::Rejected => look.severity(Severity::High, "rejected"),
        Status::NotSent => look.severity(Severity::High, "not sent"),
        Status::Unknown => look.severity(Severity::High, "unknown"),
    };
    let mut out = format!("\n{}  {status}\n", look.bold(&escape::terminal(&one.address)));
    if look.quiet {
        return out;
    }
    if !one.said.is_empty() {
        out.push_str(&server::row("said", &one.said, look));
    }
    if one.status == Status::Accepted {
        return out;
    }
    if let Some(cause) = one.cause() {
        // The title speaks of the recipient's server, and that was not the one in question.
        let text = match one.status {
            Status::NotSent => cause.name().to_owned(),
            _ => format!("{}: {}", cause.name(), cause.title()),
        };
        out.push_str(&server::row("cause", &text, look));
    }
    out.push_str(&server::row("who acts", one.who.title(), look));
    for step in &one.action {
        out.push_str(&server::row("do", step, look));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::transport::servers::Exchange;
    use crate::triage::handover::judge;

    #[test]
    fn hostile_words_stay_words() {
        let evil = "250 2.0.0 \u{1b}[2J Ok: queued as 4AbCdE; rm -rf /\u{202e}";
        let exchange = |sent: &str| Exchange {
            sent: sent.to_owned(),
            reply: vec![evil.to_owned()],
            ..Exchange::default()
        };
        let handover = Handover {
            recipients: vec![("u@example.net".to_owned(), Some(exchange("RCPT TO:<u@example.net>")))],
            exchanges: vec![exchange("RCPT TO:<u@example.net>"), exchange(".")],
            verdict: Some(exchange(".")),
            content: Content::Whole,
            ..Handover::default()
        };
        let judged = judge(&handover, "relay.example.com");
        let message = Outgoing::read(b"A: b\n\nx\n");
        let view = SendView {
            relay: "relay.example.com",
            host: "relay.example.com",
            from: "",
            file: "m\u{1b}.eml",
            message: &message,
            message_id: None,
            handover: &handover,
            judged: Some(&judged),
            chain: None,
            now: 0,
        };
        let text = send(&view, Look::plain());
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
        assert!(text.ends_with("\nNext: mailvet triage /var/log/mail.log --queue-id 4AbCdE\n"), "{text}");
        assert!(text.contains("does not say that the") && text.contains("bare LF"), "{text}");
    }
}
