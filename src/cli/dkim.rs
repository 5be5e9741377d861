//! `mailvet dkim`: the keys of selectors, the signatures of a message, and
//! whether a signer's private key is the published one's other half.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use super::authoritative_args::AuthoritativeArgs;
use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::remedied::{BOGUS, remedied, validate};
use super::session::Session;
use super::{dkim_keygen, input, output, pasted_record, reading};
use crate::config;
use crate::evidence::Evidence;
use crate::facts::dkim::keys::Key;
use crate::facts::{Facts, Prepared};
use crate::gather::logs;
use crate::judge::finding::CheckResult;
use crate::model::untrusted::Shown as _;
use crate::model::{Name, Scope, Severity, SigningSummary, Target, Topic};
use crate::parse::dkim::key::PublicKey;
use crate::parse::dkim::key_table;
use crate::parse::dkim::private_key;
use crate::parse::dkim::signature::key_name;
use crate::parse::dkim::signing_conf;
use crate::render::dkim::{DkimView, PrivateKeyMatch};
use crate::render::{self, json};

#[derive(Clone, Debug, Default, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Asks DNS for the key records and nothing else. Selectors are those given, those of
the message's signatures, and those a --log shows mail of the domain being signed
with; without DOMAIN, all that the log shows being signed with. Where none is known
the usual names are tried; that none of them is there proves nothing.

Examples:
  mailvet dkim example.com --selector s1
  mailvet dkim example.com --selector s1 --text 'v=DKIM1; k=rsa; p=MIIB...'
  mailvet dkim --message quote.eml
  mailvet dkim example.com --log /var/log/mail.log
  mailvet dkim example.com --selector s1 --private-key /etc/dkim/s1.private
  mailvet dkim --key-table /etc/opendkim/KeyTable
  mailvet dkim keygen --domain example.com --selector s2"
)]
pub struct DkimArgs {
    #[command(subcommand)]
    pub command: Option<DkimCommand>,
    /// The signing domain, such as example.com
    #[arg(required_unless_present_any = ["message", "key_table", "log", "replay", "text"])]
    pub domain: Option<String>,
    /// A selector, the s= of a signature; may be repeated
    #[arg(long, value_name = "S", value_parser = super::probe_args::selector)]
    pub selector: Vec<String>,
    /// Judge this key record instead of the published one; as text, or as dig or a zone file shows it,
    /// whose owner names selector and domain where none is given
    #[arg(long, value_name = "RECORD", hide_short_help = true)]
    pub text: Option<String>,
    /// Verify the signatures of this message; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub message: Option<PathBuf>,
    /// A log of the signer (OpenDKIM, dkimpy-milter, rspamd, amavis, Exim): which selectors does it name? May be repeated
    #[arg(long, value_name = "FILE")]
    pub log: Vec<PathBuf>,
    /// The signer's private key: does it belong to the published one?
    #[arg(long, value_name = "FILE", requires = "selector", hide_short_help = true)]
    pub private_key: Option<PathBuf>,
    /// An OpenDKIM KeyTable, rspamd path map or dkim_signing.conf: do all its keys?
    #[arg(long, value_name = "FILE", visible_alias = "keytable", hide_short_help = true)]
    pub key_table: Option<PathBuf>,
    #[command(flatten)]
    pub authoritative: AuthoritativeArgs,
}

#[derive(Clone, Debug, Subcommand)]
pub enum DkimCommand {
    /// Make a key pair and the record to publish
    Keygen(dkim_keygen::KeygenArgs),
}

/// A private key of the signer, and where its public half should stand.
struct SignerKey {
    file: String,
    name: Name,
    public: Result<PublicKey, String>,
}

