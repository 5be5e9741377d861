//! `mailvet dmarc`: the policy that applies, its faults, and the verdict on a
//! message, on given results, or on mail that is yet to be sent.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;

use super::authoritative_args::AuthoritativeArgs;
use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::remedied::{BOGUS, remedied, validate};
use super::session::Session;
use super::{auditing, input, output, pasted_record, reading, report_files};
use crate::config;
use crate::evidence::Evidence;
use crate::facts::dkim::result::SignatureResult;
use crate::facts::dmarc::verdict::{DkimOutcome, DmarcResult, DmarcVerdict, Results, SpfOutcome};
use crate::facts::{Facts, Prepared};
use crate::judge::catalog;
use crate::judge::finding::CheckResult;
use crate::model::untrusted::Width;
use crate::model::{Name, Scope, Severity, Target, Topic};
use crate::parse::message::Addresses;
use crate::policy::Policy;
use crate::render::dmarc::DmarcView;
use crate::render::{self, json};

#[derive(Clone, Debug, Default, Args)]
#[command(after_help = "\
Asks DNS for the DMARC records on the way up (RFC 9989), for the consent of foreign
report addresses, and, to judge mail, for SPF and DKIM. Nothing else is contacted.

Examples:
  mailvet dmarc example.com
  mailvet dmarc example.com --text 'v=DMARC1; p=reject; rua=mailto:d@example.com'
  dig _dmarc.example.com TXT +noall +answer; mailvet dmarc --text 'THAT LINE'
  mailvet dmarc example.com --ip 192.0.2.25 --mail-from b@mail.example.com --selector s1
  mailvet dmarc example.com --reports ~/Maildir/.dmarc --ip 192.0.2.25
  mailvet dmarc --message quote.eml --ip 192.0.2.25 --mail-from b@example.com
  mailvet dmarc --from a@example.com --spf pass:mail.example.com --dkim fail:example.com")]
pub struct DmarcArgs {
    /// The domain in the From header, such as example.com
    #[arg(required_unless_present_any = ["message", "from", "replay", "text"])]
    pub domain: Option<String>,
    /// Judge this message; - reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "spf", "dkim"])]
    pub message: Option<PathBuf>,
    /// The address the mail comes from, as the receiver sees it
    #[arg(long, value_name = "IP")]
    pub ip: Vec<String>,
    /// The envelope sender; <> is the null sender
    #[arg(long, value_name = "ADDR", allow_hyphen_values = true, value_parser = super::probe_args::mail_from)]
    pub mail_from: Option<String>,
    /// The name given in HELO or EHLO
    #[arg(long, value_name = "NAME")]
    pub helo: Option<String>,
    /// A selector the mail will be signed with; may be repeated
    #[arg(long, value_name = "S", value_parser = super::probe_args::selector)]
    pub selector: Vec<String>,
    /// Judge given results: the author's address
    #[arg(long, value_name = "ADDR", hide_short_help = true)]
    pub from: Option<String>,
    /// Judge given results: SPF's, such as pass:mail.example.com
    #[arg(long, value_name = "RESULT:DOMAIN", hide_short_help = true)]
    pub spf: Option<String>,
    /// Judge given results: a signature's, such as pass:example.com; may be repeated
    #[arg(long, value_name = "RESULT:DOMAIN", hide_short_help = true)]
    pub dkim: Vec<String>,
    /// Reports from receivers (DMARC aggregate): a file or folder; may be repeated
    #[arg(long, value_name = "PATH")]
    pub reports: Vec<PathBuf>,
    /// Judge this record instead of the published one; as text, or as dig or a zone file shows it,
    /// whose owner is the domain where none is given
    #[arg(long, value_name = "RECORD")]
    pub text: Option<String>,
    #[command(flatten)]
    pub authoritative: AuthoritativeArgs,
}

