//! `mailvet send`: hands one message over to a relay. The only command that sends mail.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::probe_args::{self, ReachArgs};
use super::session::Session;
use super::{input, mailbox, output, reading, relay};
use crate::facts::message::MessageFacts;
use crate::facts::transport::certificate::Chain;
use crate::facts::transport::servers::{Broken, Handover, Trouble};
use crate::gather::addresses;
use crate::gather::smtp::handover::{self, Encryption, Login, Order, Times};
use crate::model::untrusted::Shown as _;
use crate::model::untrusted::{Width, plain};
use crate::model::{Name, Scope};
use crate::parse::smtp::outgoing::Outgoing;
use crate::parse::web::host_port;
use crate::render::send::SendView;
use crate::render::{self, json};
use crate::triage::handover::{Outcome, judge};

/// The password, so that it stands on no command line.
const PASSWORD_VARIABLE: &str = "MAILVET_SMTP_PASSWORD";
/// What a server must take at the least (RFC 5321 section 4.5.3.1.8).
const MOST_RECIPIENTS: usize = 100;
/// A hand-over may wait ten minutes for its last reply (RFC 5321 section 4.5.3.2.6).
const VERDICT: u32 = 120;
const LONGEST_RUN: Duration = Duration::from_secs(900);

#[derive(Clone, Debug, Args)]
#[command(after_help = "\
THIS SENDS MAIL: one message, to the recipients named, over the relay named, as the
application would. It is the only command that does. What goes from whom to whom and
where is said on standard error before the connection; --dry-run stops there.

It asks DNS for the relay's addresses (A, AAAA) and speaks SMTP to the first that
answers: EHLO, STARTTLS where offered, AUTH with --user, MAIL, RCPT, DATA. The MX
hosts of the recipients are not spoken to: the relay delivers. Line ends become CRLF
and leading dots are doubled; nothing else of the message is changed.

The password comes from --password-file or the variable MAILVET_SMTP_PASSWORD. It is
sent over TLS alone, to a host whose certificate is good, and is never shown.

A 250 says that the relay has the message, not that the recipient got it: follow it
with the triage command that is printed last. Exit codes: 0 taken for all recipients,
1 refused for some or all, 2 usage, 3 not known. There is no --record or --replay.

Examples:
  mailvet send --relay relay.example.com --from app@example.com --to you@example.org \\
      --message quote.eml --dry-run
  mailvet send --relay smtp.example.com:587 --tls required --user app \\
      --password-file /run/secrets/smtp --from app@example.com --to you@example.org \\
      --message quote.eml")]
pub struct SendArgs {
    /// The relay, by name or address; port 25 unless another is named, on 465 TLS comes first
    #[arg(long, value_name = "HOST[:PORT]", required = true)]
    pub relay: String,
    /// The envelope sender; <> is the null sender
    #[arg(long, value_name = "ADDR", required = true, value_parser = probe_args::sender)]
    pub from: String,
    /// A recipient; may be repeated
    #[arg(long, value_name = "ADDR", required = true, value_parser = probe_args::recipient)]
    pub to: Vec<String>,
    /// The message to send, as the application made it; - reads standard input
    #[arg(long, value_name = "FILE", required = true)]
    pub message: PathBuf,
    /// Say what would be sent and stop; nothing is asked, no connection made
    #[arg(long)]
    pub dry_run: bool,
    /// STARTTLS: never, where offered, or no mail without it
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = TlsWhen::Offered)]
    pub tls: TlsWhen,
    /// Log in with this name (AUTH PLAIN or LOGIN)
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub user: Option<String>,
    /// The password's file; default: the variable MAILVET_SMTP_PASSWORD
    #[arg(long, value_name = "FILE", requires = "user", hide_short_help = true)]
    pub password_file: Option<PathBuf>,
    /// The name to give in EHLO; default: this machine's address in brackets
    #[arg(long, value_name = "NAME", value_parser = probe_args::helo, hide_short_help = true)]
    pub helo: Option<String>,
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// As typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TlsWhen {
    Never,
    Offered,
    Required,
}

