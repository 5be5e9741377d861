//! `mailvet queue FILE ...`: what is stuck in a queue, why, and who must act.

use std::path::PathBuf;

use clap::Args;
use jiff::tz::TimeZone;

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output::{self, AnswerFormat};
use super::session::Session;
use super::triage::Reading;
use super::{log_zone, reading, triage};
use crate::gather::logs::{self, Seek};
use crate::model::Severity;
use crate::model::traffic::TrafficSummary;
use crate::model::untrusted::Width;
use crate::parse::log::Dialect;
use crate::render::queue::Report;
use crate::triage::cause::Cause;
use crate::triage::queue::{self, Stuck};
use crate::triage::search::Query;

#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  postqueue -j | mailvet queue\n  exim -bp | mailvet queue\n  \
    mailvet queue queue.txt /var/log/mail.log --format json\n\n\
    Reads postqueue -j and -p, mailq, exim -bp, qmail-qread, and the CSV of Exchange's Get-Message and\n\
    Get-Queue, alone or beside logs. Asks nothing and runs no command: the commands are for you to paste.\n\
    Exit 0: nothing at or above --fail-on is stuck (mail that waits is medium, greylisted mail low);
\
    1: something is; 2: no queue listing and no log; 3: nothing of the listing could be read.")]
pub struct QueueArgs {
    /// Queue listings, with or without mail logs; - or nothing for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub files: Vec<PathBuf>,
    /// The zone of stamps that state none: a name such as Europe/Berlin, or +02:00
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<String>,
}

pub(super) fn run(args: &QueueArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let session = Session::new(global)?;
    let zone: Option<TimeZone> = args.timezone.as_deref().map(log_zone::named).transpose()?;
    let logs = logs::open(&args.files, None)?;
    // `postqueue -j` says nothing at all of an empty queue.
    let empty = logs.iter().all(|log| log.bytes() == 0);
    let listed = logs.iter().any(|log| log.dialect == Some(Dialect::MailQueue));
    if !empty {
        triage::dialects(&logs)?;
    }
    let reading = Reading { logs: &logs, zone, now: session.clock(), asking: None };
    let found = triage::search(&reading, &Seek::default(), &Query::default())?;
    let groups = queue::stuck(&found.messages);
    let mut notes = found.notes;
    if !empty && !listed {
        notes.push("no queue listing among the files: what waits is told by the logs alone".to_owned());
    }
    if empty {
        notes.push(
            "the listing holds nothing at all, as of an empty queue; a command that failed prints as little, so \
             see that it ended with exit code 0"
                .to_owned(),
        );
    }
    let summary = reading::summary(&logs, session.clock())?;
    let not_read: Vec<String> = triage::not_read(&logs).collect();
    notes.extend(not_read.iter().cloned());
    let torn = summary.unparsed > 0;
    notes.extend(not_understood(&summary));
    // A log in which nothing waits is no listing of the queue.
    let unread = torn || (!empty && !listed) || !not_read.is_empty();
    let report = Report { groups: &groups, notes: &notes, unread, redact: global.redact };
    for out in &outputs {
        let look = output::look(global, out);
        let text = match out.format {
            AnswerFormat::Json => crate::render::json::queue::text(&report),
            AnswerFormat::Terminal => crate::render::queue::terminal(&report, look),
        };
        output::write(out, &text)?;
    }
    if !not_read.is_empty() {
        return Ok(Exit::Usage);
    }
    match session.exit(groups.iter().map(severity).max())? {
        // What waits in the lines not understood may be the worst.
        Exit::Clean if unread => Ok(Exit::Unknown),
        exit => Ok(exit),
    }
}

/// Lines that may speak of what waits.
fn not_understood(summary: &TrafficSummary) -> Option<String> {
    let first = summary.unparsed_examples.first();
    let first = first.map(|(place, text)| {
        format!(", the first {}:{}: {}", place.file, place.line, text.plain(Width::Line))
    });
    let (count, all) = (summary.unparsed, summary.lines);
    (count > 0).then(|| format!("{count} of {all} lines not understood{}", first.unwrap_or_default()))
}

fn severity(group: &Stuck) -> Severity {
    match group.cause {
        Cause::Greylisted => Severity::Low,
        _ if group.reply.is_empty() && !group.held => Severity::Info,
        _ => Severity::Medium,
    }
}
