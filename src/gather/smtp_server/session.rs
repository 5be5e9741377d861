//! One client's session: commands in order, messages handed on, replies of our own
//! words alone.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout_at};

use super::lines::{Lines, NoLine};
use super::{ANSWERED_WITHIN, Config, Delivery, MOST_COMMANDS, Pulse, Received};
use crate::parse::smtp::command::{self, Command};

/// Longest command line: 512 octets (RFC 5321 section 4.5.3.1.4) and what extensions add.
const LONGEST_COMMAND: usize = 2048;
/// Octets read and forgotten behind a refusal.
const MOST_DRAINED: usize = 256 << 20;

/// Octets of a message that count as getting on.
const BEAT: usize = 1024;

/// What a client has said so far.
#[derive(Default)]
struct Envelope {
    from: Option<String>,
    recipients: Vec<String>,
}

struct Session {
    lines: Lines,
    peer: SocketAddr,
    config: Arc<Config>,
    deliveries: mpsc::Sender<Delivery>,
    pulse: Pulse,
    helo: Option<String>,
    envelope: Envelope,
    encrypted: bool,
}

/// Speaks to one client until it leaves or goes too far.
pub(super) async fn run(
    socket: TcpStream,
    peer: SocketAddr,
    config: Arc<Config>,
    deliveries: mpsc::Sender<Delivery>,
    stop: watch::Receiver<bool>,
    pulse: Pulse,
) {
    let _ = socket.set_nodelay(true);
    let lines = Lines::new(Box::new(socket), config.idle, stop);
    let session = Session {
        lines,
        peer,
        config,
        deliveries,
        pulse,
        helo: None,
        envelope: Envelope::default(),
        encrypted: false,
    };
    session.speak().await;
}

impl Session {
    async fn speak(mut self) {
        if self
            .lines
            .reply("220 mailvet.invalid ESMTP mailvet: mail is audited, never delivered")
            .await
            .is_err()
        {
            return;
        }
        for _ in 0..MOST_COMMANDS {
            let line = match self.lines.next(LONGEST_COMMAND).await {
                Ok(line) => line,
                Err(why) => return self.farewell(why).await,
            };
            let Some(line) = line.strip_suffix(b"\r\n") else {
                return self.hang_up("521 5.5.2 a command ends in bare LF; lines end in CRLF").await;
            };
            let done = match command::parse(line) {
                Err(reply) => self.lines.reply(reply).await,
                Ok(Command::Quit) => {
                    let _ = self.lines.reply("221 2.0.0 bye").await;
                    return;
                }
                Ok(Command::Data) => match self.data().await {
                    Ok(true) => Ok(()),
                    Ok(false) => return,
                    Err(why) => return self.farewell(why).await,
                },
                Ok(Command::StartTls) => match self.starttls().await {
                    Some(session) => {
                        self = session;
                        Ok(())
                    }
                    None => return,
                },
                Ok(command) => {
                    let reply = self.obey(command);
                    self.lines.reply(&reply).await
                }
            };
            if done.is_err() {
                return;
            }
        }
        self.hang_up("421 4.7.0 too many commands on one connection").await;
    }

    async fn farewell(&mut self, why: NoLine) {
        match why {
            NoLine::TooLong => self.hang_up("500 5.5.2 the line is too long").await,
            NoLine::Idle => {
                let _ = self.lines.reply("421 4.4.2 nothing came for too long").await;
            }
            NoLine::Stopped => {
                let _ = self.lines.reply("421 4.3.2 the service ends").await;
            }
            NoLine::Gone => {}
        }
    }

    async fn hang_up(&mut self, reply: &str) {
        if self.lines.reply(reply).await.is_ok() {
            self.lines.drain(MOST_DRAINED).await;
        }
    }

    /// Commands that need no waiting.
    fn obey(&mut self, command: Command) -> String {
        let reply = match command {
            Command::Ehlo(name) => {
                self.helo = Some(name);
                self.envelope = Envelope::default();
                let tls = if self.config.tls.is_some() && !self.encrypted { "250-STARTTLS\r\n" } else { "" };
                return format!(
                    "250-mailvet.invalid\r\n250-PIPELINING\r\n250-SIZE {}\r\n{tls}250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES",
                    self.config.size
                );
            }
            Command::Helo(name) => {
                self.helo = Some(name);
                self.envelope = Envelope::default();
                "250 mailvet.invalid"
            }
            Command::Mail { .. } if self.helo.is_none() => "503 5.5.1 say EHLO first",
            Command::Mail { .. } if self.envelope.from.is_some() => "503 5.5.1 one sender a message",
            Command::Mail { size: Some(size), .. } if size > self.config.size => {
                "552 5.3.4 the message is larger than SIZE allows"
            }
            Command::Mail { from, .. } => {
                self.pulse.beat();
                self.envelope.from = Some(from);
                "250 2.1.0 ok"
            }
            Command::Rcpt(_) if self.envelope.from.is_none() => "503 5.5.1 say MAIL first",
            Command::Rcpt(_) if self.envelope.recipients.len() >= self.config.recipients => {
                "452 4.5.3 too many recipients"
            }
            Command::Rcpt(to) => {
                self.pulse.beat();
                self.envelope.recipients.push(to);
                "250 2.1.5 ok; the message will not be delivered"
            }
            Command::Rset => {
                self.envelope = Envelope::default();
                "250 2.0.0 ok"
            }
            Command::Noop => "250 2.0.0 ok",
            Command::Vrfy => "252 2.1.5 nobody is looked up here",
            Command::Help => "214 2.0.0 EHLO MAIL RCPT DATA RSET NOOP STARTTLS QUIT; see mailvet help listen",
            Command::Data | Command::StartTls | Command::Quit => "503 5.5.1 not now",
        };
        reply.to_owned()
    }

