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
    let reading = Reading { logs: &logs, zone, now: session.clock() };
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
    notes.extend(triage::not_read(&logs));
    let summary = reading::summary(&logs, session.clock())?;
    let torn = summary.unparsed > 0;
    if torn {
        let first = summary.unparsed_examples.first();
        let first = first.map(|(place, text)| {
            format!(", the first {}:{}: {}", place.file, place.line, text.plain(Width::Line))
        });
        notes.push(format!(
            "{} of {} lines not understood{}",
            summary.unparsed,
            summary.lines,
            first.unwrap_or_default()
        ));
    }
    // A log in which nothing waits is no listing of the queue.
    let unread = torn || (!empty && !listed);
    let report = Report { groups: &groups, notes: &notes, unread, redact: global.redact };
    for out in &outputs {
        let look = output::look(global, out);
        let text = match out.format {
            AnswerFormat::Json => crate::render::json::queue::text(&report),
            AnswerFormat::Terminal => crate::render::queue::terminal(&report, look),
        };
        output::write(out, &text)?;
    }
    if groups.is_empty() && unread {
        return Ok(Exit::Unknown);
    }
    session.exit(groups.iter().map(severity).max())
}

fn severity(group: &Stuck) -> Severity {
    match group.cause {
        Cause::Greylisted => Severity::Low,
        _ if group.reply.is_empty() && !group.held => Severity::Info,
        _ => Severity::Medium,
    }
}
