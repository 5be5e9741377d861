//! `mailvet triage FILE ...`: what became of a message, from the logs.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::asking::Asking;
use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output::TicketFormat;
use super::session::Session;
use super::{confirm, log_args, log_zone, output, reading};
use crate::gather::logs::{self, Seek};
use crate::model::Severity;
use crate::model::traffic::TrafficSummary;
use crate::model::untrusted::Width;
use crate::parse::log::Dialect;
use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::record::LogEvent;
use crate::render::triage::{self as draw, Report};
use crate::triage::cause::Cause;
use crate::triage::confirm::{Circumstances, Claim};
use crate::triage::custody::Hosts;
use crate::triage::reply::classify;
use crate::triage::search::Query;
use crate::triage::story::{self, Message, Recipient, Status};

#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  mailvet triage /var/log/mail.log --recipient jane@example.org\n  \
    mailvet triage imail.txt relay/mail.log* --queue-id 76987E006C\n  \
    mailvet triage mail.log --recipient '*@example.org' --since 2026-11-01 --format markdown\n\n\
    A cause that the DNS can show (a list named by the reply, a missing PTR name, failed SPF or\n\
    DMARC, a domain without a server) is looked up, within 5 seconds, and the story says whether it\n\
    is still so; without a filter, the ten most frequent of logs up to 16 MiB. With --ask-mx the MX records\n\
    of recipients' domains are asked for too (up to 50): a host they name took the mail as the recipient's own\n\
    server, which is delivery. --offline asks nothing, --replay answers from its recording alone.")]
pub struct TriageArgs {
    /// Mail logs of one or several hops: plain or packed, rotated sets, folders, - for standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Recipient address, a part of it, or a pattern with * and ?
    #[arg(long, value_name = "ADDRESS")]
    pub recipient: Option<String>,
    /// Envelope sender, likewise
    #[arg(long, value_name = "ADDRESS")]
    pub sender: Option<String>,
    /// Message-ID, likewise
    #[arg(long, value_name = "ID", hide_short_help = true)]
    pub message_id: Option<String>,
    /// Queue id on any hop
    #[arg(long, value_name = "ID")]
    pub queue_id: Option<String>,
    /// Messages with an event at or after: a date, or a date and time (UTC)
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Messages with an event at or before
    #[arg(long, value_name = "TIME", hide_short_help = true)]
    pub until: Option<String>,
    /// How the logs are written, where their content does not tell
    #[arg(long, value_name = "NAME", value_parser = log_args::dialects(), ignore_case = true, hide_short_help = true)]
    pub dialect: Option<Dialect>,
    /// The zone of log stamps that state none: a name such as Europe/Berlin, or +02:00; without it the zone is learnt from hops joined, else this machine's
    #[arg(long, value_name = "ZONE", hide_short_help = true)]
    pub timezone: Option<String>,
    /// Ask the DNS for the MX records of recipients' domains, as proof of who took a message
    #[arg(long)]
    pub ask_mx: bool,
    /// Our sending address, where neither log nor reply names it: to confirm the cause
    #[arg(long, value_name = "ADDR", hide_short_help = true)]
    pub ip: Option<String>,
}

/// Messages listed without a filter; with one, all that match.
const LISTED: usize = 1000;
const LISTED_FILTERED: usize = 10_000;
/// Causes looked up without a filter: the most frequent.
const CONFIRMED: usize = 10;
/// Of logs up to this size every message is reported where no filter is given.
const WHOLE: u64 = 16 << 20;