pub(super) fn run(args: &DmarcArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let session = Session::new(global)?;
    let given = given_results(args)?;
    let mut evidence = session.evidence(target(args)?)?;
    let alone = args.text.is_some() && evidence.target.domain.is_none() && args.message.is_none();
    let whose = match (&args.text, alone) {
        (Some(text), true) => Some(pasted_record::whose(&session, None, text, "_dmarc")?),
        _ => None,
    };
    if let Some(whose) = &whose {
        evidence.target.domain = Some(whose.domain.clone());
        if !whose.is_known {
            pasted_record::alone(&mut evidence, "_dmarc");
        }
    }
    let mut evidence = files(args, &session, evidence)?;
    let prepared = Prepared::new(&evidence);
    if evidence.target.domain.is_none() {
        evidence.target.domain = Some(author_domain(&evidence, &prepared)?);
    }
    if let (Some(text), Some(domain)) = (&args.text, evidence.target.domain.clone()) {
        pasted_record::place(&mut evidence, domain.prefixed("_dmarc"), text);
    }
    let mut policy = policy(args, &session, evidence.reports.is_some())?;
    if whose.is_some_and(|whose| !whose.is_known) {
        policy.selected.retain(|code| !BY_NAME.contains(code) && *code != BOGUS);
    }
    let scope = scope(args, &policy, given.as_ref(), evidence.reports.is_some());
    session.gather(&mut evidence, &scope, &prepared)?;
    let facts = Facts::build(&evidence, &scope, &prepared);
    let (results, remedies) = remedied(&facts, &policy);
    let view = DmarcView {
        dmarc: facts.dmarc().map_err(|gap| anyhow::anyhow!("{gap}"))?.clone(),
        verdict: verdict(args, given.as_ref(), &facts),
        prediction: match args.describes_sender() && args.message.is_none() && given.is_none() {
            true => facts.prediction().ok(),
            false => None,
        },
        ladder: facts.ladder().unwrap_or_default(),
        reported: facts.reported().ok(),
        results,
    };
    let json = || json::text(&json::remedy::with_remedies(json::dmarc::dmarc(&view), &remedies));
    output::answer(global, &outputs, json, |look| render::dmarc::dmarc(&view, look))?;
    exit(&session, &view)
}

impl DmarcArgs {
    /// True where enough is said of the sender to predict what a receiver would find.
    fn describes_sender(&self) -> bool {
        !self.ip.is_empty() || !self.selector.is_empty()
    }
}

/// The evidence with the message and the reports that the flags name.
fn files(args: &DmarcArgs, session: &Session, mut evidence: Evidence) -> anyhow::Result<Evidence> {
    if let Some(path) = &args.message {
        evidence.message = Some(reading::message(path, input::read(path, "message", input::MAX_MESSAGE)?)?);
    }
    if !args.reports.is_empty() {
        let note = |text: &str| session.note(text);
        evidence.reports = Some(report_files::summary(&args.reports, session.global, &note)?);
    }
    Ok(evidence)
}

/// The author's domain, as at a receiver; several domains have no policy to find.
fn author_domain(evidence: &Evidence, prepared: &Prepared) -> anyhow::Result<Name> {
    let domains = prepared.signed(evidence).map(|signed| signed.author_domains.clone()).unwrap_or_default();
    let [only] = domains.as_slice() else {
        let shown: Vec<String> = domains.iter().map(ToString::to_string).collect();
        bail!(
            "From names {} ({}); DMARC needs exactly one. Name one to judge by: mailvet dmarc DOMAIN ...",
            if domains.is_empty() { "no domain" } else { "several domains" },
            shown.join(", ")
        );
    };
    Ok(only.clone())
}

/// The checks of DMARC that what was given can answer.
fn policy(args: &DmarcArgs, session: &Session, reported: bool) -> anyhow::Result<Policy> {
    let mut policy = session.policy()?;
    config::narrow(&mut policy, "DMARC", |code| {
        code.starts_with("dmarc-") || *code == BOGUS || args.authoritative.selects(code)
    })?;
    if args.message.is_none() {
        policy.selected.remove("dmarc-from-ambiguous");
    }
    if !args.describes_sender() && args.message.is_none() {
        // Without a sender there is nothing to predict from.
        let by_report = |code: &str| reported && BY_REPORTS.contains(&code);
        policy.selected.retain(|code| {
            by_report(code) || !catalog::find(code).is_some_and(|check| check.needs.contains(&Topic::Spf))
        });
    }
    Ok(policy)
}

fn scope(args: &DmarcArgs, policy: &Policy, given: Option<&Results>, reported: bool) -> Scope {
    let mut topics = vec![Topic::Dmarc, Topic::Message];
    if !args.ip.is_empty() || reported {
        topics.push(Topic::Spf);
    }
    if args.message.is_some() || !args.selector.is_empty() {
        topics.push(Topic::Dkim);
    }
    let mut identities: Vec<Name> =
        given.iter().flat_map(|results| results.dkim.iter().map(|one| one.domain.clone())).collect();
    identities.extend(given.iter().filter_map(|results| Some(results.spf.as_ref()?.domain.clone())));
    let mut scope = Scope {
        topics: topics.into_iter().collect(),
        identities,
        guess_selectors: false,
        ..Scope::everything()
    };
    args.authoritative.apply(&mut scope);
    validate(&mut scope, policy);
    scope
}