impl From<TlsWhen> for Encryption {
    fn from(when: TlsWhen) -> Encryption {
        match when {
            TlsWhen::Never => Encryption::Never,
            TlsWhen::Offered => Encryption::Offered,
            TlsWhen::Required => Encryption::Required,
        }
    }
}

pub(super) fn run(args: &SendArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    refuse_contradictions(args, global)?;
    let session = Session::new(global)?;
    let (host, port) = relay_port(args)?;
    let raw = one_message(args)?;
    let file = args.message.shown();
    let message = Outgoing::read(&raw);
    let mut evidence = reading::message(&args.message, raw)?;
    evidence.file.clone_from(&file);
    let facts = MessageFacts::read(&evidence);
    let message_id = facts.message_id().map(|id| id.trim_matches(['<', '>', ' ']));
    let login = login(args)?;
    let to = recipients(args)?;
    announce(args, &to, message.size, message_id);
    let now = session.clock().as_second();
    let mut handover = Handover::default();
    let mut scope = Scope::everything();
    args.reach.apply(&session, &mut scope)?;
    if args.dry_run {
        handover.recipients = to.iter().map(|address| (address.clone(), None)).collect();
    } else {
        let order = Order {
            relay: host,
            port,
            addresses: Vec::new(),
            helo: args.helo.as_deref(),
            from: &args.from,
            to: &to,
            message: &message,
            encryption: args.tls.into(),
            login,
            roots: scope.roots.clone(),
            now,
        };
        handover = hand_over(order, &session, &scope)?;
    }
    let judged = (!args.dry_run).then(|| judge(&handover, host));
    let certificates = handover.tls.as_ref().map(|tls| tls.certificates.as_slice()).unwrap_or_default();
    let chain = Chain::read(certificates, &scope.roots, now);
    let view = SendView {
        relay: &args.relay,
        host,
        from: &args.from,
        file: &file,
        message: &message,
        message_id,
        handover: &handover,
        judged: judged.as_ref(),
        chain: chain.as_ref(),
        now,
    };
    output::answer(
        global,
        &outputs,
        || json::text(&json::send::send(&view)),
        |look| render::send::send(&view, look),
    )?;
    Ok(exit(judged.map(|judged| judged.outcome)))
}

/// The relay's host and port; 25 where none is named.
fn relay_port(args: &SendArgs) -> anyhow::Result<(&str, u16)> {
    relay::check_relay(&args.relay)?;
    let Some((host, port)) = host_port::split(&args.relay) else { bail!("--relay: give HOST or HOST:PORT") };
    let port = port.unwrap_or(25);
    if handover::begins_with_tls(port) && args.tls == TlsWhen::Never {
        bail!("--tls never: port {port} begins with TLS; name another port, or leave --tls out");
    }
    Ok((host, port))
}

/// The message's octets; an mbox of several is refused.
fn one_message(args: &SendArgs) -> anyhow::Result<Vec<u8>> {
    let raw = input::read(&args.message, "message", input::MAX_MESSAGE)?;
    let file = args.message.shown();
    let count = mailbox::messages(&raw).len();
    if count > 1 {
        bail!(
            "{file} is an mbox of {count} messages; send hands over one: give a file with that message alone"
        );
    }
    Ok(raw)
}

/// The recipients, each once.
fn recipients(args: &SendArgs) -> anyhow::Result<Vec<String>> {
    let mut to: Vec<String> = Vec::new();
    for address in &args.to {
        if !to.contains(address) {
            to.push(address.clone());
        }
    }
    if to.len() > MOST_RECIPIENTS {
        bail!(
            "--to: {} recipients; one hand-over takes at most {MOST_RECIPIENTS}, the rest in another run",
            to.len()
        );
    }
    Ok(to)
}

/// Nothing sent (`--dry-run`) is nothing wrong.
fn exit(outcome: Option<Outcome>) -> Exit {
    match outcome {
        None | Some(Outcome::Accepted) => Exit::Clean,
        Some(Outcome::Partly | Outcome::Deferred | Outcome::Rejected) => Exit::Findings,
        Some(Outcome::Unknown) => Exit::Unknown,
    }
}

