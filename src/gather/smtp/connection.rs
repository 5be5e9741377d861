//! One connection to a mail server: lines in, lines out, each bounded in length,
//! number and time. Servers are taken to be hostile.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::super::tls::Recorder;
use crate::evidence::smtp::{Broken, Exchange, TlsSession, Trouble};

/// Longest line read: RFC 5321 section 4.5.3.1.5 allows 512 octets, servers exceed it a little.
const LONGEST_LINE: usize = 2048;
/// Lines of one reply.
const MOST_LINES: usize = 100;
/// Bytes of one connection; a whole dialogue is a few thousand.
const MOST_BYTES: usize = 64 << 10;
/// Octets of a message written at once, each within the time of a reply.
const CHUNK: usize = 32 << 10;

/// A byte stream, plain or inside TLS.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// How long to wait: for one answer, and until when in all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    pub connect: Duration,
    pub reply: Duration,
    pub until: Instant,
}

impl Patience {
    fn limit(self, step: Duration) -> Instant {
        (Instant::now() + step).min(self.until)
    }
}

/// A connection and all that was said on it.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    buffer: Vec<u8>,
    read: usize,
    patience: Patience,
    pub encrypted: bool,
    pub exchanges: Vec<Exchange>,
    pub local: SocketAddr,
    pub connect_ms: u32,
    /// The server proved in the handshake that the certificate's key is its own.
    pub proven: bool,
    /// Texts never to be kept, should the server repeat them.
    secrets: Vec<String>,
}

/// Milliseconds since `start`, never overflowing.
pub(super) fn ms_since(start: Instant) -> u32 {
    u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX)
}

fn broken(stage: &str, trouble: Trouble, detail: impl Into<String>) -> Broken {
    Broken { stage: stage.to_owned(), trouble, detail: detail.into() }
}

/// The symptom behind an error of the system's.
pub(super) fn from_io(stage: &str, error: &std::io::Error) -> Broken {
    let trouble = match error.kind() {
        ErrorKind::ConnectionRefused => Trouble::Refused,
        ErrorKind::TimedOut => Trouble::Timeout,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable => {
            Trouble::Unreachable
        }
        ErrorKind::PermissionDenied => Trouble::Forbidden,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => Trouble::Reset,
        ErrorKind::UnexpectedEof => Trouble::Closed,
        ErrorKind::InvalidData => Trouble::Tls,
        _ => Trouble::Other,
    };
    broken(stage, trouble, error.to_string())
}

impl Connection {
    pub(super) async fn open(address: SocketAddr, patience: Patience) -> Result<Connection, Broken> {
        let started = Instant::now();
        let stream = match timeout_at(patience.limit(patience.connect), TcpStream::connect(address)).await {
            Err(_) => return Err(broken("connect", Trouble::Timeout, "")),
            Ok(Err(error)) => return Err(from_io("connect", &error)),
            Ok(Ok(stream)) => stream,
        };
        let local = stream.local_addr().map_err(|error| from_io("connect", &error))?;
        Ok(Connection {
            stream: Box::new(stream),
            buffer: Vec::new(),
            read: 0,
            patience,
            encrypted: false,
            exchanges: Vec::new(),
            local,
            connect_ms: ms_since(started),
            proven: false,
            secrets: Vec::new(),
        })
    }

    /// Waits for the greeting; nothing is said before it, or we would be the early talker.
    pub(super) async fn greeting(&mut self) -> Result<Exchange, Broken> {
        let started = Instant::now();
        let reply = self.reply("greeting").await;
        self.note(String::new(), reply, started)
    }

    /// Sends a command and waits for its reply.
    pub(super) async fn command(&mut self, line: &str) -> Result<Exchange, Broken> {
        self.command_shown(line, line).await
    }