pub(super) fn run(args: &TriageArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let session = Session::new(global)?;
    let query = query(args)?;
    let own = confirm::own_address(args.ip.as_deref())?;
    let zone = args.timezone.as_deref().map(log_zone::named).transpose()?;
    let logs = logs::open(&args.files, args.dialect)?;
    let dialects = dialects(&logs)?;
    let asking = Asking::new(&session)?.map(RefCell::new);
    let reading =
        Reading { logs: &logs, zone, now: session.clock(), asking: asking.as_ref().filter(|_| args.ask_mx) };
    let mut found = match query.is_empty() {
        true => everything(&reading, &query)?,
        false => searched(&reading, &query)?,
    };
    let small = logs.iter().map(logs::LogFile::bytes).sum::<u64>() <= WHOLE;
    match query.is_empty() {
        true if !small => {}
        true => found.confirm(asking.as_ref(), own, CONFIRMED)?,
        false => found.confirm(asking.as_ref(), own, confirm::MOST)?,
    }
    if args.ask_mx && asking.is_none() {
        found.notes.push("--ask-mx: nothing was asked, as --offline says".to_owned());
    }
    if let Some(asking) = asking {
        asking.into_inner().finish()?;
    }
    let unread: Vec<String> = not_read(&logs).collect();
    found.notes.extend(unread.iter().cloned());
    let files: Vec<String> = logs.iter().map(|log| log.name.clone()).collect();
    let report = Report {
        query: query.describe(),
        files: &files,
        dialects: &dialects,
        messages: &found.messages,
        total: found.total,
        nearest: &found.nearest,
        summary: found.summary.as_ref(),
        notes: &found.notes,
        redact: global.redact,
    };
    for out in &outputs {
        let look = output::look(global, out);
        let text = match out.format {
            TicketFormat::Json => crate::render::json::triage::text(&report),
            TicketFormat::Markdown => draw::markdown(&report, look.verbose),
            TicketFormat::Terminal => draw::terminal(&report, look),
        };
        output::write(out, &text)?;
    }
    // What stands in a file that was not read may be the answer.
    if !unread.is_empty() {
        return Ok(Exit::Usage);
    }
    if found.total == 0 && !query.is_empty() {
        return Ok(Exit::Unknown);
    }
    let worst = found.messages.iter().flat_map(|message| &message.recipients).filter_map(severity).max();
    session.exit(worst)
}

/// Files in no dialect known, damaged ones, and those that were cut while they were read: named, never left out
/// in silence. To be asked once all was read.
pub(super) fn not_read(logs: &[logs::LogFile]) -> impl Iterator<Item = String> {
    logs.iter().filter_map(|log| match log.dialect {
        None if log.bytes() > 0 => Some(format!("{}: {}", log.name, log_args::remedy(log))),
        _ => log.unread(),
    })
}

fn query(args: &TriageArgs) -> anyhow::Result<Query> {
    Ok(Query {
        recipient: args.recipient.clone(),
        sender: args.sender.clone(),
        message_id: args.message_id.clone(),
        queue_id: args.queue_id.clone(),
        since: args.since.as_deref().map(|text| instant("since", text, false)).transpose()?,
        until: args.until.as_deref().map(|text| instant("until", text, true)).transpose()?,
    })
}

/// The dialects of the logs; without any there is nothing to report.
pub(super) fn dialects(logs: &[logs::LogFile]) -> anyhow::Result<Vec<String>> {
    let mut dialects: Vec<String> = Vec::new();
    for dialect in logs.iter().filter_map(|log| log.dialect) {
        if !dialects.iter().any(|known| known == dialect.name()) {
            dialects.push(dialect.name().to_owned());
        }
    }
    if dialects.is_empty() {
        let names = logs.iter().map(|log| log.name.as_str()).collect::<Vec<_>>().join(", ");
        let names = crate::model::untrusted::plain(&names, Width::Record);
        if logs.iter().all(|log| log.bytes() == 0) {
            bail!("{names}: empty; give a log with lines in it, such as the one before the last rotation");
        }
        let remedies: BTreeSet<String> =
            logs.iter().filter(|log| log.bytes() > 0).map(log_args::remedy).collect();
        bail!("{names}: {}", remedies.into_iter().collect::<Vec<_>>().join("; "));
    }
    Ok(dialects)
}

/// What is read and how its times are taken.
pub(super) struct Reading<'l, 's> {
    pub logs: &'l [logs::LogFile],
    pub zone: Option<TimeZone>,
    pub now: Timestamp,
    /// To ask for the mail servers of recipients' domains, where that is wanted.
    pub asking: Option<&'l RefCell<Asking<'s>>>,
}

/// Without a filter: all messages of small logs, the undelivered of large ones.
fn everything(reading: &Reading<'_, '_>, query: &Query) -> anyhow::Result<Found> {
    let summary = reading::summary(reading.logs, reading.now)?;
    let mut found = Found::default();
    if reading.logs.iter().map(logs::LogFile::bytes).sum::<u64>() <= WHOLE {
        found = search(reading, &Seek::default(), query)?;
    } else {
        found.messages = summary.undelivered.iter().map(story::brief).collect();
        let ends = summary.until.map_or(NO_TIME, Timestamp::as_millisecond);
        let clock = story::Clock { offset: 0, now: reading.now.as_millisecond(), ends };
        found.messages.iter_mut().for_each(|message| message.read_by(clock));
        found.omitted = summary.undelivered_total.saturating_sub(found.messages.len() as u64);
        found.notes.push(
            "the logs are large: only the latest undelivered recipients are listed, in brief; give a filter for a full story".to_owned(),
        );
    }
    found.summary = Some(summary);
    found.limit(LISTED);
    Ok(found)
}

