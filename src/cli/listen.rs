//! `mailvet listen ADDR:PORT`: takes mail as a server would, and audits each
//! message as a receiver would. It never relays, delivers, answers or keeps it.

use std::fs::File;
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};

use super::auditing;
use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output::SeriesFormat;
use super::session::Session;
use super::{input, lint, output, probe_args, reading};
use crate::config;
use crate::facts::Prepared;
use crate::facts::message::MessageFacts;
use crate::gather::smtp_server::{self, Config, Delivery, Received};
use crate::judge::report::Report;
use crate::judge::score::Basis;
use crate::model::untrusted::Shown as _;
use crate::model::untrusted::{Width, plain};
use crate::model::{Name, Scope, Target};
use crate::policy::Policy;
use crate::render::{self, escape, json};

#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Takes mail over SMTP and audits each message as the server it is meant for would: the
client's address, its name in EHLO, its MAIL FROM and the message are what audit is
given as --ip, --helo, --mail-from and --message; the domain is that of From. Point an
application's relay setting here. The reply to the message tells its score.

It never relays, delivers, answers or keeps mail: what it takes is audited and thrown
away, unless --save keeps it. It asks DNS what audit asks, once for each message;
--offline judges messages alone (and with --zone, what zone files say). Messages are
audited at once, each within 30 s (--deadline); where that is longer than its sender
should wait, it is told that the message is taken, and the report follows. The address
127.0.0.1 says nothing of a sender: on this machine give --ip and --helo.

Formats: terminal; json and ndjson are the same here, one audit object a line.

It ends after --count messages, or with Ctrl-C; the exit code is then that of the
worst message: 0 nothing at or above --fail-on, 1 findings, 2 usage, or a report that
could not be written, 3 no message, or too little evidence. --record and --replay are audit's: keep messages with --save.

Examples:
  mailvet listen 127.0.0.1:2525 --ip 192.0.2.25 --helo mail.example.com
  mailvet listen 127.0.0.1:2525 --count 1 --format json --offline
  mailvet listen 192.0.2.7:25 --tls-certificate chain.pem --tls-key key.pem --save inbox")]
pub struct ListenArgs {
    /// Where to listen; port 0 takes a free one. Anything but a loopback address is open to the network
    #[arg(value_name = "ADDR:PORT", value_parser = address)]
    pub address: SocketAddr,
    /// Audit as if mail came from this address, instead of the client's
    #[arg(long, value_name = "IP")]
    pub ip: Option<IpAddr>,
    /// Audit as if the client gave this name in EHLO
    #[arg(long, value_name = "NAME", value_parser = probe_args::helo)]
    pub helo: Option<String>,
    /// End after this many messages
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
    /// Keep each message there, as 0001.eml, 0002.eml, ...; nothing is overwritten
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// A blocklist zone to ask instead of the catalogue's; may be repeated
    #[arg(long, value_name = "ZONE", hide_short_help = true)]
    pub list: Vec<String>,
    /// Offer STARTTLS with this chain of certificates (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// The key of the first certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
    /// Octets of one message, announced as SIZE
    #[arg(long, value_name = "OCTETS", default_value_t = 25 << 20, value_parser = clap::value_parser!(u64).range(1000..=input::MAX_MESSAGE), hide_short_help = true)]
    pub max_size: u64,
    /// Recipients of one message
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..), hide_short_help = true)]
    pub max_recipients: u16,
    /// Connections at once
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000), hide_short_help = true)]
    pub max_connections: u16,
    /// Seconds of silence after which a client is sent away
    #[arg(long, value_name = "SECS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=86_400), hide_short_help = true)]
    pub idle: u32,
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let local = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let wrong = |_| "give an address and a port, such as 127.0.0.1:2525 or [::1]:2525".to_owned();
    local.as_deref().unwrap_or(text).parse().map_err(wrong)
}