    /// The same, kept in other words: `line` holds a secret.
    pub(super) async fn command_shown(&mut self, line: &str, shown: &str) -> Result<Exchange, Broken> {
        let started = Instant::now();
        let stage = shown.split_whitespace().next().unwrap_or("command").to_owned();
        // What the server said unasked belongs to no command: it must not be taken for this one's reply.
        self.buffer.clear();
        self.write(&stage, format!("{line}\r\n").as_bytes()).await?;
        let reply = self.reply(&stage).await;
        self.note(shown.to_owned(), reply, started)
    }

    /// Replies that repeat this are kept without it.
    pub(super) fn hide(&mut self, secret: &str) {
        self.secrets.push(secret.to_owned());
    }

    /// From now on one reply may take this long.
    pub(super) fn wait(&mut self, reply: Duration) {
        self.patience.reply = reply;
    }

    /// Behind a 354: the prepared lines of a message, without the final dot. Where
    /// the server stops reading, what it said meanwhile is its answer.
    pub(super) async fn content(&mut self, octets: &[u8]) -> Result<Option<Exchange>, Broken> {
        let started = Instant::now();
        for chunk in octets.chunks(CHUNK) {
            if let Err(broken) = self.write("DATA", chunk).await {
                if broken.trouble == Trouble::Timeout {
                    return Err(broken);
                }
                let reply = self.reply("DATA").await;
                return match self.note("(the message, cut off)".to_owned(), reply, started) {
                    Ok(exchange) => Ok(Some(exchange)),
                    Err(_) => Err(broken),
                };
            }
        }
        Ok(None)
    }

    /// The octets without what must not be kept, the reply code left alone.
    fn without_secrets(&self, mut line: String) -> String {
        let Some(text) = line.get(4..).filter(|_| !self.secrets.is_empty()) else { return line };
        let masked = self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"));
        line.truncate(4);
        line + &masked
    }

    /// Reads one more reply without asking for it.
    pub(super) async fn more(&mut self, stage: &str) -> Result<Exchange, Broken> {
        let started = Instant::now();
        let reply = self.reply(stage).await;
        self.note(String::new(), reply, started)
    }

    fn note(
        &mut self,
        sent: String,
        reply: Result<Vec<String>, (Vec<String>, Broken)>,
        started: Instant,
    ) -> Result<Exchange, Broken> {
        let ms = ms_since(started);
        let encrypted = self.encrypted;
        let (reply, failed) = match reply {
            Ok(reply) => (reply, None),
            Err((lines, failed)) => (lines, Some(failed)),
        };
        let reply = reply.into_iter().map(|line| self.without_secrets(line)).collect();
        let exchange = Exchange { sent, reply, ms, encrypted };
        // A broken exchange is kept too: it shows how far the server came.
        self.exchanges.push(exchange.clone());
        match failed {
            Some(failed) => Err(failed),
            None => Ok(exchange),
        }
    }

    pub(super) async fn write(&mut self, stage: &str, bytes: &[u8]) -> Result<(), Broken> {
        let limit = self.patience.limit(self.patience.reply);
        let sent = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        match timeout_at(limit, sent).await {
            Err(_) => Err(broken(stage, Trouble::Timeout, "")),
            Ok(Err(error)) => Err(from_io(stage, &error)),
            Ok(Ok(())) => Ok(()),
        }
    }

    /// One reply: lines until one without a hyphen behind its code.
    async fn reply(&mut self, stage: &str) -> Result<Vec<String>, (Vec<String>, Broken)> {
        let limit = self.patience.limit(self.patience.reply);
        let mut lines: Vec<String> = Vec::new();
        loop {
            let line = match self.line(stage, limit).await {
                Ok(line) => line,
                Err(failed) => return Err((lines, failed)),
            };
            let bytes = line.as_bytes();
            let coded = bytes.len() >= 3
                && bytes[..3].iter().all(u8::is_ascii_digit)
                && bytes.get(3).is_none_or(|byte| matches!(byte, b' ' | b'-'));
            let goes_on = bytes.get(3) == Some(&b'-');
            lines.push(line);
            if !coded {
                let detail = "a reply line does not start with a three-digit code";
                return Err((lines, broken(stage, Trouble::Malformed, detail)));
            }
            if !goes_on {
                return Ok(lines);
            }
            if lines.len() >= MOST_LINES {
                return Err((lines, broken(stage, Trouble::Malformed, "the reply does not end")));
            }
        }
    }

