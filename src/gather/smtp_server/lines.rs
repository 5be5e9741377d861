//! Lines of a client, each bounded in length and time, and the replies to it.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use super::super::smtp::Stream;

/// Once the server is told to stop, what a client gets to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// Why no line came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoLine {
    TooLong,
    Idle,
    Stopped,
    Gone,
}

/// Both directions of one connection.
pub(super) struct Lines {
    stream: Box<dyn Stream>,
    buffer: Vec<u8>,
    /// Octets of the buffer already looked at.
    seen: usize,
    idle: Duration,
    stop: watch::Receiver<bool>,
}

impl Lines {
    pub(super) fn new(stream: Box<dyn Stream>, idle: Duration, stop: watch::Receiver<bool>) -> Lines {
        Lines { stream, buffer: Vec::new(), seen: 0, idle, stop }
    }

    /// Up to and with the next LF. `most` bounds the line.
    pub(super) async fn next(&mut self, most: usize) -> Result<Vec<u8>, NoLine> {
        // The whole line within the bound: one octet at a time is no way to stay.
        let until = Instant::now() + self.idle;
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[self.seen..]) {
                let line = self.buffer.drain(..=self.seen + at).collect::<Vec<u8>>();
                self.seen = 0;
                return if line.len() > most { Err(NoLine::TooLong) } else { Ok(line) };
            }
            self.seen = self.buffer.len();
            if self.buffer.len() > most {
                return Err(NoLine::TooLong);
            }
            self.fill(until).await?;
        }
    }

    async fn fill(&mut self, until: Instant) -> Result<(), NoLine> {
        let mut chunk = [0; 8192];
        let stopping = *self.stop.borrow();
        let read = match stopping {
            true => timeout(GOODBYE, self.stream.read(&mut chunk)).await.map_err(|_| NoLine::Stopped)?,
            false => {
                tokio::select! {
                    read = timeout_at(until, self.stream.read(&mut chunk)) => read.map_err(|_| NoLine::Idle)?,
                    _ = self.stop.changed() => {
                        let last = timeout(GOODBYE, self.stream.read(&mut chunk)).await;
                        last.map_err(|_| NoLine::Stopped)?
                    }
                }
            }
        };
        match read {
            Ok(count) if count > 0 => {
                self.buffer.extend_from_slice(chunk.get(..count).unwrap_or_default());
                Ok(())
            }
            _ => Err(NoLine::Gone),
        }
    }

    /// One line or several, CRLF added at the end.
    pub(super) async fn reply(&mut self, text: &str) -> Result<(), NoLine> {
        let bytes = format!("{text}\r\n");
        let sent = async {
            self.stream.write_all(bytes.as_bytes()).await?;
            self.stream.flush().await
        };
        match timeout(self.idle, sent).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(NoLine::Gone),
        }
    }

    /// True where the client has said more than it was asked for.
    pub(super) fn is_ahead(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Reads on and forgets, so that a client still writing gets to see the last reply.
    pub(super) async fn drain(&mut self, most: usize) {
        let mut left = most;
        let mut chunk = [0; 8192];
        while left > 0 {
            match timeout(GOODBYE, self.stream.read(&mut chunk)).await {
                Ok(Ok(count)) if count > 0 => left = left.saturating_sub(count),
                _ => return,
            }
        }
    }

    /// The TLS handshake; `None` where it fails.
    pub(super) async fn encrypt(self, config: std::sync::Arc<rustls::ServerConfig>) -> Option<Lines> {
        let accepted = timeout(self.idle, tokio_rustls::TlsAcceptor::from(config).accept(self.stream)).await;
        let stream = accepted.ok()?.ok()?;
        Some(Lines::new(Box::new(stream), self.idle, self.stop))
    }
}
