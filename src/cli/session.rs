//! From flags to evidence: the clock, the sources, the loop. Shared by every
//! command that asks anything.

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::ValueEnum as _;

use super::exit::Exit;
use super::global_args::OnUnknown;
use super::global_args::{FailOn, GlobalArgs};
use super::{input, output, progress};
use crate::config::{self, Settings};
use crate::evidence::{self, Evidence};
use crate::facts::{Facts, Prepared};
use crate::gather::resolver::ResolverError;
use crate::gather::{self, Limits, Sources, dns::DnsClient, zonefile::ZoneFiles};
use crate::judge::finding::{CheckResult, Outcome};
use crate::model::untrusted::Shown as _;
use crate::model::untrusted::Width;
use crate::model::{Observation, Question, Scope, Severity, Source, Target};
use crate::policy::Policy;

/// What every command that asks needs, settled once.
pub struct Session<'a> {
    pub global: &'a GlobalArgs,
    pub settings: Settings,
    /// The clock to judge by, seconds since the Unix epoch; `None` until a replay names it.
    now: Option<i64>,
    /// Lowest severity that fails the run; `None`: none does.
    fail_on: Option<Severity>,
    /// What is wrong with zone files are findings of the report, and end no run.
    pub zones_are_judged: AtomicBool,
    /// What `--zone` names, once it was read: a server would read it for every message, and half of it
    /// where somebody writes the file meanwhile.
    zones: OnceLock<ZoneFiles>,
}