/// What a receiver finds, from given results or from the message.
fn verdict(args: &DmarcArgs, given: Option<&Results>, facts: &Facts) -> Option<DmarcVerdict> {
    if let Some(results) = given {
        return facts.dmarc_verdict(results).ok();
    }
    args.message.as_ref()?;
    let spf = if args.ip.is_empty() { None } else { facts.spf_outcome() };
    facts.dmarc_verdict(&Results { spf, dkim: facts.message_outcomes() }).ok()
}

fn exit(session: &Session, view: &DmarcView) -> anyhow::Result<Exit> {
    let mut worst = view.results.iter().filter_map(CheckResult::worst).max();
    let verdict = view.verdict.as_ref().or(view.prediction.as_ref().map(|prediction| &prediction.direct));
    if verdict.is_some_and(|verdict| matches!(verdict.result, DmarcResult::Fail | DmarcResult::Permerror)) {
        worst = worst.max(Some(Severity::High));
    }
    let unknown = view.dmarc.walk.discover().is_err()
        || verdict.is_some_and(|verdict| verdict.result == DmarcResult::Temperror);
    match (unknown, worst) {
        (true, None) => Ok(Exit::Unknown),
        (true, Some(worst)) if session.exit(Some(worst))? == Exit::Clean => Ok(Exit::Unknown),
        _ => match session.exit(worst)? {
            Exit::Clean => session.exit_by(&view.results),
            exit => Ok(exit),
        },
    }
}

fn target(args: &DmarcArgs) -> anyhow::Result<Target> {
    let domain = match (&args.from, &args.domain) {
        (Some(from), None) => {
            let domains = Addresses::read_text(from).domains();
            let [only] = domains.as_slice() else {
                let shown = crate::model::untrusted::plain(from, Width::Name);
                bail!("--from {shown:?} names no single domain; give an address such as a@example.com");
            };
            Some(only.clone())
        }
        (_, Some(domain)) => Some(Name::parse(domain).context("DOMAIN")?),
        (None, None) => None,
    };
    Ok(Target {
        domain,
        ips: auditing::addresses(&args.ip)?,
        helo: args.helo.clone(),
        mail_from: args.mail_from.clone(),
        selectors: args.selector.clone(),
        ..Target::default()
    })
}

/// `--spf` and `--dkim`; `None` where neither they nor `--from` were given.
fn given_results(args: &DmarcArgs) -> anyhow::Result<Option<Results>> {
    if args.from.is_none() && args.spf.is_none() && args.dkim.is_empty() {
        return Ok(None);
    }
    let split = |flag: &str, text: &str| {
        let shown = crate::model::untrusted::plain(text, Width::Name);
        let Some((result, domain)) = text.split_once(':') else {
            bail!("--{flag} {shown:?}: give RESULT:DOMAIN, such as pass:example.com");
        };
        let domain = domain.rsplit('@').next().unwrap_or(domain);
        let name = Name::parse(domain).with_context(|| format!("--{flag} {shown:?}"))?;
        Ok((result.to_ascii_lowercase(), name))
    };
    let spf = match &args.spf {
        None => None,
        Some(text) => {
            let (result, domain) = split("spf", text)?;
            if !SPF_RESULTS.contains(&result.as_str()) {
                bail!("--spf {result:?}: the results are {}", SPF_RESULTS.join(", "));
            }
            Some(SpfOutcome { result, domain })
        }
    };
    let mut dkim = Vec::new();
    for text in &args.dkim {
        let (result, domain) = split("dkim", text)?;
        if result == "none" {
            continue;
        }
        let Some(result) = SignatureResult::from_name(&result) else {
            bail!("--dkim {result:?}: the results are pass, fail, neutral, permerror, temperror, none");
        };
        dkim.push(DkimOutcome { result, domain, testing: false });
    }
    Ok(Some(Results { spf, dkim }))
}

/// The checks that need to know whose record it is.
const BY_NAME: [&str; 4] = [
    "dmarc-report-unauthorised",
    "dmarc-report-unreachable",
    "dmarc-org-domain-disputed",
    "dmarc-parked-open",
];

/// The checks that judge what receivers report.
const BY_REPORTS: [&str; 4] = [
    "dmarc-policy-raisable",
    "dmarc-reports-own-failing",
    "dmarc-reports-service-unaligned",
    "dmarc-reports-spoofed",
];

/// RFC 7208 section 2.6.
const SPF_RESULTS: [&str; 7] = ["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"];
