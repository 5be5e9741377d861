//! `mailvet suppress FILE ...`: which addresses to stop mailing, from logs, bounces and complaints.

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::session::Session;
use super::{input, log_args, output};
use crate::gather::logs::{self, LogFile};
use crate::model::Location;
use crate::parse::bounce;
use crate::parse::log::Dialect;
use crate::parse::report::file::{self, Document};
use crate::render::suppress::{Importer, Report};
use crate::triage::bounce::{BounceVerdict, Kind, judge};
use crate::triage::suppress::{Ledger, Nameless, Sign, Signal, SoftRule, Waiting};

#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  mailvet suppress /var/log/mail.log* ~/Maildir/bounces\n  \
    mailvet suppress --for listmonk --output stop.csv mail.log reports/\n  \
    mailvet suppress --soft 3/14 --format json mail.log\n\n\
    Stopped are: who complained or asked to be left out; whose mailbox does not exist, by the receiver's own code or a\n\
    known wording; whose mailbox could not be reached on so many days (--soft). A refused content, a bad reputation or\n\
    a slowed connection stops nobody: such words are about the mail or its sender. What was told by likeness or stands\n\
    in a notice's prose only is listed apart, with the reason. A delivery after a bounce lifts it.\n\
    Anyone can forge a bounce: hold those of strangers' addresses against the log.\n\n\
    Columns: mailman (remove_members -f), listmonk (import, mode blocklist), mautic (map donotContact to Do not contact),\n\
    ses (bulk import of the account-level suppression list, 100,000 a file), sendgrid (one column email).\n\n\
    Exit 0: the list is written, also an empty one; 2: a file could not be read (the rest is in the list);\n\
    3: nothing given tells of a recipient.")]
pub struct SuppressArgs {
    /// Mail logs, bounces, complaint reports, mailbox files, folders of them, - for standard input
    #[arg(value_name = "FILE|DIR|-", required = true)]
    pub files: Vec<PathBuf>,
    /// Soft bounces on so many days within so many stop an address
    #[arg(long, value_name = "N/DAYS", default_value = "5/30")]
    pub soft: SoftRule,
    /// Write the columns that this mailer imports
    #[arg(long = "for", value_name = "MAILER")]
    pub mailer: Option<Mailer>,
    /// How the logs are written, where their content does not tell
    #[arg(long, value_name = "NAME", value_parser = log_args::dialects(), ignore_case = true)]
    pub dialect: Option<Dialect>,
}

/// Mailers whose columns are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mailer {
    /// An address a line.
    Mailman,
    /// email, name, attributes.
    Listmonk,
    /// email, donotContact.
    Mautic,
    /// Address and reason, without a header.
    Ses,
    /// email.
    Sendgrid,
}

impl Mailer {
    fn importer(self) -> Importer {
        match self {
            Mailer::Mailman => Importer::Mailman,
            Mailer::Listmonk => Importer::Listmonk,
            Mailer::Mautic => Importer::Mautic,
            Mailer::Ses => Importer::Ses,
            Mailer::Sendgrid => Importer::Sendgrid,
        }
    }
}

/// Formats of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    Terminal,
    Json,
    Csv,
}

pub(super) fn run(args: &SuppressArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let mut outputs = output::outputs(global)?;
    if args.mailer.is_some() && global.format.is_empty() {
        outputs.iter_mut().for_each(|out| out.format = ListFormat::Csv);
    }
    if args.mailer.is_some() && outputs.iter().all(|out| out.format != ListFormat::Csv) {
        bail!("--for names the columns of a CSV file; give --format csv, or no format");
    }
    let session = Session::new(global)?;
    let logs = logs::open(&input::named(&args.files)?, args.dialect)?;
    let mut reading =
        Reading { ledger: Ledger::new(args.soft), nameless: Nameless::default(), read: Read::default() };
    reading.logs(&logs, session.clock())?;
    for log in logs.iter().filter(|log| log.dialect.is_none()) {
        reading.notices(log);
    }
    reading.name_from_logs(&logs, session.clock())?;
    reading.read.failures.extend(logs.iter().filter_map(LogFile::unread));
    let Reading { ledger, read, .. } = reading;
    let list = ledger.finish();
    let failed = !read.failures.is_empty();
    let silent = read.signals == 0 && read.logs == 0 && read.notices == 0;
    let report = Report { list: &list, rule: args.soft, notes: &read.notes(), redact: global.redact };
    if !silent {
        for out in &outputs {
            let text = match out.format {
                ListFormat::Json => crate::render::json::suppress::text(&report),
                ListFormat::Csv => crate::render::suppress::csv(&report, args.mailer.map(Mailer::importer)),
                ListFormat::Terminal => crate::render::suppress::terminal(&report, output::look(global, out)),
            };
            output::write(out, &text)?;
        }
    }
    for failure in &read.failures {
        output::say(&format!("error: {}", crate::render::escape::terminal(failure)));
    }
    if silent && !failed {
        session.note("nothing given tells of a recipient: give mail logs, bounces or complaint reports");
    }
    Ok(match (failed, silent) {
        (true, _) => Exit::Usage,
        (false, true) => Exit::Unknown,
        (false, false) => Exit::Clean,
    })
}

struct Reading {
    ledger: Ledger,
    /// Complaints that name nobody, until the logs do.
    nameless: Nameless,
    read: Read,
}

/// What came of the files.
#[derive(Default)]
struct Read {
    logs: usize,
    notices: u64,
    signals: u64,
    /// Messages that are neither bounce nor complaint.
    others: u64,
    in_part: Vec<String>,
    failures: Vec<String>,
}

