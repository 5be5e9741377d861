//! The addresses to stop: for people, and in the columns that mailers import.

use super::escape;
use super::style::{Look, wrap};
use crate::model::Severity;
use crate::model::counted::counted;
use crate::model::redaction::shown;
use crate::model::untrusted::{Width, plain};
use crate::triage::suppress::{Entry, Reason, SoftRule, Suppression, day_of};

/// A mailer whose import takes addresses to stop, by the columns its documentation names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Importer {
    /// `remove_members -f FILE` and `mailman delmembers -f FILE`: an address a line.
    Mailman,
    /// `email,name,attributes`, imported in mode `blocklist` (listmonk.app/docs/apis/import, read 2026-11-30).
    Listmonk,
    /// `email,donotContact`, mapped to "Do not contact" (mautic/mautic issue 9027, read 2026-11-30).
    Mautic,
    /// `address,BOUNCE` or `address,COMPLAINT` without a header (Amazon SES, account-level suppression
    /// list, bulk import, read 2026-11-30).
    Ses,
    /// One column `email`.
    Sendgrid,
}

/// What `mailvet suppress` found.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub list: &'a Suppression,
    pub rule: SoftRule,
    pub notes: &'a [String],
    pub redact: bool,
}

/// Addresses shown on a terminal, and of those spared.
const SHOWN: usize = 50;
const SHOWN_SPARED: usize = 10;

/// For a terminal or pipe.
pub(crate) fn terminal(report: &Report<'_>, look: Look) -> String {
    let mask = |text: &str| escape::terminal(&shown(text, report.redact));
    let list = report.list;
    let of = |reason| list.stopped.iter().filter(|entry| entry.reason == reason).count();
    let parts: Vec<String> = [Reason::Complaint, Reason::OptOut, Reason::Hard, Reason::Soft]
        .into_iter()
        .filter(|reason| of(*reason) > 0)
        .map(|reason| counted(of(reason) as u64, noun(reason)))
        .collect();
    let head = match parts.is_empty() {
        true => "No address is to be stopped by what was given.".to_owned(),
        false => format!("{} to stop: {}", counted(list.stopped.len() as u64, "address"), parts.join(", ")),
    };
    let mut out = wrap(&look.bold(&head), look.width, "", "    ");
    for entry in list.stopped.iter().take(if look.quiet { 0 } else { SHOWN }) {
        out.push_str(&format!("\n - {}\n", mask(&plain(&entry.address, Width::Name))));
        let mut row = |name: &str, text: &str| {
            out.push_str(&wrap(&mask(text), look.width, &format!("   {name:<8}"), "           "))
        };
        row("why", &format!("{} ({}){}", title(entry), entry.reason.name(), when(entry)));
        if !entry.words.is_empty() {
            row("said", &plain(&entry.words, Width::Line));
        }
        row("at", &format!("{}:{}", plain(&entry.place.file, Width::Line), entry.place.line));
    }
    if list.stopped.len() > SHOWN && !look.quiet {
        out.push_str(&format!("\n{} more: --format csv lists all\n", list.stopped.len() - SHOWN));
    }
    if !list.spared.is_empty() && !look.quiet {
        out.push_str(&wrap("Not stopped, and worth a look:", look.width, "\n", ""));
    }
    for spared in list.spared.iter().take(if look.quiet { 0 } else { SHOWN_SPARED }) {
        let text = format!(
            "{}: {}, but {} ({}:{})",
            plain(&spared.address, Width::Name),
            spared.cause.title(),
            spared.why,
            plain(&spared.place.file, Width::Line),
            spared.place.line
        );
        out.push_str(&wrap(&mask(&text), look.width, " - ", "   "));
    }
    out.push('\n');
    for note in notes(report) {
        out.push_str(&wrap(&mask(&note), look.width, &look.severity(Severity::Info, "note: "), "      "));
    }
    out
}

/// Who asks to be left out calls nothing spam.
fn title(entry: &Entry) -> &'static str {
    match entry.reason {
        Reason::OptOut => "the recipient asked to be left out",
        _ => entry.cause.title(),
    }
}

