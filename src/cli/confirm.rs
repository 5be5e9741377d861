//! Asks the DNS whether the causes found still hold. Bounded to a few seconds:
//! whoever has no network must not wait for it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::time::Instant;

use super::progress::Progress;
use super::session::Session;
use crate::facts::{Facts, Prepared};
use crate::gather::rounds::{Pace, ask_round};
use crate::model::untrusted::{Width, plain};
use crate::model::{Question, Scope, Target};
use crate::triage::confirm::Claim;
use crate::triage::confirmation::{Confirmation, State};

/// Bounds of the whole look unless `--deadline` names one, and of one question.
const RUN: Duration = Duration::from_secs(5);
const QUESTION: Duration = Duration::from_secs(3);
/// Questions a second.
const RATE: f64 = 200.0;
/// Different claims looked into; the rest stays without a confirmation.
pub(super) const MOST: usize = 50;

/// Each claim as the DNS has it now, or as the recording has it; nothing with
/// `--offline`.
pub(super) fn confirm(
    session: &Session,
    claims: BTreeSet<Claim>,
) -> anyhow::Result<BTreeMap<Claim, Confirmation>> {
    let global = session.global;
    if global.offline && global.replay.is_none() && global.zone.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut evidence = session.evidence(Target::default())?;
    let scope = Scope { topics: BTreeSet::new(), ..Scope::everything() };
    let prepared = Prepared::new(&evidence);
    let claims: Vec<Claim> = claims.into_iter().take(MOST).collect();
    let mut connection = None;
    let mut asked: BTreeSet<Question> = BTreeSet::new();
    let confirmed = loop {
        let facts = Facts::build(&evidence, &scope, &prepared);
        let seen: BTreeMap<Claim, Confirmation> =
            claims.iter().map(|claim| (claim.clone(), claim.confirm(&facts))).collect();
        let wanted: Vec<(Question, usize)> =
            facts.wanted().into_iter().filter(|question| !asked.contains(question)).map(|q| (q, 0)).collect();
        if wanted.is_empty() || global.replay.is_some() {
            break seen;
        }
        asked.extend(wanted.iter().map(|(question, _)| question.clone()));
        if connection.is_none() {
            connection = match session.connect() {
                Ok((runtime, sources, mut limits)) => {
                    limits.question = limits.question.min(QUESTION);
                    let run = if global.deadline.is_some() { limits.run } else { RUN };
                    Some((runtime, sources, limits, Instant::now() + run))
                }
                // A machine without a resolver still has its logs.
                Err(error) if global.servers.shown().is_empty() && global.zone.is_empty() => {
                    let why = Confirmation {
                        state: State::Unconfirmed,
                        seen: plain(&format!("{error:#}"), Width::Record),
                    };
                    break claims.into_iter().map(|claim| (claim, why.clone())).collect();
                }
                Err(error) => return Err(error),
            };
        }
        let Some((runtime, sources, limits, deadline)) = &connection else { break seen };
        let progress = Progress::new(global.quiet);
        let pace = Pace::new(RATE);
        let round = ask_round(wanted, sources, limits, &pace, *deadline, &progress);
        let answers = runtime.block_on(round);
        drop(progress);
        evidence.answers.extend(answers);
    };
    if let Some((runtime, ..)) = connection {
        // Sockets of abandoned questions must not hold the exit back.
        runtime.shutdown_background();
    }
    if let Some(path) = &global.record {
        super::session::save(global, path, &evidence)?;
    }
    Ok(confirmed)
}

/// The sending address a user gives with `--ip`.
pub(super) fn own_address(typed: Option<&str>) -> anyhow::Result<Option<IpAddr>> {
    let Some(text) = typed else { return Ok(None) };
    let bare = text.trim().trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(ip) if ip.is_unspecified() => bail!("--ip {ip}: give the address receivers see"),
        Ok(ip) => Ok(Some(ip.to_canonical())),
        Err(error) => Err(error).with_context(|| {
            format!("--ip {}: give an address such as 192.0.2.25", plain(text, Width::Name))
        }),
    }
}