/// With a filter: the messages meant, else what comes nearest.
fn searched(reading: &Reading<'_, '_>, query: &Query) -> anyhow::Result<Found> {
    let seek = Seek { literals: query.literal().into_iter().collect(), follow: true, any_case: false };
    let mut found = search(reading, &seek, query)?;
    if found.messages.is_empty() && !seek.literals.is_empty() {
        found = search(reading, &Seek { any_case: true, ..seek }, query)?;
    }
    if found.messages.is_empty() {
        let literals = query.relatives();
        let near = Seek { literals, any_case: true, follow: false };
        let events: Vec<LogEvent> = match near.literals.is_empty() {
            true => Vec::new(),
            false => logs::collect(reading.logs, &near, reading.now)?.events,
        };
        found.nearest = query.nearest(&events);
        found.summary = Some(reading::summary(reading.logs, reading.now)?);
    }
    found.limit(LISTED_FILTERED);
    Ok(found)
}

#[derive(Default)]
pub(super) struct Found {
    pub messages: Vec<Message>,
    total: u64,
    nearest: Vec<String>,
    summary: Option<TrafficSummary>,
    pub notes: Vec<String>,
    /// Known only by number.
    omitted: u64,
}

impl Found {
    /// Keeps the worst, in the order of time.
    fn limit(&mut self, most: usize) {
        self.total = self.messages.len() as u64 + self.omitted;
        if self.messages.len() > most {
            let mut messages = std::mem::take(&mut self.messages);
            messages.sort_by_key(|message| (message.worst(), std::cmp::Reverse(message.received)));
            messages.truncate(most);
            messages.sort_by(|a, b| (a.received, &a.ids).cmp(&(b.received, &b.ids)));
            self.messages = messages;
        }
    }

    /// Asks whether the causes still hold, of the `most` frequent.
    fn confirm(
        &mut self,
        asking: Option<&RefCell<Asking<'_>>>,
        own: Option<IpAddr>,
        most: usize,
    ) -> anyhow::Result<()> {
        let claims: Vec<Vec<Option<Claim>>> = self
            .messages
            .iter()
            .map(|message| message.recipients.iter().map(|one| claim(message, one, own)).collect())
            .collect();
        let mut counted: BTreeMap<&Claim, usize> = BTreeMap::new();
        for claim in claims.iter().flatten().flatten() {
            *counted.entry(claim).or_default() += 1;
        }
        let total = counted.len();
        let mut frequent: Vec<(&Claim, usize)> = counted.into_iter().collect();
        frequent.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let chosen: BTreeSet<Claim> =
            frequent.into_iter().take(most).map(|(claim, _)| claim.clone()).collect();
        let mut asking = asking.map(RefCell::borrow_mut);
        let confirmed = confirm::confirm(asking.as_deref_mut(), chosen)?;
        if total > confirmed.len() && !confirmed.is_empty() {
            self.notes.push(format!(
                "{} of {total} different causes were looked up; narrow the search to see the others confirmed",
                confirmed.len()
            ));
        }
        for (message, claims) in self.messages.iter_mut().zip(claims) {
            for (recipient, claim) in message.recipients.iter_mut().zip(claims) {
                recipient.confirmation = claim.and_then(|claim| confirmed.get(&claim).cloned());
                let waits = recipient.status == Status::Deferred;
                let step = recipient.confirmation.as_ref().and_then(|seen| seen.step(waits));
                if let Some(step) = step {
                    recipient.advice.insert(0, step.to_owned());
                }
            }
        }
        Ok(())
    }
}

/// What the failure of a recipient's copy claims about the DNS.
fn claim(message: &Message, recipient: &Recipient, own: Option<IpAddr>) -> Option<Claim> {
    let failed =
        matches!(recipient.status, Status::Deferred | Status::Bounced | Status::Expired | Status::Rejected);
    if !failed || recipient.reply.is_empty() {
        return None;
    }
    let remote = recipient.remote_ip.parse::<IpAddr>().ok();
    // What our own server refused came from the address it names.
    let refused = recipient.status == Status::Rejected;
    let logged = recipient
        .events
        .iter()
        .filter_map(|index| message.events.get(*index))
        .find_map(|event| event.source.parse::<IpAddr>().ok());
    let known = Circumstances {
        own: if refused { remote } else { own.or(logged) },
        sender: message.sender.clone(),
        recipient: recipient.address.clone(),
        remote: if refused { None } else { remote },
    };
    let host = Some(recipient.remote_host.as_str()).filter(|host| !host.is_empty());
    Claim::of(&classify(&recipient.reply, host), &known)
}