pub(super) fn run(args: &DkimArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    if let Some(DkimCommand::Keygen(args)) = &args.command {
        return dkim_keygen::run(args, global);
    }
    let outputs = output::outputs(global)?;
    let session = Session::new(global)?;
    let mut policy = session.policy()?;
    config::narrow(&mut policy, "DKIM", |code| {
        code.starts_with("dkim-key")
            || (args.message.is_some() && code.starts_with("dkim-"))
            || *code == BOGUS
            || args.authoritative.selects(code)
    })?;
    let Given { mut evidence, signer_keys, is_known } = given(args, &session)?;
    if !is_known {
        policy.selected.remove(BOGUS);
    }
    // Whether a signature speaks for the author is a question to DMARC.
    let dmarc = policy.selected.contains("dkim-unaligned").then_some(Topic::Dmarc);
    let topics = [Topic::Dkim, Topic::Message].into_iter().chain(dmarc).collect();
    let mut scope = Scope { topics, ..Scope::everything() };
    args.authoritative.apply(&mut scope);
    validate(&mut scope, &policy);
    let prepared = Prepared::new(&evidence);
    session.gather(&mut evidence, &scope, &prepared)?;
    let facts = Facts::build(&evidence, &scope, &prepared);
    let dkim = facts.dkim();
    let keys: Vec<Key> = dkim.keys().map(<[Key]>::to_vec).unwrap_or_default();
    let signatures = dkim
        .results
        .iter()
        .filter_map(|one| Some((facts.signatures().get(one.index)?.clone(), one.clone())))
        .collect();
    let private_keys = signer_keys.into_iter().map(|key| compare(key, &keys)).collect();
    let (results, remedies) = remedied(&facts, &policy);
    let view = DkimView { keys, signatures, private_keys, results };
    let json = || json::text(&json::remedy::with_remedies(json::dkim::dkim(&view), &remedies));
    output::answer(global, &outputs, json, |look| render::dkim::dkim(&view, look))?;
    exit(&session, &view)
}

/// What the flags name.
struct Given {
    evidence: Evidence,
    /// The private keys to compare.
    signer_keys: Vec<SignerKey>,
    /// False for a record of nobody's.
    is_known: bool,
}

fn given(args: &DkimArgs, session: &Session) -> anyhow::Result<Given> {
    let mut is_known = true;
    let domain = args.domain.as_deref().map(Name::parse).transpose().context("DOMAIN")?;
    let mut selectors = args.selector.clone();
    let mut signer_keys = Vec::new();
    if let (Some(path), Some(domain)) = (&args.private_key, &domain) {
        let [selector] = args.selector.as_slice() else {
            bail!("--private-key belongs to one selector; give exactly one --selector");
        };
        signer_keys.push(signer_key(path, &key_name(&selector.to_ascii_lowercase(), domain))?);
    }
    if let Some(path) = &args.key_table {
        for (name, key) in table(path, &args.selector)? {
            selectors.push(name.to_string());
            signer_keys.push(key);
        }
    }
    let mut evidence = session.evidence(Target { domain, selectors, ..Target::default() })?;
    if let Some(text) = &args.text {
        let given = evidence.target.domain.as_ref().map(Name::as_str);
        let whose = pasted_record::whose(session, given, text, "_domainkey")?;
        is_known = whose.is_known;
        let domain = evidence.target.domain.insert(whose.domain);
        // A name is needed to stand at; which one does not matter to the record.
        let selector = match args.selector.as_slice() {
            [] => whose.selector.unwrap_or_else(|| "selector".to_owned()),
            [one] => one.to_ascii_lowercase(),
            _ => bail!("--text is the record of one selector; give one --selector"),
        };
        let name = key_name(&selector, domain);
        evidence.target.selectors = vec![selector];
        pasted_record::place(&mut evidence, name, text);
    }
    if let Some(path) = &args.message {
        evidence.message = Some(reading::message(path, input::read(path, "message", input::MAX_MESSAGE)?)?);
    }
    if !args.log.is_empty() {
        evidence.signing = Some(signing(args, session, &evidence)?);
    }
    Ok(Given { evidence, signer_keys, is_known })
}

/// The selectors that the logs show in use.
fn signing(args: &DkimArgs, session: &Session, evidence: &Evidence) -> anyhow::Result<SigningSummary> {
    let own: Vec<Name> = evidence.target.domain.iter().cloned().collect();
    let signing = reading::signing(&logs::open(&args.log, None)?, &own)?;
    if signing.selectors.is_empty() {
        let whose = if own.is_empty() { String::new() } else { format!(" of {}", own[0]) };
        session.note(&format!(
            "no line of the log shows mail{whose} being signed; OpenDKIM and dkimpy-milter log that \
             with `SyslogSuccess yes`, Exim with `log_selector = +dkim`"
        ));
    }
    Ok(signing)
}