fn noun(reason: Reason) -> &'static str {
    match reason {
        Reason::Complaint => "complaint",
        Reason::OptOut => "opt-out",
        Reason::Hard => "hard bounce",
        Reason::Soft => "address that bounces softly",
    }
}

/// `, 3 times from 2026-11-01 to 2026-11-20`.
fn when(entry: &Entry) -> String {
    let times = if entry.signs == 1 { String::new() } else { format!(", {} times", entry.signs) };
    match (entry.first, entry.last) {
        (Some(first), Some(last)) if day_of(first) != day_of(last) => {
            format!("{times} from {} to {}", day_of(first), day_of(last))
        }
        (Some(first), _) => format!("{times} on {}", day_of(first)),
        _ => times,
    }
}

/// What the reader of the list must know besides.
pub(super) fn notes(report: &Report<'_>) -> Vec<String> {
    let list = report.list;
    let mut notes = Vec::new();
    if list.below_the_rule > 0 {
        notes.push(format!(
            "{} bounced softly on fewer than {} days within {}: not stopped (--soft)",
            counted(list.below_the_rule, "address"),
            report.rule.times,
            report.rule.days
        ));
    }
    if list.nameless_complaints > 0 {
        notes.push(format!(
            "{} without a recipient: the receiver took the address out; find the message by its Message-ID",
            counted(list.nameless_complaints, "complaint")
        ));
    }
    if list.no_addresses > 0 {
        let (what, verb) = match list.no_addresses {
            1 => ("bounce or complaint", "names"),
            _ => ("bounces and complaints", "name"),
        };
        notes.push(format!(
            "{} {what} {verb} what is no address, or one with separators or quotes, which lists of mailers may take for two: not stopped",
            list.no_addresses
        ));
    }
    if list.not_kept > 0 {
        notes.push(match list.not_kept {
            1 => "1 sign of a further address was not kept: the list is cut".to_owned(),
            many => format!("{many} signs of further addresses were not kept: the list is cut"),
        });
    }
    notes.extend(report.notes.iter().cloned());
    notes
}

/// All stopped addresses, in our own columns or in a mailer's. An importer takes quotes
/// and a guard against spreadsheets for a part of the address; the ledger keeps none that
/// needs them.
pub(crate) fn csv(report: &Report<'_>, importer: Option<Importer>) -> String {
    let mut out = String::from(match importer {
        None => "address,reason,permanent,cause,first,last,signs,evidence,words\r\n",
        Some(Importer::Mailman | Importer::Ses) => "",
        Some(Importer::Listmonk) => "email,name,attributes\r\n",
        Some(Importer::Mautic) => "email,donotContact\r\n",
        Some(Importer::Sendgrid) => "email\r\n",
    });
    for entry in &report.list.stopped {
        let address = shown(&entry.address, report.redact);
        match importer {
            None => out.push_str(&own_row(entry, &address)),
            Some(Importer::Mailman | Importer::Sendgrid) => out.push_str(&address),
            Some(Importer::Mautic) => out.push_str(&format!("{address},1")),
            Some(Importer::Listmonk) => {
                out.push_str(&format!("{address},,\"{{\"\"stopped\"\": \"\"{}\"\"}}\"", entry.reason.name()))
            }
            // Opt-outs have no word of their own there.
            Some(Importer::Ses) => out.push_str(&format!(
                "{address},{}",
                if matches!(entry.reason, Reason::Hard | Reason::Soft) { "BOUNCE" } else { "COMPLAINT" }
            )),
        }
        // A list of lines for a shell ends them as a shell does.
        out.push_str(if importer == Some(Importer::Mailman) { "\n" } else { "\r\n" });
    }
    out
}

fn own_row(entry: &Entry, address: &str) -> String {
    let day = |at: Option<i64>| at.map(day_of).unwrap_or_default();
    let cells = [
        address.to_owned(),
        entry.reason.name().to_owned(),
        if entry.reason.is_permanent() { "yes" } else { "no" }.to_owned(),
        entry.cause.name().to_owned(),
        day(entry.first),
        day(entry.last),
        entry.signs.to_string(),
        format!("{}:{}", entry.place.file, entry.place.line),
        entry.words.clone(),
    ];
    cells.map(|cell| escape::csv(&cell)).join(",")
}