/// Flags of every command that would make the answer look like something it is not.
fn refuse_contradictions(args: &SendArgs, global: &GlobalArgs) -> anyhow::Result<()> {
    if global.offline && !args.dry_run {
        bail!("--offline: send talks to a relay; leave it out, or give --dry-run to see what would be sent");
    }
    if global.replay.is_some() {
        bail!(
            "--replay: send would have nothing to do, since a replay must never send; show the --format json=FILE of that run"
        );
    }
    if global.record.is_some() {
        bail!(
            "--record: send keeps no recording, since a replay must never send; --format json=FILE keeps the dialogue"
        );
    }
    Ok(())
}

fn login(args: &SendArgs) -> anyhow::Result<Option<Login>> {
    let Some(user) = &args.user else { return Ok(None) };
    if args.tls == TlsWhen::Never {
        bail!("--user with --tls never: a password is sent over TLS alone; leave one of them out");
    }
    let password = match &args.password_file {
        Some(path) => {
            let text = input::read_text(path, "password file")?;
            text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n')).unwrap_or(&text).to_owned()
        }
        None => match std::env::var(PASSWORD_VARIABLE) {
            Ok(password) => password,
            Err(_) => {
                bail!(
                    "--user {}: give --password-file FILE, or set {PASSWORD_VARIABLE}",
                    plain(user, Width::Name)
                )
            }
        },
    };
    if password.is_empty() {
        bail!("the password is empty; write it on the first line of the file, or set {PASSWORD_VARIABLE}");
    }
    if password.contains(['\0', '\n', '\r']) || user.contains(char::is_control) || user.is_empty() {
        bail!("a user name and a password of one line are needed, without control characters (RFC 4616)");
    }
    Ok(Some(Login { user: user.clone(), password }))
}

/// Says what will be sent before anything is asked; also with `-q`.
fn announce(args: &SendArgs, to: &[String], size: u64, id: Option<&str>) {
    let will = if args.dry_run { "would send" } else { "will send" };
    let text = format!(
        "{will}: {} ({size} octets, {}) from <{}> to <{}> over {}",
        args.message.shown(),
        id.map_or("no Message-ID".to_owned(), |id| format!("Message-ID <{id}>")),
        args.from,
        to.join(">, <"),
        args.relay
    );
    output::say(&plain(&text, Width::Block));
}

fn hand_over(mut order: Order<'_>, session: &Session, scope: &Scope) -> anyhow::Result<Handover> {
    let literal: Option<IpAddr> = match order.relay.parse() {
        Ok(ip) => Some(ip),
        // RFC 6761 section 6.3: never asked for in DNS.
        Err(_) if order.relay.eq_ignore_ascii_case("localhost") => Some(IpAddr::from([127, 0, 0, 1])),
        Err(_) => None,
    };
    let name = Name::lenient(order.relay);
    let unnamed = SocketAddr::new(IpAddr::from([0, 0, 0, 0]), order.port);
    // A rule for the host makes its address in DNS a matter of no interest.
    let ruled = Some(scope.dialogue.destination(&name, unnamed)).filter(|to| *to != unnamed);
    let (runtime, sources, limits) = session.connect_for(|| literal.is_none() && ruled.is_none(), 1)?;
    let run = if session.global.deadline.is_some() { limits.run } else { LONGEST_RUN };
    let times =
        Times { connect: limits.question, reply: limits.reply, verdict: limits.question * VERDICT, run };
    let handover = runtime.block_on(async {
        let found = match (ruled, literal) {
            (Some(to), _) => Ok(vec![to]),
            (None, Some(ip)) => Ok(vec![SocketAddr::new(ip, order.port)]),
            (None, None) => addresses::of(&name, &sources, &limits)
                .await
                .map(|found| found.into_iter().map(|ip| SocketAddr::new(ip, order.port)).collect()),
        };
        match found {
            Ok(found) => {
                order.addresses = found;
                handover::run(&order, &times).await
            }
            Err(detail) => Handover {
                recipients: order.to.iter().map(|address| (address.clone(), None)).collect(),
                broken: Some(Broken { stage: "DNS".to_owned(), trouble: Trouble::Other, detail }),
                ..Handover::default()
            },
        }
    });
    runtime.shutdown_background();
    Ok(handover)
}
