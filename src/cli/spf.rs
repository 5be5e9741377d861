//! `mailvet spf`: one domain's policy, and what it says of a sender.

use anyhow::{Context as _, bail};
use clap::Args;

use super::auditing;
use super::authoritative_args::AuthoritativeArgs;
use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output;
use super::pasted_record;
use super::remedied::{BOGUS, remedied, validate};
use super::session::Session;
use crate::config;
use crate::facts::spf::{Authorised, flat, plans};
use crate::facts::{Facts, Prepared};
use crate::model::untrusted::Width;
use crate::model::{Name, Scope, Target, Topic};
use crate::parse::repair;
use crate::parse::spf::is_spf;
use crate::render::spf::SpfView;
use crate::render::{self, json};

#[derive(Clone, Debug, Default, Args)]
#[command(after_help = "\
Asks DNS for the record and everything it names. Without --ip the result is that
of an address no term names. MAIL FROM decides which domain is asked; the null
sender <> is judged by its HELO name, as receivers do.

Examples:
  mailvet spf example.com
  mailvet spf example.com --ip 192.0.2.25 --helo mail.example.com
  mailvet spf example.com --text 'v=spf1 mx include:_spf.example.net -all'")]
pub struct SpfArgs {
    /// The domain whose policy is judged, such as example.com
    #[arg(required_unless_present_any = ["replay", "text"])]
    pub domain: Option<String>,
    /// A sending address, as receivers see it; may be repeated
    #[arg(long, value_name = "IP")]
    pub ip: Vec<String>,
    /// The name the sending system gives in HELO or EHLO
    #[arg(long, value_name = "NAME")]
    pub helo: Option<String>,
    /// The envelope sender; <> is the null sender. Default: postmaster at DOMAIN
    #[arg(long, value_name = "ADDR", allow_hyphen_values = true, value_parser = super::probe_args::mail_from)]
    pub mail_from: Option<String>,
    /// Judge this record instead of the published one; as text, or as dig or a zone file shows it,
    /// whose owner is the domain where none is given
    #[arg(long, value_name = "RECORD")]
    pub text: Option<String>,
    /// Show the record with its includes written out as addresses, which go stale
    #[arg(long)]
    pub flatten: bool,
    #[command(flatten)]
    pub authoritative: AuthoritativeArgs,
}

pub(super) fn run(args: &SpfArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let session = Session::new(global)?;
    let mut policy = session.policy()?;
    config::narrow(&mut policy, "SPF", |code| {
        code.starts_with("spf-") || *code == BOGUS || args.authoritative.selects(code)
    })?;
    let mut evidence = session.evidence(target(args)?)?;
    if let Some(text) = args.text.as_ref().filter(|_| evidence.target.domain.is_none()) {
        let whose = pasted_record::whose(&session, None, text, "")?;
        if !whose.is_known
            && let Some(term) = relative(text)
        {
            bail!(
                "--text names no owner, and {term:?} means the owner's own hosts; give DOMAIN: mailvet spf DOMAIN --text ..."
            );
        }
        if !whose.is_known {
            policy.selected.remove(BOGUS);
            pasted_record::alone(&mut evidence, "");
        }
        evidence.target.domain = Some(whose.domain);
    }
    let Some(domain) = evidence.target.domain.clone() else {
        bail!("the recording names no domain; give one: mailvet spf DOMAIN --replay FILE");
    };
    if let Some(text) = &args.text {
        given(&mut evidence, &domain, text)?;
    }
    let mut scope = Scope { topics: [Topic::Spf].into(), ..Scope::everything() };
    args.authoritative.apply(&mut scope);
    validate(&mut scope, &policy);
    let prepared = Prepared::new(&evidence);
    session.gather(&mut evidence, &scope, &prepared)?;
    let facts = Facts::build(&evidence, &scope, &prepared);
    let spf = facts.spf().map_err(|gap| anyhow::anyhow!("{gap}"))?;
    let (results, remedies) = remedied(&facts, &policy);
    let view = SpfView {
        policy: spf.policy.clone(),
        senders: spf.senders.clone(),
        authorised: Authorised::of(&spf.policy.root),
        anybody: spf.anybody().ok().flatten(),
        results,
        plans: match args.flatten {
            true => flat(facts.ledger(), &spf.policy).into_iter().collect(),
            false => plans(facts.ledger(), &spf.policy),
        },
    };
    let json = || json::text(&json::remedy::with_remedies(json::spf::spf(&view), &remedies));
    output::answer(global, &outputs, json, |look| render::spf::spf(&view, look))?;
    if view.first().known().is_err() {
        return Ok(Exit::Unknown);
    }
    session.exit_by(&view.results)
}

/// The domain receivers ask, which is that of the envelope sender.
fn target(args: &SpfArgs) -> anyhow::Result<Target> {
    let ips = auditing::addresses(&args.ip)?;
    let sender = args.mail_from.as_deref().map(|text| text.trim_matches(['<', '>']));
    let identity = match sender {
        Some("") => args.helo.as_deref(),
        Some(address) => address.rsplit_once('@').map(|(_, domain)| domain),
        None => None,
    };
    let domain = match (args.domain.as_deref(), identity) {
        // A sender may say anything, so a malformed name is judged, not refused.
        (_, Some(identity)) => Some(Name::lenient(identity)),
        (Some(domain), None) => Some(Name::parse(domain).context("DOMAIN")?),
        (None, None) => None,
    };
    Ok(Target {
        domain,
        ips,
        helo: args.helo.clone(),
        mail_from: args.mail_from.clone(),
        ..Target::default()
    })
}

/// A term that means something else for each owner (RFC 7208 sections 5.3 to 5.5 and 7).
fn relative(text: &str) -> Option<String> {
    let record = String::from_utf8_lossy(&repair::pasted::strings(text).concat()).into_owned();
    let of_owner = |term: &&str| {
        let bare = term.trim_start_matches(['+', '-', '~', '?']).to_ascii_lowercase();
        let head = bare.split('/').next().unwrap_or_default();
        matches!(head, "a" | "mx" | "ptr") || bare.contains("%{")
    };
    record.split_whitespace().find(of_owner).map(|term| crate::model::untrusted::plain(term, Width::Word))
}

/// Puts the record in the place of the published answer.
fn given(evidence: &mut crate::evidence::Evidence, domain: &Name, text: &str) -> anyhow::Result<()> {
    let strings = repair::pasted::strings(text);
    if !is_spf(&strings.concat()) && repair::spf::read(&strings).is_none() {
        let shown = crate::model::untrusted::plain(text.trim(), Width::Name);
        bail!("--text {shown:?} is no SPF record: it must start with v=spf1 and a space");
    }
    pasted_record::place(evidence, domain.clone(), text);
    Ok(())
}
