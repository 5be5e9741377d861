//! A mail server that takes messages for the program itself: it never relays,
//! delivers, answers or keeps mail. Clients are taken to be hostile.

mod lines;
mod session;

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{AbortHandle, JoinSet};

/// What is allowed, and the identity for STARTTLS.
pub(crate) struct Config {
    /// Octets of one message, announced as SIZE.
    pub size: u64,
    /// Recipients of one message.
    pub recipients: usize,
    /// Connections at once.
    pub connections: usize,
    /// What a client may take for one line before it is sent away.
    pub idle: Duration,
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

/// Commands of one connection; a client with a hundred messages needs a few hundred.
const MOST_COMMANDS: usize = 1000;
/// One connection in all: RFC 5321 section 4.5.3.2 allows a client to be slow, not to stay.
const LONGEST_SESSION: Duration = Duration::from_secs(900);
/// Where all places are taken, a client that got no further for so long loses its own
/// to the next one.
const STALLED: Duration = Duration::from_secs(3);
/// What a client waits for the reply to a message. Senders have as much patience as ten
/// minutes (RFC 5321 section 4.5.3.2.6), programs often half a minute; the report is
/// finished after it if need be.
const ANSWERED_WITHIN: Duration = Duration::from_secs(20);

/// One message and what the client said around it.
#[derive(Debug)]
pub(crate) struct Received {
    pub peer: SocketAddr,
    /// As said in EHLO or HELO.
    pub helo: String,
    /// Empty for the null sender.
    pub mail_from: String,
    pub recipients: Vec<String>,
    /// Without doubled dots.
    pub raw: Vec<u8>,
    pub encrypted: bool,
}

/// A message and where its reply goes: one line without CRLF.
pub(crate) struct Delivery {
    pub message: Received,
    /// To be told that the message is taken: kept where it is to be kept, and sure to be
    /// reported on. Closed where the client was told to come back instead.
    pub taken: oneshot::Sender<()>,
    pub answer: oneshot::Sender<String>,
}

/// When a session last got on, for [`Places`].
#[derive(Clone)]
struct Pulse(Arc<Mutex<Option<Instant>>>);

impl Pulse {
    fn new() -> Pulse {
        Pulse(Arc::new(Mutex::new(Some(Instant::now()))))
    }

    /// It got on with its message.
    fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// It waits for us, which is none of its doing.
    fn wait(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn stalled(&self) -> Option<Duration> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).map(|at| at.elapsed())
    }
}

/// The sessions under way, bounded in number. Where all places are taken, the newcomer
/// gets that of a client that does not get on, first of the address that holds most:
/// slow clients cannot keep others out.
struct Places {
    most: usize,
    taken: Vec<(IpAddr, Pulse, AbortHandle)>,
}

impl Places {
    /// True where there is a place for one more.
    fn make_room(&mut self) -> bool {
        self.taken.retain(|(_, _, session)| !session.is_finished());
        if self.taken.len() < self.most {
            return true;
        }
        let held = |ip: &IpAddr| self.taken.iter().filter(|(other, ..)| other == ip).count();
        let stalled = self.taken.iter().enumerate().filter_map(|(at, (ip, pulse, _))| {
            let since = pulse.stalled().filter(|since| *since >= STALLED)?;
            Some(((held(ip), since), at))
        });
        let Some((_, at)) = stalled.max() else { return false };
        let (_, _, session) = self.taken.swap_remove(at);
        session.abort();
        true
    }
}

/// The identity for STARTTLS from a chain and its key; the text says what is wrong with it.
pub(crate) fn tls(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<rustls::ServerConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(Arc::new(config))
}

/// Takes connections until `stop` says so or the process is told to end; then open
/// ones may finish what they began.
pub(crate) async fn serve(
    listener: TcpListener,
    config: Arc<Config>,
    deliveries: mpsc::Sender<Delivery>,
    stop: watch::Sender<bool>,
) {
    let mut places = Places { most: config.connections, taken: Vec::new() };
    let mut sessions = JoinSet::new();
    let mut stopped = stop.subscribe();
    // Made once, so that no signal falls between two rounds.
    let end = told_to_end();
    tokio::pin!(end);
    loop {
        let accepted = tokio::select! {
            _ = stopped.changed() => break,
            () = &mut end => {
                let _ = stop.send(true);
                break;
            }
            // Ended sessions are let go of as they end.
            Some(_) = sessions.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let Ok((socket, peer)) = accepted else {
            // Out of file descriptors: the next one may be let go of soon.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        if !places.make_room() {
            turn_away(&socket);
            continue;
        }
        let pulse = Pulse::new();
        let run =
            session::run(socket, peer, config.clone(), deliveries.clone(), stop.subscribe(), pulse.clone());
        let session = sessions.spawn(async move {
            // However it ends, nobody is told: the client has seen it.
            let _ = tokio::time::timeout(LONGEST_SESSION, run).await;
        });
        places.taken.push((peer.ip(), pulse, session));
    }
    drop((listener, deliveries));
    while sessions.join_next().await.is_some() {}
}

/// Without waiting: a client that does not read must not hold the next one back.
fn turn_away(socket: &TcpStream) {
    let _ = socket.try_write(b"421 4.3.2 too many connections; come back later\r\n");
}

/// Ctrl-C, and what `kill` sends.
async fn told_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