pub(super) fn run(args: &ListenArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let [output] = outputs.as_slice() else { bail!("listen writes one format a run; give one --format") };
    if global.record.is_some() || global.replay.is_some() {
        bail!(
            "--record and --replay hold one message's answers: keep messages with --save DIR, and audit one with --message"
        );
    }
    let session = Session::new(global)?;
    let mut policy = session.policy()?;
    if global.offline && global.zone.is_empty() {
        // Nothing could be known of the sender: only the message is judged.
        lint::by_message_as_sent(&mut policy);
    }
    let mut scope = auditing::scope(&policy, &args.list)?;
    scope.list_changes = config::list_changes(&session.settings)?;
    scope.roots = session.authorities()?;
    scope.as_receiver = true;
    // What is wrong with the flags of the resolver is said now, not at the first message.
    drop(session.connect()?);
    if let Some(folder) = &args.save {
        std::fs::create_dir_all(folder).with_context(|| format!("--save {}", folder.shown()))?;
    }
    let config = Config {
        size: args.max_size,
        recipients: args.max_recipients.into(),
        connections: args.max_connections.into(),
        idle: Duration::from_secs(args.idle.into()),
        tls: tls(args)?,
    };
    let auditor = Auditor { args, session: &session, policy: &policy, scope: &scope };
    let mut reporter = Reporter {
        session: &session,
        output,
        stream: output::Stream::open(output)?,
        seen: 0,
        exit: Exit::Unknown,
        unwritten: 0,
    };
    listen(args, config, &auditor, &mut reporter)?;
    reporter.stream.close(output)?;
    // A report that nobody can read is no success, whatever it said.
    Ok(if reporter.unwritten > 0 { Exit::Usage } else { reporter.exit })
}

fn tls(args: &ListenArgs) -> anyhow::Result<Option<Arc<rustls::ServerConfig>>> {
    let (Some(chain), Some(key)) = (&args.tls_certificate, &args.tls_key) else { return Ok(None) };
    let pem = input::read(chain, "certificate chain", input::MAX_TEXT)?;
    let certificates: Result<Vec<CertificateDer<'static>>, _> =
        CertificateDer::pem_slice_iter(&pem).collect();
    let certificates =
        certificates.with_context(|| format!("{} is no PEM file of certificates", chain.shown()))?;
    if certificates.is_empty() {
        bail!("{} holds no certificate (-----BEGIN CERTIFICATE-----)", chain.shown());
    }
    let pem = input::read(key, "private key", input::MAX_TEXT)?;
    let private = PrivateKeyDer::from_pem_slice(&pem)
        .with_context(|| format!("{} holds no private key (-----BEGIN PRIVATE KEY-----)", key.shown()))?;
    let config = smtp_server::tls(certificates, private)
        .with_context(|| format!("{} and {} do not go together", chain.shown(), key.shown()))?;
    Ok(Some(config))
}

/// Messages audited at once: an audit mostly waits for answers, and one whose sender's
/// DNS is slow must not hold up the others.
const AUDITS: u64 = 32;
/// What the answers to one message's questions are waited for.
const DEADLINE: Duration = Duration::from_secs(30);

