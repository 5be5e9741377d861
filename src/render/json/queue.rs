//! `mailvet/queue/1`: what waits in a queue.

use serde::Serialize;

use crate::model::redaction::shown;
use crate::parse::log::event::Millis;
use crate::parse::log::stamp::timestamp;
use crate::render::queue::Report;
use crate::triage::queue_commands::commands;

#[derive(Serialize)]
struct QueueV1 {
    schema: &'static str,
    /// False where lines were not understood: no group does not mean an empty queue then.
    complete: bool,
    /// Recipients that wait, and groups of them by cause and receiver, the oldest first.
    recipients: u64,
    groups: Vec<GroupV1>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct GroupV1 {
    cause: &'static str,
    cause_title: &'static str,
    receiver: String,
    who: &'static str,
    held: bool,
    messages: u64,
    recipients: u64,
    oldest: Option<String>,
    until: Option<String>,
    reply: String,
    steps: Vec<String>,
    queue_ids: Vec<String>,
    /// For the oldest message.
    commands: Vec<CommandV1>,
}

#[derive(Serialize)]
struct CommandV1 {
    purpose: &'static str,
    command: String,
}

pub(crate) fn text(report: &Report<'_>) -> String {
    let mask = |text: &str| shown(text, report.redact).into_owned();
    let at = |millis: Millis| timestamp(millis).map(|at| at.to_string());
    let groups = report.groups.iter().map(|group| GroupV1 {
        cause: group.cause.name(),
        cause_title: group.cause.title(),
        receiver: mask(&group.receiver),
        who: group.who.name(),
        held: group.held,
        messages: group.messages,
        recipients: group.recipients,
        oldest: at(group.oldest),
        until: at(group.until),
        reply: mask(&group.reply),
        steps: group.steps.iter().map(|step| mask(step)).collect(),
        queue_ids: group.ids.clone(),
        commands: group
            .ids
            .first()
            .map(|id| commands(&group.agent, id, group.held))
            .unwrap_or_default()
            .into_iter()
            .map(|(purpose, command)| CommandV1 { purpose, command })
            .collect(),
    });
    super::text(&QueueV1 {
        schema: "mailvet/queue/1",
        complete: !report.unread,
        recipients: report.groups.iter().map(|group| group.recipients).sum(),
        groups: groups.collect(),
        notes: report.notes.iter().map(|note| mask(note)).collect(),
    })
}
