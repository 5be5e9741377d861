//! `mailvet bimi`: the brand indicator of a domain: record, DMARC precondition,
//! and the logo and mark certificate given as files.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::probe_args::ProbeArgs;
use super::remedied::{BOGUS, remedied, validate};
use super::session::Session;
use super::{input, output, pasted_record};
use crate::config;
use crate::evidence::BrandEvidence;
use crate::facts::{Facts, Prepared};
use crate::judge::finding::{CheckResult, Outcome};
use crate::model::{Name, Scope, Target, Topic};
use crate::render::bimi::BimiView;
use crate::render::{self, json};

#[derive(Clone, Debug, Default, Args)]
#[command(after_help = "\
Asks DNS for the BIMI record and for DMARC, which must enforce a policy before any
logo is shown. The logo and the certificate are judged as the files given, or with
--probe as their web servers give them; nothing else is fetched. The signatures of
the mark certificate's chain are verified. Whether receivers know the authority at
its end is unknown unless --ca FILE gives its root: mailvet ships no root of mark
authorities (DigiCert, GlobalSign, SSL.com).

Examples:
  mailvet bimi example.com
  mailvet bimi example.com --probe
  mailvet bimi example.com --text 'v=BIMI1; l=https://example.com/logo.svg'
  mailvet bimi example.com --logo logo.svg --certificate vmc.pem
  mailvet bimi example.com --offline --logo logo.svg      before anything is published")]
pub struct BimiArgs {
    /// The domain in the From header, such as example.com
    #[arg(required_unless_present_any = ["replay", "text"])]
    pub domain: Option<String>,
    /// Judge this record instead of the published one; as text, or as dig or a zone file shows it,
    /// whose owner is the domain where none is given
    #[arg(long, value_name = "RECORD")]
    pub text: Option<String>,
    /// The logo (SVG) that is or will be at the record's l= address
    #[arg(long, value_name = "FILE")]
    pub logo: Option<PathBuf>,
    /// The mark certificate (PEM) that is or will be at its a= address
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    #[command(flatten)]
    pub probe: ProbeArgs,
}

/// Largest file read for a logo or a certificate, in bytes.
const LARGEST: u64 = 16 << 20;

pub(super) fn run(args: &BimiArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let session = Session::new(global)?;
    let mut policy = session.policy()?;
    config::narrow(&mut policy, "BIMI", |code| code.starts_with("bimi-") || *code == BOGUS)?;
    let domain = args.domain.as_deref().map(Name::parse).transpose().context("DOMAIN")?;
    let mut evidence = session.evidence(Target { domain, ..Target::default() })?;
    let mut scope = Scope { topics: [Topic::Bimi, Topic::Dmarc].into(), ..Scope::everything() };
    if let Some(text) = &args.text {
        let given = evidence.target.domain.as_ref().map(Name::as_str);
        let whose = pasted_record::whose(&session, given, text, "default._bimi")?;
        if !whose.is_known {
            // Without a name there is no DMARC policy to look for, and nothing to validate.
            policy.selected.retain(|code| *code != "bimi-policy-unmet" && *code != BOGUS);
            scope.topics.remove(&Topic::Dmarc);
        }
        let selector = whose.selector.unwrap_or_else(|| "default".to_owned());
        let name = whose.domain.prefixed(&format!("{selector}._bimi"));
        evidence.target.bimi_selector = Some(selector).filter(|selector| selector != "default");
        evidence.target.domain = Some(whose.domain);
        pasted_record::place(&mut evidence, name, text);
    }
    if evidence.target.domain.is_none() {
        bail!("the recording names no domain; give one: mailvet bimi DOMAIN --replay FILE");
    }
    let file = |path: &Option<PathBuf>, what: &str| {
        path.as_ref().map(|path| input::read(path, what, LARGEST)).transpose()
    };
    let (logo, certificate) = (file(&args.logo, "logo")?, file(&args.certificate, "mark certificate")?);
    if logo.is_some() || certificate.is_some() {
        let before = evidence.brand.take().unwrap_or_default();
        evidence.brand = Some(BrandEvidence {
            logo: logo.or(before.logo),
            certificate: certificate.or(before.certificate),
        });
    }
    args.probe.apply(&session, &mut scope)?;
    validate(&mut scope, &policy);
    let prepared = Prepared::new(&evidence);
    session.gather(&mut evidence, &scope, &prepared)?;
    let facts = Facts::build(&evidence, &scope, &prepared);
    let (results, remedies) = remedied(&facts, &policy);
    let view = BimiView {
        domain: facts.author_domain().map_err(|gap| anyhow::anyhow!("{gap}"))?,
        bimi: facts.bimi().map(|found| found.cloned()),
        logo: facts.brand_logo().ok().flatten().map(|(_, logo)| logo),
        certificate: facts.mark_certificate().ok().flatten(),
        results,
    };
    let json = || json::text(&json::remedy::with_remedies(json::bimi::bimi(&view), &remedies));
    output::answer(global, &outputs, json, |look| render::bimi::terminal(&view, look))?;
    let judged_files = view.logo.is_some() || view.certificate.is_some();
    match session.exit_by(&view.results)? {
        Exit::Clean if (view.bimi.is_err() || policy_unknown(&view.results)) && !judged_files => {
            Ok(Exit::Unknown)
        }
        exit => Ok(exit),
    }
}

/// Whether a logo is shown rests on DMARC: a lost answer there leaves it open.
fn policy_unknown(results: &[CheckResult]) -> bool {
    let unmet = results.iter().find(|result| result.check.code == "bimi-policy-unmet");
    unmet.is_some_and(|result| matches!(result.outcome, Outcome::Unknown(_)))
}