    async fn line(&mut self, stage: &str, limit: Instant) -> Result<String, Broken> {
        loop {
            if let Some(at) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.buffer.drain(..=at).collect();
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(String::from_utf8_lossy(&line).into_owned());
            }
            if self.buffer.len() > LONGEST_LINE {
                let detail = format!("a line is longer than {LONGEST_LINE} octets");
                return Err(broken(stage, Trouble::Malformed, detail));
            }
            self.fill(stage, limit).await?;
        }
    }

    async fn fill(&mut self, stage: &str, limit: Instant) -> Result<(), Broken> {
        let mut chunk = [0; 1024];
        let count = match timeout_at(limit, self.stream.read(&mut chunk)).await {
            Err(_) => return Err(broken(stage, Trouble::Timeout, "")),
            Ok(Err(error)) => return Err(from_io(stage, &error)),
            Ok(Ok(0)) => return Err(broken(stage, Trouble::Closed, "")),
            Ok(Ok(count)) => count,
        };
        self.read += count;
        if self.read > MOST_BYTES {
            return Err(broken(stage, Trouble::Malformed, "the server sends without end"));
        }
        self.buffer.extend_from_slice(chunk.get(..count).unwrap_or_default());
        Ok(())
    }

    /// At least `count` raw bytes, or what came before the end.
    pub(super) async fn bytes(&mut self, count: usize) -> Result<Vec<u8>, Broken> {
        let limit = self.patience.limit(self.patience.reply);
        while self.buffer.len() < count {
            match self.fill("handshake", limit).await {
                Ok(()) => {}
                Err(_) if !self.buffer.is_empty() => break,
                Err(failed) => return Err(failed),
            }
        }
        Ok(std::mem::take(&mut self.buffer))
    }

    /// The TLS handshake; on failure the chain seen so far comes with the reason.
    pub(super) async fn encrypt(
        mut self,
        host: &str,
    ) -> Result<(Connection, TlsSession), (Connection, TlsSession, Broken)> {
        let recorder = Recorder::new();
        let mut session = TlsSession::default();
        let name = ServerName::try_from(host.to_owned())
            .unwrap_or_else(|_| ServerName::IpAddress(self.local.ip().into()));
        let config = match recorder.client() {
            Ok(config) => config,
            Err(error) => {
                return Err((self, session, broken("handshake", Trouble::Tls, error.to_string())));
            }
        };
        // Plain text that came early would end up inside TLS: it is dropped.
        self.buffer.clear();
        let stream = std::mem::replace(&mut self.stream, Box::new(tokio::io::empty()));
        let limit = self.patience.limit(self.patience.reply);
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let result = timeout_at(limit, connector.connect(name, stream)).await;
        session.certificates = recorder.chain();
        let stream = match result {
            Err(_) => return Err((self, session, broken("handshake", Trouble::Timeout, ""))),
            Ok(Err(error)) => return Err((self, session, from_io("handshake", &error))),
            Ok(Ok(stream)) => stream,
        };
        let (_, tls) = stream.get_ref();
        session.version =
            tls.protocol_version().and_then(|v| v.as_str()).unwrap_or_default().replace('v', " ");
        session.version = session.version.replace('_', ".");
        let suite = tls.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
        session.cipher = suite.unwrap_or_default().to_owned();
        let group = tls.negotiated_key_exchange_group();
        session.group = group.map(|group| format!("{:?}", group.name())).unwrap_or_default();
        self.stream = Box::new(stream);
        self.encrypted = true;
        self.proven = recorder.has_proof();
        Ok((self, session))
    }
}