fn exit(session: &Session, view: &DkimView) -> anyhow::Result<Exit> {
    let mut worst = view.results.iter().filter_map(CheckResult::worst).max();
    if view.private_keys.iter().any(|one| one.matches == Some(false)) {
        worst = worst.max(Some(Severity::High));
    }
    let known = view.keys.iter().any(|key| key.state.is_ok()) || !view.signatures.is_empty();
    match (known, worst) {
        (false, None) => Ok(Exit::Unknown),
        _ => match session.exit(worst)? {
            // A key that nobody could compare may be the wrong one.
            Exit::Clean if view.private_keys.iter().any(|one| one.matches.is_none()) => Ok(Exit::Unknown),
            Exit::Clean => session.exit_by(&view.results),
            exit => Ok(exit),
        },
    }
}

fn signer_key(path: &Path, name: &Name) -> anyhow::Result<SignerKey> {
    /// No private key file is larger.
    const MAX_KEY: u64 = 1 << 20;
    let bytes = input::read(path, "private key", MAX_KEY)?;
    Ok(SignerKey {
        file: path.shown(),
        name: name.clone(),
        public: private_key::public_half(&bytes).map_err(|error| error.to_string()),
    })
}

/// The keys of a table; a key file that cannot be read is said of that key alone.
fn table(path: &Path, selectors: &[String]) -> anyhow::Result<Vec<(Name, SignerKey)>> {
    let text = input::read_text(path, "key table")?;
    let entries = match signing_conf::is_ucl(&text) {
        true => signing_conf::parse(&text).map_err(anyhow::Error::from),
        false => key_table::parse(&text).map_err(anyhow::Error::from),
    };
    let entries = entries.with_context(|| format!("cannot read {}", path.shown()))?;
    if entries.is_empty() {
        bail!("{} lists no key", path.shown());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut found = Vec::new();
    for entry in entries {
        let place = format!("{}:{}", path.shown(), entry.line);
        let domain = Name::parse(&entry.domain).with_context(|| place.clone())?;
        let selectors = match (&entry.selector, selectors) {
            (Some(selector), _) => vec![selector.clone()],
            (None, []) => bail!("{place}: the map names no selector for {domain}; give --selector S"),
            (None, given) => given.to_vec(),
        };
        for selector in selectors {
            let file = entry.path.replace("$domain", domain.as_str()).replace("$selector", &selector);
            let name = key_name(&selector.to_ascii_lowercase(), &domain);
            let key = signer_key(&folder.join(&file), &name).unwrap_or_else(|error| SignerKey {
                file,
                name: name.clone(),
                public: Err(format!("{error:#}")),
            });
            found.push((name, key));
        }
    }
    Ok(found)
}

fn compare(key: SignerKey, keys: &[Key]) -> PrivateKeyMatch {
    let SignerKey { file, name, public } = key;
    let settle =
        |matches, detail: String| PrivateKeyMatch { file: file.clone(), name: name.clone(), matches, detail };
    let public = match public {
        Ok(public) => public,
        Err(why) => return settle(None, why),
    };
    let Some(published) = keys.iter().find(|key| key.name == name) else {
        return settle(None, "the published key was not looked up".to_owned());
    };
    if let Err(gap) = &published.state {
        return settle(None, format!("the published key is not known: {gap}"));
    }
    match published.record() {
        Some(record) if record.key == public => {
            settle(Some(true), "the published key is this key's public half".to_owned())
        }
        Some(record) => {
            let bits = |key: &PublicKey| match key.bits() {
                Some(bits) => format!("{} {bits} bits", key.algorithm()),
                None => "no usable key".to_owned(),
            };
            settle(
                Some(false),
                format!(
                    "the file holds {}, the record {}: every signature made with the file fails",
                    bits(&public),
                    bits(&record.key)
                ),
            )
        }
        None => settle(Some(false), "there is not exactly one record at the name".to_owned()),
    }
}