impl Read {
    fn notes(&self) -> Vec<String> {
        let mut notes = self.in_part.clone();
        if self.others > 0 {
            let what = if self.others == 1 { "message or report tells" } else { "messages or reports tell" };
            notes.push(format!("{} {what} of no recipient to stop", self.others));
        }
        notes.extend(self.failures.iter().map(|why| format!("not read: {why}")));
        notes
    }
}

/// Damaged parts of one file that are named.
const MOST_LOST: usize = 100;

impl Reading {
    fn logs(&mut self, logs: &[LogFile], now: jiff::Timestamp) -> anyhow::Result<()> {
        let mut waiting = Waiting::default();
        let (ledger, read) = (&mut self.ledger, &mut self.read);
        read.logs = logs.iter().filter(|log| log.dialect.is_some() && log.bytes() > 0).count();
        let years = logs::walk(logs, now, &mut |event, spot| {
            for waited in waiting.follow(event) {
                let one = crate::parse::log::Event { recipient: &waited, original: b"", ..*event };
                Signal::of_event(&one, || spot.location()).into_iter().for_each(|signal| ledger.add(signal));
            }
            if let Some(signal) = Signal::of_event(event, || spot.location()) {
                read.signals += u64::from(signal.sign != Sign::Delivered);
                ledger.add(signal);
            }
        })?;
        ledger.shift_years(years);
        if waiting.not_followed > 0 {
            read.in_part.push(format!(
                "{} deferrals were not followed: too many messages wait at once; whom the queue gave up on may be missing",
                waiting.not_followed
            ));
        }
        Ok(())
    }

    /// Bounces and complaints of one file.
    fn notices(&mut self, log: &LogFile) {
        let bytes = match log.whole(input::MAX_TEXT) {
            Ok(bytes) => bytes,
            Err(error) => return self.read.failures.push(format!("{}: {error}", log.name)),
        };
        let mut told = 0;
        let (mut line, mut counted) = (1u64, 0);
        for (number, raw) in bounce::messages(&bytes).into_iter().enumerate() {
            let verdict = judge(raw).filter(|verdict| verdict.kind != Kind::None);
            let start = offset(&bytes, raw).max(counted);
            line += memchr::memchr_iter(b'\n', &bytes[counted..start]).count() as u64;
            counted = start;
            let place = Location { file: log.name.clone(), line: u32::try_from(line).unwrap_or(u32::MAX) };
            match verdict {
                Some(verdict) => {
                    told += 1;
                    self.notice(&verdict, bounce::dated(raw).map(|at| at * 1000), &place);
                }
                None if number > 0 || told > 0 => self.read.others += 1,
                None => {}
            }
        }
        if told == 0 {
            self.packed(&log.name, &bytes);
        }
    }

    fn notice(&mut self, verdict: &BounceVerdict, at: Option<i64>, place: &Location) {
        self.read.notices += 1;
        for signal in Signal::of_notice(verdict, at, place) {
            self.read.signals += 1;
            if let Some(signal) = self.nameless.keep(verdict, signal) {
                self.ledger.add(signal);
            }
        }
    }

    /// Looks into the logs again for whom the messages of nameless complaints went to.
    fn name_from_logs(&mut self, logs: &[LogFile], now: jiff::Timestamp) -> anyhow::Result<()> {
        let mut nameless = std::mem::take(&mut self.nameless);
        if !nameless.is_empty() && self.read.logs > 0 {
            logs::walk(logs, now, &mut |event, _| nameless.follow(event))?;
        }
        nameless.finish().into_iter().for_each(|signal| self.ledger.add(signal));
        Ok(())
    }

    /// Complaints in archives and other wrappings.
    fn packed(&mut self, name: &str, bytes: &[u8]) {
        let read = &mut self.read;
        let (ledger, nameless) = (&mut self.ledger, &mut self.nameless);
        let mut first_failure = None;
        let mut lost = Vec::new();
        let mut understood = false;
        file::read(name, bytes, &mut |part, result| match result {
            Ok(Document::Complaint(complaint)) => {
                understood = true;
                read.notices += 1;
                let place = Location { file: part.to_owned(), line: 1 };
                let verdict = BounceVerdict::complaint(&complaint);
                for signal in Signal::of_notice(&verdict, None, &place) {
                    read.signals += 1;
                    if let Some(signal) = nameless.keep(&verdict, signal) {
                        ledger.add(signal);
                    }
                }
            }
            Ok(Document::Aggregate(_) | Document::Tls(_) | Document::Figures(_)) => {
                understood = true;
                read.notices += 1;
                read.others += 1;
            }
            Err(error) => {
                let told = format!("{part}: {error}");
                if error.is_lost && lost.len() < MOST_LOST {
                    lost.push(told.clone());
                }
                first_failure.get_or_insert(told);
            }
        });
        if understood {
            return read.failures.append(&mut lost);
        }
        // A letter among bounces is no fault of the file.
        if judge(bytes).is_some() && crate::parse::message::plausible(bytes).is_ok() {
            read.notices += 1;
            read.others += 1;
        } else if let Some(why) = first_failure {
            read.failures.push(match bytes.trim_ascii().is_empty() {
                true => format!("{name}: the file is empty; give a mail log, a bounce or a complaint"),
                false => format!("{why}; if the file is a mail log, name its dialect with --dialect"),
            });
        }
    }
}

/// Where a piece lies in the whole.
fn offset(whole: &[u8], piece: &[u8]) -> usize {
    (piece.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize).min(whole.len())
}