/// The server on a thread of its own, messages audited on others, reports written here.
fn listen(
    args: &ListenArgs,
    config: Config,
    auditor: &Auditor<'_>,
    reporter: &mut Reporter<'_>,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("cannot start the asynchronous runtime")?;
    let listener = runtime
        .block_on(TcpListener::bind(args.address))
        .with_context(|| format!("cannot listen on {}; is the port taken, or below 1024?", args.address))?;
    let address = listener.local_addr()?;
    announce(args, address);
    let (deliveries, delivered) = mpsc::channel::<Delivery>(1);
    let (stop, _) = watch::channel(false);
    let server = runtime.spawn(smtp_server::serve(listener, Arc::new(config), deliveries, stop.clone()));
    let most = args.count.unwrap_or(u64::MAX);
    let queue = Mutex::new(Queue { delivered, next: 1, most });
    let (audited, finished) = std::sync::mpsc::channel::<Audited>();
    let result = std::thread::scope(|scope| {
        for _ in 0..AUDITS.min(most) {
            let (queue, audited) = (&queue, audited.clone());
            scope.spawn(move || {
                while let Some((number, Delivery { message, taken, answer })) = next(queue) {
                    if audited.send(auditor.message(number, message, taken, answer)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(audited);
        let mut result = Ok(());
        for one in finished {
            if result.is_ok() {
                result = reporter.report(one);
            }
            if result.is_err() || reporter.seen >= most {
                // Who waits for the next message is told that there is none.
                let _ = stop.send(true);
            }
        }
        result
    });
    let _ = stop.send(true);
    // Whoever waits in the queue is told that the service ends.
    drop(queue);
    let ended = async { tokio::time::timeout(Duration::from_secs(5), server).await };
    let _ = runtime.block_on(ended);
    runtime.shutdown_background();
    result
}

/// Messages in the order they come, numbered.
struct Queue {
    delivered: mpsc::Receiver<Delivery>,
    next: u64,
    most: u64,
}

/// The next message; `None` where no more come, or no more are wanted.
fn next(queue: &Mutex<Queue>) -> Option<(u64, Delivery)> {
    let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
    if queue.next > queue.most {
        queue.delivered.close();
        return None;
    }
    loop {
        let delivery = queue.delivered.blocking_recv()?;
        // Its client was told to come back.
        if delivery.taken.is_closed() {
            continue;
        }
        let number = queue.next;
        queue.next += 1;
        if queue.next > queue.most {
            queue.delivered.close();
        }
        return Some((number, delivery));
    }
}

/// Where mail is taken, said also with `-q`: a script that chose port 0 reads it here.
fn announce(args: &ListenArgs, address: SocketAddr) {
    let mut text = format!("listening on {address}: mail is audited, never delivered\n");
    if !address.ip().is_loopback() {
        text.push_str(&format!(
            "{address} is open to the network: whoever reaches it can have messages audited here\n"
        ));
    } else if args.ip.is_none() {
        text.push_str(
            "clients here have loopback addresses, which say nothing of a sender; give --ip and --helo\n",
        );
    }
    output::say(&text);
}

/// Audits messages, several at once.
struct Auditor<'a> {
    args: &'a ListenArgs,
    session: &'a Session<'a>,
    policy: &'a Policy,
    scope: &'a Scope,
}

/// One message's audit, and the client that waits for the reply.
struct Audited {
    heading: String,
    outcome: anyhow::Result<Outcome>,
    answer: oneshot::Sender<String>,
}

enum Outcome {
    /// Boxed: far larger than the other.
    Report(Box<Report>),
    /// No report, and the reply that says why, in our own words alone.
    Refused(&'static str),
}

impl Auditor<'_> {
    fn message(
        &self,
        number: u64,
        received: Received,
        taken: oneshot::Sender<()>,
        answer: oneshot::Sender<String>,
    ) -> Audited {
        let heading = heading(number, &received);
        let outcome = self.outcome(number, &heading, received, taken);
        Audited { heading, outcome, answer }
    }

    fn outcome(
        &self,
        number: u64,
        heading: &str,
        received: Received,
        taken: oneshot::Sender<()>,
    ) -> anyhow::Result<Outcome> {
        if let Some(folder) = &self.args.save
            && let Err(error) = keep(folder, number, &received.raw)
        {
            // A full disk passes; the sender keeps the message until then.
            self.session.note(&format!("{heading}: {error:#}"));
            return Ok(Outcome::Refused("452 4.3.1 the message cannot be kept now; come back later"));
        }
        // A client that hung up meanwhile has its report all the same.
        let _ = taken.send(());
        let Received { peer, helo, mail_from, raw, .. } = received;
        let message = match reading::message(Path::new(&format!("message-{number}.eml")), raw) {
            Ok(message) => message,
            Err(error) => {
                self.session.note(&format!("{heading}: {error:#}"));
                return Ok(Outcome::Refused("554 5.6.0 the content is no mail message"));
            }
        };
        let domain = MessageFacts::read(&message).from_domain();
        let target = Target {
            domain: domain.and_then(|domain| Name::parse(&domain).ok()),
            ips: vec![self.args.ip.unwrap_or_else(|| peer.ip()).to_canonical()],
            helo: Some(self.args.helo.clone().unwrap_or(helo)),
            mail_from: Some(if mail_from.is_empty() { "<>".to_owned() } else { mail_from }),
            ..Target::default()
        };
        let mut evidence = self.session.evidence(target)?;
        evidence.message = Some(message);
        let mut scope = self.scope.clone();
        auditing::given_zones(self.session, &mut evidence, &mut scope)?;
        let prepared = Prepared::new(&evidence);
        self.session.gather_within(Some(DEADLINE), &mut evidence, &scope, &prepared)?;
        let report = auditing::report(&evidence, &scope, &prepared, self.policy);
        Ok(Outcome::Report(Box::new(report)))
    }
}

/// Writes the report of each message and answers its client.
struct Reporter<'a> {
    session: &'a Session<'a>,
    output: &'a output::Output<SeriesFormat>,
    stream: output::Stream,
    seen: u64,
    /// Of the worst message so far.
    exit: Exit,
    /// Messages whose report could not be made or written.
    unwritten: u64,
}

impl Reporter<'_> {
    fn report(&mut self, audited: Audited) -> anyhow::Result<()> {
        let Audited { heading, outcome, answer } = audited;
        let written = outcome.and_then(|outcome| match outcome {
            Outcome::Refused(reply) => {
                self.judged(Exit::Unknown);
                Ok(reply.to_owned())
            }
            Outcome::Report(report) => {
                self.write(&heading, &report)?;
                self.judged(auditing::exit(self.session, &report)?);
                // A score of the message says nothing of who sent it.
                let of = if report.score.basis == Basis::Message { ", the message alone" } else { "" };
                Ok(format!("250 2.0.0 audited{of}: {}", render::report::score_line(&report)))
            }
        });
        // A client that hung up meanwhile, or was answered in time, has its report all the same.
        match written {
            Ok(reply) => {
                let _ = answer.send(reply);
                Ok(())
            }
            Err(error) => {
                let _ = answer.send("451 4.3.0 the audit failed; see its standard error".to_owned());
                if output::is_broken_pipe(&error) {
                    return Err(error);
                }
                // A full disk passes: the sender keeps this message, and the next one may be reported on.
                output::say(&escape::terminal(&format!("{heading}: {error:#}")));
                self.unwritten += 1;
                self.judged(Exit::Unknown);
                Ok(())
            }
        }
    }

    /// Findings of one message outweigh the doubts about another.
    fn judged(&mut self, exit: Exit) {
        self.exit = match (self.exit, exit) {
            _ if self.seen == 0 => exit,
            (Exit::Findings, _) | (_, Exit::Findings) => Exit::Findings,
            (Exit::Unknown, _) | (_, Exit::Unknown) => Exit::Unknown,
            _ => Exit::Clean,
        };
        self.seen += 1;
    }

    fn write(&mut self, heading: &str, report: &Report) -> anyhow::Result<()> {
        let text = match self.output.format {
            SeriesFormat::Terminal => {
                let look = output::look(self.session.global, self.output);
                let space = if self.seen == 0 { "" } else { "\n" };
                let report = render::terminal::audit(report, look);
                format!("{space}{}\n{report}", look.bold(&escape::terminal(heading)))
            }
            SeriesFormat::Json | SeriesFormat::Ndjson => json::line(&json::v1::audit(report)),
        };
        self.stream.write(&text)?;
        // A report is shown when it is ready: the next message may be hours away.
        self.stream.flush()
    }
}

fn heading(number: u64, received: &Received) -> String {
    let recipients = match received.recipients.as_slice() {
        [one] => format!("<{}>", plain(one, Width::Name)),
        many => format!("{} recipients", many.len()),
    };
    format!(
        "message {number} from {} ({}{}), <{}> to {recipients}",
        received.peer,
        plain(&received.helo, Width::Name),
        if received.encrypted { ", TLS" } else { "" },
        plain(&received.mail_from, Width::Name)
    )
}

/// Under the next free number, never over another file: written aside, then given its
/// name, so that no name stands for half a message whenever the machine stops.
fn keep(folder: &Path, from: u64, raw: &[u8]) -> anyhow::Result<()> {
    let aside = folder.join(format!(".{}-{from}.part", std::process::id()));
    let result = File::create(&aside)
        .and_then(|mut file| file.write_all(raw).and_then(|()| file.sync_all()))
        .with_context(|| format!("cannot write {}", aside.shown()))
        .and_then(|()| named(folder, from, &aside));
    // After a link the message has two names, after a failure it is of no use.
    let _ = std::fs::remove_file(&aside);
    result
}

fn named(folder: &Path, from: u64, aside: &Path) -> anyhow::Result<()> {
    for number in from..=u64::MAX {
        let path = folder.join(format!("{number:04}.eml"));
        match std::fs::hard_link(aside, &path) {
            Ok(()) => return Ok(()),
            Err(_) if path.exists() => {}
            // A file system without links: the number is claimed first.
            Err(_) => match File::create_new(&path) {
                Ok(_) => {
                    return std::fs::rename(aside, &path)
                        .with_context(|| format!("cannot write {}", path.shown()));
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(|| format!("cannot write {}", path.shown())),
            },
        }
    }
    Ok(())
}
