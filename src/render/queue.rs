//! What waits in a queue, as text: the oldest first, with who must act and commands to paste.

use super::escape;
use super::style::{Look, wrap};
use crate::model::Severity;
use crate::model::counted::counted;
use crate::model::redaction::shown;
use crate::model::untrusted::{Width, plain};
use crate::triage::queue::Stuck;
use crate::triage::queue_commands::commands;
use crate::triage::story::moment;

/// What `mailvet queue` found.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub groups: &'a [Stuck],
    pub notes: &'a [String],
    /// Lines were not understood, or no listing was given: nothing can be said to be empty.
    pub unread: bool,
    pub redact: bool,
}

/// For a terminal or pipe.
pub(crate) fn terminal(report: &Report<'_>, look: Look) -> String {
    let mut out = String::new();
    let mask = |text: &str| escape::terminal(&shown(text, report.redact));
    if report.groups.is_empty() {
        out.push_str(match report.unread {
            true => "No listing of a queue could be read: what is stuck is not known.\n",
            false => "The queue is empty: nothing is stuck.\n",
        });
    }
    for group in report.groups {
        out.push_str(&wrap(&look.bold(&mask(&heading(group))), look.width, "", "    "));
        if look.quiet {
            continue;
        }
        let mut row = |name: &str, text: &str| {
            if !text.is_empty() {
                out.push_str(&wrap(&mask(text), look.width, &format!("    {name:<10}"), "              "));
            }
        };
        row("cause", &format!("{} ({})", group.cause.title(), group.cause.name()));
        row("must act", group.who.title());
        row("reply", &plain(&group.reply, Width::Record));
        row("first", &group.ids.iter().map(|id| plain(id, Width::Name)).collect::<Vec<_>>().join(" "));
        for (number, step) in group.steps.iter().enumerate() {
            out.push_str(&wrap(&mask(step), look.width, &format!("    {:>2}. ", number + 1), "        "));
        }
        for (what, command) in
            group.ids.first().map(|id| commands(&group.agent, id, group.held)).unwrap_or_default()
        {
            out.push_str(&format!("    {}  # {what}\n", mask(&command)));
        }
        out.push('\n');
    }
    for note in report.notes {
        out.push_str(&wrap(&mask(note), look.width, &look.severity(Severity::Info, "note: "), "      "));
    }
    out
}

/// `3 recipients of 2 messages at example.net wait since ...: could not be reached`.
fn heading(group: &Stuck) -> String {
    let receiver = match group.receiver.as_str() {
        "" => String::new(),
        receiver => format!(" at {}", plain(receiver, Width::Name)),
    };
    let waits = match (group.held, group.reply.is_empty()) {
        (true, _) => "held until somebody releases them",
        (false, true) => "not tried yet as far as the listing says",
        (false, false) => "waiting",
    };
    let since = moment(group.oldest).map_or(String::new(), |at| format!(", the oldest since {at}"));
    let until = moment(group.until).map_or(String::new(), |at| format!(", the first given up about {at}"));
    format!(
        "{} of {}{receiver}: {waits}{since}{until}",
        counted(group.recipients, "recipient"),
        counted(group.messages, "message")
    )
}