impl<'a> Session<'a> {
    /// Reads `mailvet.toml` and settles the clock.
    pub fn new(global: &'a GlobalArgs) -> anyhow::Result<Session<'a>> {
        let settings = match config_file(global)? {
            Some(path) => {
                let text = input::read_text(&path, "settings file")?;
                config::read(&path.shown(), &text)?
            }
            None => Settings::default(),
        };
        let now = match &global.now {
            None => None,
            Some(text) => Some(
                text.parse::<jiff::Timestamp>()
                    .with_context(|| format!("--now {text:?} is no time; write 2026-11-23T12:00:00Z"))?
                    .as_second(),
            ),
        };
        let fail_on = fail_on(global, &settings)?;
        Ok(Session { global, settings, now, fail_on, zones_are_judged: false.into(), zones: OnceLock::new() })
    }

    /// The lowest severity that fails the run.
    pub fn fail_on(&self) -> Option<Severity> {
        self.fail_on
    }

    /// The clock to judge by.
    pub fn clock(&self) -> jiff::Timestamp {
        self.now.and_then(|now| jiff::Timestamp::from_second(now).ok()).unwrap_or_else(jiff::Timestamp::now)
    }

    /// Evidence with its target and clock set, nothing asked yet. With `--replay`
    /// the recording's evidence; what the user names on top of it wins.
    pub fn evidence(&self, target: Target) -> anyhow::Result<Evidence> {
        let mut evidence = match &self.global.replay {
            Some(path) => {
                let text = input::read_text(path, "recording")?;
                evidence::load(&path.shown(), &text)?
            }
            None => Evidence { taken_at: jiff::Timestamp::now().as_second(), ..Evidence::default() },
        };
        if let Some(now) = self.now {
            evidence.taken_at = now;
        }
        merge_target(&mut evidence.target, target);
        Ok(evidence)
    }

    /// Asks all that the scope wants, and writes the recording where one is asked for.
    pub fn gather(&self, evidence: &mut Evidence, scope: &Scope, prepared: &Prepared) -> anyhow::Result<()> {
        self.gather_within(None, evidence, scope, prepared)
    }

    /// The same with a deadline of the command's own, where `--deadline` gives none.
    pub fn gather_within(
        &self,
        deadline: Option<std::time::Duration>,
        evidence: &mut Evidence,
        scope: &Scope,
        prepared: &Prepared,
    ) -> anyhow::Result<()> {
        if self.global.replay.is_some() {
            return Ok(());
        }
        self.tell_of_zones(evidence)?;
        let asks_dns = || {
            let wanted = Facts::build(evidence, scope, prepared).wanted();
            wanted.iter().any(Question::is_of_dns)
        };
        let (runtime, sources, mut limits) = self.connect_for(asks_dns, 1)?;
        if self.global.deadline.is_none() && scope.probe {
            // Slow mail servers take half a minute for a reply, and there are several.
            limits.run = std::time::Duration::from_secs(180);
        }
        if let (None, Some(deadline)) = (self.global.deadline, deadline) {
            limits.run = deadline;
        }
        let progress = progress::Progress::new(self.global.quiet);
        runtime.block_on(gather::gather(evidence, scope, prepared, &sources, &limits, &progress));
        self.warn_of_silence(evidence);
        // Sockets of abandoned questions must not hold the exit back.
        runtime.shutdown_background();
        drop(progress);
        if let Some(path) = &self.global.record {
            save(self.global, path, evidence)?;
        }
        Ok(())
    }

    /// What is wrong in the zone files given, for remedies: a text that a comment cut was meant whole.
    fn tell_of_zones(&self, evidence: &mut Evidence) -> anyhow::Result<()> {
        let Some(domain) = evidence.target.domain.clone().filter(|_| evidence.zone.is_none()) else {
            return Ok(());
        };
        for parsed in self.zones()?.parsed() {
            if parsed.zone.origin().is_some_and(|origin| domain.is_within(origin)) {
                evidence.zone.get_or_insert_default().extend(crate::parse::zone::problems(parsed));
            }
        }
        Ok(())
    }

    /// The runtime and the sources of answers, as the flags name them.
    pub fn connect(&self) -> anyhow::Result<(tokio::runtime::Runtime, Sources, Limits)> {
        self.connect_for(|| true, 1)
    }

    /// The same for work on so many threads.
    pub fn connect_threads(
        &self,
        threads: usize,
    ) -> anyhow::Result<(tokio::runtime::Runtime, Sources, Limits)> {
        self.connect_for(|| true, threads)
    }

    /// The same for a run that may ask no DNS at all, such as `relay 192.0.2.25`:
    /// it does without the system's resolvers where there are none.
    pub fn connect_for(
        &self,
        asks_dns: impl FnOnce() -> bool,
        threads: usize,
    ) -> anyhow::Result<(tokio::runtime::Runtime, Sources, Limits)> {
        let limits = self.limits();
        let zones = self.zones()?.clone();
        if !self.zones_are_judged.load(Ordering::Relaxed) {
            self.zone_problems(&zones)?;
        }
        let given = &self.global.servers;
        let servers = match given.servers() {
            _ if self.global.offline => None,
            Err(error) if matches!(error.downcast_ref(), Some(ResolverError::System(_))) && !asks_dns() => {
                Some(Vec::new())
            }
            servers => Some(servers?),
        };
        let anchors = given.anchors()?;
        // One thread for one subject: the work per answer is small, and handing sockets
        // between threads costs more than a second core gives.
        let mut runtime = match threads {
            1 => tokio::runtime::Builder::new_current_thread(),
            _ => tokio::runtime::Builder::new_multi_thread(),
        };
        let runtime = runtime
            .worker_threads(threads)
            .enable_all()
            .build()
            .context("cannot start the asynchronous runtime")?;
        let dns = runtime
            .block_on(async { servers.map(|servers| DnsClient::new(&servers, &limits)).transpose() })?;
        let dns = dns.map(|dns| dns.with_keys(self.settings.blocklists.wire_keys()));
        let dns = match anchors {
            Some(anchors) => dns.map(|dns| dns.with_anchors(anchors, &limits)),
            None => dns,
        };
        Ok((runtime, Sources { zones, dns: dns.map(std::sync::Arc::new) }, limits))
    }

    /// The zone files of `--zone`, read once in a run.
    pub fn zones(&self) -> anyhow::Result<&ZoneFiles> {
        if let Some(zones) = self.zones.get() {
            return Ok(zones);
        }
        let read = &mut |path: &Path| input::read(path, "zone file", input::MAX_TEXT);
        let zones = ZoneFiles::read(&self.global.zone, read)?;
        Ok(self.zones.get_or_init(|| zones))
    }

    /// Doubts about the zone files on standard error; what a name server would
    /// refuse ends the run, after all of it is shown.
    fn zone_problems(&self, zones: &ZoneFiles) -> anyhow::Result<()> {
        use crate::parse::zone::{Level, lint};
        use crate::render::source_caret::{Style, zone_diagnostics};
        let style =
            if std::io::IsTerminal::is_terminal(&std::io::stderr()) { Style::Coloured } else { Style::Plain };
        let (mut broken, mut count) = (String::new(), 0);
        for parsed in zones.parsed() {
            let all = parsed.diagnostics.iter().cloned().chain(lint::lint(&parsed.zone));
            let (errors, doubts): (Vec<_>, Vec<_>) = all.partition(|d| d.level == Level::Error);
            count += errors.len();
            broken.push_str(&zone_diagnostics(parsed, &errors, style));
            if !doubts.is_empty() {
                self.note(zone_diagnostics(parsed, &doubts, style).trim_end());
            }
        }
        let plural = if count == 1 { "error" } else { "errors" };
        match count {
            0 => Ok(()),
            _ => bail!("{count} {plural} in the zone files; nothing was judged\n\n{}", broken.trim_end()),
        }
    }

    /// Says aloud when not one resolver answered anything: the report is then about nothing.
    fn warn_of_silence(&self, evidence: &Evidence) {
        let mut asked =
            evidence.answers.values().filter(|a| matches!(a.source, Source::Resolver(_))).peekable();
        let Some(first) = asked.peek() else { return };
        let (Source::Resolver(server), Observation::Failed(failure)) = (&first.source, &first.observation)
        else {
            return;
        };
        let text = format!(
            "no answer from any resolver; the last, {server}: {failure}\n  give one with --resolver ADDR"
        );
        if asked.all(|answer| matches!(answer.observation, Observation::Failed(_))) {
            self.note(&format!("warning: {text}"));
        }
    }

    /// What `--ca` names, DER.
    pub fn authorities(&self) -> anyhow::Result<Vec<Vec<u8>>> {
        Ok(self.global.servers.authorities()?.iter().map(|authority| authority.to_vec()).collect())
    }

    /// Bounds on time, as `--timeout` and `--deadline` give them.
    pub(super) fn limits(&self) -> Limits {
        let question = Duration::from_secs_f64(self.global.timeout);
        let (reply, dialogue) = gather::smtp::bounds(question);
        let run = Duration::from_secs_f64(self.global.deadline.unwrap_or(60.0));
        Limits { question, reply, dialogue, run, ..Limits::default() }
    }

    /// A line on standard error, unless `-q`.
    pub fn note(&self, text: &str) {
        if !self.global.quiet {
            output::say(text);
        }
    }

    /// The exit code of a command that answers one question: findings; too little evidence where a
    /// check without an answer might have been one, or where nothing was judged at all.
    pub fn exit_by(&self, results: &[CheckResult]) -> anyhow::Result<Exit> {
        let exit = self.exit(results.iter().filter_map(CheckResult::worst).max())?;
        let decisive = |result: &CheckResult| {
            result.is_unanswered()
                && (self.unknown_fails()
                    || self.fail_on().is_some_and(|least| result.worst_counted() >= least))
        };
        let judged = |result: &CheckResult| !matches!(result.outcome, Outcome::Unknown(_));
        if exit == Exit::Clean && (results.iter().any(decisive) || !results.iter().any(judged)) {
            return Ok(Exit::Unknown);
        }
        Ok(exit)
    }

    /// True where `--on-unknown fail` holds.
    pub fn unknown_fails(&self) -> bool {
        self.global.on_unknown == Some(OnUnknown::Fail)
    }

    /// The policy of the settings and of the flags every command shares.
    pub fn policy(&self) -> anyhow::Result<Policy> {
        let mut policy = config::policy(&self.settings, &self.global.only, &self.global.skip)?;
        policy.unknown_fails = self.unknown_fails();
        Ok(policy)
    }

    /// The exit code for the worst severity found.
    pub fn exit(&self, worst: Option<Severity>) -> anyhow::Result<Exit> {
        Ok(match (self.fail_on, worst) {
            (Some(least), Some(worst)) if worst >= least => Exit::Findings,
            _ => Exit::Clean,
        })
    }
}

/// Writes a recording, with `--redact` without people's addresses.
pub(super) fn save(global: &GlobalArgs, path: &Path, evidence: &Evidence) -> anyhow::Result<()> {
    let text = if global.redact { evidence::save(&evidence.redacted()) } else { evidence::save(evidence) };
    output::write_file(path, &text)
}

/// `--fail-on`, else the settings', else high; `None` for never.
fn fail_on(global: &GlobalArgs, settings: &Settings) -> anyhow::Result<Option<Severity>> {
    if let Some(given) = global.fail_on {
        return Ok(given.severity());
    }
    let Some(name) = settings.fail_on.as_deref() else { return Ok(Some(Severity::High)) };
    match FailOn::from_str(name, false) {
        Ok(given) => Ok(given.severity()),
        Err(_) => {
            let shown = crate::model::untrusted::plain(name, Width::Word);
            bail!("fail-on = {shown:?} in mailvet.toml: give info, low, medium, high, critical or never")
        }
    }
}

fn merge_target(recorded: &mut Target, given: Target) {
    let Target { domain, ips, helo, mail_from, selectors, bimi_selector, relay, role } = given;
    recorded.bimi_selector = bimi_selector.or(recorded.bimi_selector.take());
    recorded.role = role.or(recorded.role.take());
    recorded.domain = domain.or(recorded.domain.take());
    recorded.helo = helo.or(recorded.helo.take());
    recorded.mail_from = mail_from.or(recorded.mail_from.take());
    recorded.relay = relay.or(recorded.relay.take());
    if !ips.is_empty() {
        recorded.ips = ips;
    }
    if !selectors.is_empty() {
        recorded.selectors = selectors;
    }
}

/// `--config`, or `mailvet.toml` in this or a parent folder.
fn config_file(global: &GlobalArgs) -> anyhow::Result<Option<std::path::PathBuf>> {
    if let Some(path) = &global.config {
        return Ok(Some(path.clone()));
    }
    let Ok(here) = std::env::current_dir() else { return Ok(None) };
    Ok(here.ancestors().map(|folder| folder.join(Path::new("mailvet.toml"))).find(|path| path.is_file()))
}
