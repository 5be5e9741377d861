//! Messages and logs the user names, read into evidence.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;

use super::input;
use crate::evidence::{MessageEvidence, SettingsEvidence};
use crate::gather::logs::{self, LogFile};
use crate::model::Name;
use crate::model::signing::SigningSummary;
use crate::model::traffic::{Ending, TrafficSummary};
use crate::model::untrusted;
use crate::model::untrusted::Shown as _;
use crate::model::untrusted::Width;
use crate::parse::consent::Register;
use crate::parse::{ibmi, message};
use crate::triage::cause::Cause;
use crate::triage::reply;

/// The sample message; what is no mail is refused with the reason.
pub(super) fn message(path: &Path, raw: Vec<u8>) -> anyhow::Result<MessageEvidence> {
    let file = path.shown();
    message::plausible(&raw).with_context(|| format!("{file} is no mail message"))?;
    Ok(MessageEvidence { file, raw: raw.into() })
}

/// The settings of an IBM i as its operator printed them, without passwords.
pub(super) fn settings(path: &Path) -> anyhow::Result<SettingsEvidence> {
    let bytes = input::read(path, "settings of an IBM i", input::MAX_MESSAGE)?;
    let text = ibmi::without_secrets(&String::from_utf8_lossy(&bytes));
    let file = path.shown();
    if ibmi::IbmiSettings::parse(&text).is_empty() {
        let shown = untrusted::plain(&file, Width::Name);
        anyhow::bail!(
            "{shown} shows no setting of an IBM i\n  give CHGSMTPA, CHGTCPDMN, ADDTCPHTE and ADDSMTPLE as KEYWORD(value), \
             a printed prompt, or the host table of CFGTCP option 10"
        );
    }
    Ok(SettingsEvidence { file, text })
}

/// A list of subscribers.
pub(super) fn consent(path: &Path) -> anyhow::Result<Register> {
    let text = input::read(path, "list of subscribers", input::MAX_TEXT)?;
    Ok(Register::parse(&untrusted::plain(&path.shown(), Width::Record), &text)?)
}

/// The logs, streamed into bounded aggregates; `now` in seconds since 1970.
pub(super) fn logs(
    paths: &[PathBuf],
    consent: Option<&Register>,
    now: i64,
) -> anyhow::Result<TrafficSummary> {
    traffic(&logs::open(paths, None)?, consent, now)
}

/// As [`logs()`], of logs already opened; what is no mail log is refused.
pub(super) fn traffic(
    logs: &[LogFile],
    consent: Option<&Register>,
    now: i64,
) -> anyhow::Result<TrafficSummary> {
    let now = Timestamp::from_second(now).context("the clock is out of range")?;
    if let Some(log) = logs.iter().find(|log| log.dialect.is_none() && log.bytes() > 0) {
        anyhow::bail!(
            "{}: the content looks like no mail log known",
            untrusted::plain(&log.name, Width::Record)
        );
    }
    let mut summary = summary(logs, now)?;
    summary.consent = consent.map(|register| logs::compare(logs, register, now)).transpose()?;
    whole(logs)?;
    Ok(summary)
}

/// The DKIM selectors that the logs name; `own` are the sender's domains, where they are known.
pub(super) fn signing(logs: &[LogFile], own: &[Name]) -> anyhow::Result<SigningSummary> {
    let signing = logs::signers(logs, own)?;
    whole(logs)?;
    Ok(signing)
}

/// Refuses logs of which a part is unknown: a judgement over the rest would flatter. To be asked once they were read.
fn whole(logs: &[LogFile]) -> anyhow::Result<()> {
    match logs.iter().find_map(LogFile::unread) {
        Some(unread) => anyhow::bail!("{}", untrusted::plain(&unread, Width::Record)),
        None => Ok(()),
    }
}

/// The summary of logs already opened, each distinct reply with its cause.
pub(super) fn summary(logs: &[LogFile], now: Timestamp) -> anyhow::Result<TrafficSummary> {
    let mut summary = logs::summarize(logs, &logs::Options { now })?;
    for reply in &mut summary.replies {
        let host = if reply.host.is_empty() || reply.host == "none" { &reply.provider } else { &reply.host };
        let verdict = reply::classify(reply.text.raw(), Some(host.as_str()));
        // Still tried: nothing was given up yet.
        let waits = reply.ending == Ending::Deferred && verdict.cause == Cause::QueueExpired;
        let cause = if waits { Cause::NetworkFailure } else { verdict.cause };
        reply.cause = Some(cause.name().to_owned());
    }
    Ok(summary)
}