    async fn starttls(mut self) -> Option<Session> {
        let refusal = match &self.config.tls {
            None => Some("502 5.5.1 not offered here"),
            Some(_) if self.encrypted => Some("503 5.5.1 TLS is in use already"),
            Some(_) => None,
        };
        if let Some(refusal) = refusal {
            self.lines.reply(refusal).await.ok()?;
            return Some(self);
        }
        // What stands behind STARTTLS was said in clear and must not be obeyed inside TLS.
        if self.lines.is_ahead() {
            self.hang_up("501 5.5.4 commands stand behind STARTTLS").await;
            return None;
        }
        let config = self.config.tls.clone()?;
        self.lines.reply("220 2.0.0 go ahead").await.ok()?;
        let lines = self.lines.encrypt(config).await?;
        Some(Session { lines, encrypted: true, helo: None, envelope: Envelope::default(), ..self })
    }

    /// The message; false where the session ends with it.
    async fn data(&mut self) -> Result<bool, NoLine> {
        let Some(from) = self.envelope.from.clone().filter(|_| !self.envelope.recipients.is_empty()) else {
            self.lines.reply("503 5.5.1 say MAIL and RCPT first").await?;
            return Ok(true);
        };
        self.lines.reply("354 end with a line of one dot").await?;
        let raw = match self.content().await {
            Ok(raw) => raw,
            Err(Refusal::Line(why)) => return Err(why),
            Err(Refusal::Reply(reply)) => {
                self.hang_up(reply).await;
                return Ok(false);
            }
        };
        let recipients = std::mem::take(&mut self.envelope).recipients;
        let message = Received {
            peer: self.peer,
            helo: self.helo.clone().unwrap_or_default(),
            mail_from: from,
            recipients,
            raw,
            encrypted: self.encrypted,
        };
        self.pulse.wait();
        let reply = hand_over(self.deliveries.clone(), message).await;
        self.pulse.beat();
        match reply {
            Some(reply) => {
                self.lines.reply(&reply).await?;
                Ok(true)
            }
            None => {
                self.lines.reply("421 4.3.2 the service ends; the message was not audited").await?;
                Ok(false)
            }
        }
    }

    /// Lines up to the final dot. A dot that other servers could take for the end ends
    /// the session: that is how mail is smuggled.
    async fn content(&mut self) -> Result<Vec<u8>, Refusal> {
        let most = usize::try_from(self.config.size).unwrap_or(usize::MAX - 2);
        let mut raw = Vec::new();
        let mut after_crlf = true;
        loop {
            let line = match self.lines.next(most + 2).await {
                Ok(line) => line,
                Err(NoLine::TooLong) => return Err(Refusal::Reply(TOO_LARGE)),
                Err(why) => return Err(Refusal::Line(why)),
            };
            let with_crlf = line.ends_with(b"\r\n");
            let text = line.strip_suffix(b"\r\n").or_else(|| line.strip_suffix(b"\n")).unwrap_or(&line);
            if text == b"." && with_crlf && after_crlf {
                return Ok(raw);
            }
            let bare_cr_dot = text.starts_with(b".\r") || text.ends_with(b"\r.");
            if text == b"." || bare_cr_dot || memchr::memmem::find(text, b"\r.\r").is_some() {
                return Err(Refusal::Reply("521 5.5.2 a dot alone between bare CR or LF; lines end in CRLF"));
            }
            let undoubled = if after_crlf { line.strip_prefix(b".").unwrap_or(&line) } else { &line };
            if raw.len() + undoubled.len() > most {
                return Err(Refusal::Reply(TOO_LARGE));
            }
            if raw.len() / BEAT != (raw.len() + undoubled.len()) / BEAT {
                self.pulse.beat();
            }
            raw.extend_from_slice(undoubled);
            after_crlf = with_crlf;
        }
    }
}

/// The reply to the message, in time whatever its audit takes: one that is taken is
/// the server's to report on (RFC 5321 section 4.2.5), one that is not is refused for
/// now. `None` where the service ends.
async fn hand_over(deliveries: mpsc::Sender<Delivery>, message: Received) -> Option<String> {
    const BUSY: &str = "451 4.3.2 too many messages wait for their audit; come back later";
    let until = Instant::now() + ANSWERED_WITHIN;
    let (taken, is_taken) = oneshot::channel();
    let (answer, mut answered) = oneshot::channel();
    match timeout_at(until, deliveries.send(Delivery { message, taken, answer })).await {
        Ok(Ok(())) => {}
        Ok(Err(_)) => return None,
        Err(_) => return Some(BUSY.to_owned()),
    }
    // A message that cannot be taken is answered without.
    if timeout_at(until, is_taken).await.is_err() {
        return Some(BUSY.to_owned());
    }
    match timeout_at(until, &mut answered).await {
        Ok(Ok(reply)) => Some(reply),
        Ok(Err(_)) => None,
        Err(_) => Some("250 2.0.0 taken; its audit takes longer, see the report".to_owned()),
    }
}

const TOO_LARGE: &str = "552 5.3.4 the message is larger than SIZE allows";

/// Why no message came of DATA.
enum Refusal {
    Line(NoLine),
    Reply(&'static str),
}