pub(super) fn search(reading: &Reading<'_, '_>, seek: &Seek, query: &Query) -> anyhow::Result<Found> {
    let mut collected = logs::collect(reading.logs, seek, reading.now)?;
    let machine = TimeZone::system();
    let local = |at| log_zone::offset(&machine, at);
    let given = reading.zone.as_ref().map(|zone| |at| log_zone::offset(zone, at));
    let given = given.as_ref().map(|given| given as &dyn Fn(i64) -> i32);
    let found = collected.events.len();
    collected.events.append(&mut collected.ends);
    let zones = story::zone::settle(&mut collected.events, given, &local);
    let ends = collected.events.split_off(found);
    let mut hosts = Hosts::seen(&collected.events);
    if let Some(asking) = reading.asking {
        let open = confirm::exchangers(&mut asking.borrow_mut(), &collected.events, &mut hosts)?;
        collected.notes.extend(open);
    }
    let mut messages = story::join_with(collected.events, &hosts);
    messages.retain(|message| query.matches(message));
    for message in &mut messages {
        query.narrow(message);
        // A listing is of the present, whenever the message came.
        let listed = message.events.last().is_some_and(LogEvent::is_listed);
        let now = if listed { NO_TIME } else { reading.now.as_millisecond() };
        let last = message.events.iter().rev().find_map(|event| zones.get(&event.location.file));
        let ends = message.events.last().map_or(NO_TIME, |event| log_end(event, &ends));
        message.read_by(story::Clock { offset: last.copied().unwrap_or(0), now, ends });
    }
    // Sessions refused and notes are no mail; they show where they are asked for.
    messages.retain(|message| !message.recipients.is_empty());
    Ok(Found { messages, notes: collected.notes.into_iter().collect(), ..Found::default() })
}

/// The last stamp of the log that `event` is from, in whichever file that log goes on.
fn log_end(event: &LogEvent, ends: &[LogEvent]) -> Millis {
    let same = |end: &&LogEvent| end.dialect == event.dialect && end.log_host == event.log_host;
    ends.iter().filter(same).map(|end| end.at).max().unwrap_or(NO_TIME)
}

/// How much a recipient's fate matters for the exit code.
fn severity(recipient: &story::Recipient) -> Option<Severity> {
    match (recipient.status, recipient.cause) {
        (_, Some(Cause::Complaint)) => Some(Severity::High),
        (Status::Delivered, _) => None,
        (Status::AcceptedByRelay, _) => Some(Severity::Info),
        (Status::Deferred, Some(Cause::Greylisted)) => Some(Severity::Low),
        (Status::Queued, _) => Some(Severity::Low),
        (Status::Deferred | Status::Held | Status::NeverLeft | Status::Unknown, _) => Some(Severity::Medium),
        (
            Status::Bounced
            | Status::Expired
            | Status::Rejected
            | Status::Discarded
            | Status::Quarantined
            | Status::Deleted,
            _,
        ) => Some(Severity::High),
    }
}

/// `2026-11-23`, `2026-11-23 10:15`, or RFC 3339; without a zone, UTC. A date
/// alone means its first or last moment.
fn instant(flag: &str, text: &str, end: bool) -> anyhow::Result<i64> {
    let typed = text.trim();
    if let Ok(at) = typed.parse::<Timestamp>() {
        return Ok(at.as_millisecond());
    }
    let full = match typed.len() {
        10 if end => format!("{typed}T23:59:59.999Z"),
        10 => format!("{typed}T00:00:00Z"),
        16 => format!("{}:00Z", typed.replacen(' ', "T", 1)),
        _ => format!("{}Z", typed.replacen(' ', "T", 1)),
    };
    full.parse::<Timestamp>().map(|at| at.as_millisecond()).with_context(|| {
        format!(
            "--{flag} {}: give 2026-11-23 or 2026-11-23T10:15:00Z",
            crate::model::untrusted::plain(text, Width::Word)
        )
    })
}
