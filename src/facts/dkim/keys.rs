//! The DKIM keys of the sender: which selectors are known, from where, and what
//! stands at their names. A selector that was only guessed and is not there says
//! nothing: nobody can list a domain's selectors.

use std::collections::BTreeMap;

use super::Dkim;
use crate::facts::{Facts, Found};
use crate::model::signing::LoggedSelector;
use crate::model::{Absence, Gap, Location, Name, RecordType, Subject};
use crate::parse::dkim::key::KeyRecord;
use crate::parse::dkim::signature::key_name;
use crate::parse::web::psl;

/// How a selector became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// `--selector`.
    Given,
    /// The message is signed with it.
    Message,
    /// A signer's log says that it signs with it.
    Signer,
    /// Receivers report signatures that passed with it.
    Report,
    /// A log shows that it was in use once: a signature passed, or mail was signed
    /// with it before another selector took over.
    Log,
    /// One of the usual names, and it is there.
    Guess,
}

/// One selector and its key.
#[derive(Clone, Debug)]
pub struct Key {
    pub domain: Name,
    pub selector: String,
    /// `selector._domainkey.domain`.
    pub name: Name,
    pub origin: Origin,
    /// The line of the log that names it.
    pub source: Option<Location>,
    pub state: Result<KeyState, Gap>,
}

/// What the DNS has at a selector's name.
#[derive(Clone, Debug)]
pub struct KeyState {
    /// Set where there is no TXT record.
    pub absence: Option<Absence>,
    pub records: Vec<KeyRecord>,
    /// The zone file's lines, one a record, where the answer came from one.
    pub locations: Vec<Option<Location>>,
    /// CNAME targets followed: the provider that hosts the key.
    pub aliases: Vec<Name>,
}

impl Key {
    /// The single record, where there is exactly one.
    pub fn record(&self) -> Option<&KeyRecord> {
        match self.state.as_ref().ok()?.records.as_slice() {
            [record] => Some(record),
            _ => None,
        }
    }

    /// The record as a problem's subject, pointing at the guilty bytes.
    pub fn subject(&self, span: Option<std::ops::Range<usize>>) -> Subject {
        let text = self.record().map(|record| record.text.clone()).unwrap_or_default();
        Subject::Record { question: format!("{} TXT", self.name), text, span }
    }

    pub fn location(&self) -> Option<Location> {
        self.state.as_ref().ok()?.locations.first().cloned().flatten()
    }
}

/// Selectors that large providers and common software use by default. Names
/// only, in no order of merit; a miss proves nothing.
const USUAL: [&str; 22] = [
    "default",
    "dkim",
    "mail",
    "email",
    "smtp",
    "k1",
    "k2",
    "s1",
    "s2",
    "selector1",
    "selector2",
    "google",
    "20230601",
    "fm1",
    "fm2",
    "mandrill",
    "mxvault",
    "zoho",
    "protonmail",
    "pm",
    "key1",
    "sig1",
];

impl<'e> Facts<'e> {
    /// The DKIM keys of the sender.
    pub fn dkim(&self) -> &Dkim {
        self.cells.dkim.get_or_init(|| self.build_dkim())
    }

    fn build_dkim(&self) -> Dkim {
        let mut known: BTreeMap<Name, Known> = BTreeMap::new();
        for given in &self.target().selectors {
            if let Some((domain, selector)) = self.given_selector(given) {
                let name = key_name(&selector, &domain);
                known.entry(name).or_insert((domain, selector, Origin::Given, None));
            }
        }
        for signature in self.signatures() {
            if let (Some(domain), Some(name)) = (&signature.signature.domain, signature.signature.key_name())
            {
                let selector = signature.signature.selector.clone();
                known.entry(name).or_insert((domain.clone(), selector, Origin::Message, None));
            }
        }
        let logged = self.logged_selectors();
        for (name, one) in logged.iter().filter(|(_, one)| one.is_in_use()) {
            known.entry((*name).clone()).or_insert_with(|| known_by(one, Origin::Signer));
        }
        for name in self.reported_selectors() {
            if let Some((domain, selector)) = self.given_selector(name) {
                known.entry(key_name(&selector, &domain)).or_insert((domain, selector, Origin::Report, None));
            }
        }
        for (name, one) in logged {
            known.entry(name.clone()).or_insert_with(|| known_by(one, Origin::Log));
        }
        let mut keys: Vec<Key> = known
            .into_iter()
            .map(|(name, (domain, selector, origin, source))| {
                let state = self.ledger().dns(&name, RecordType::Txt).map(read);
                Key { domain, selector, name, origin, source, state }
            })
            .collect();
        let mut untried = None;
        if keys.is_empty() && self.scope().guess_selectors {
            keys = self.guessed(&mut untried);
        }
        keys.sort_by(|a, b| a.origin.cmp(&b.origin).then_with(|| a.name.cmp(&b.name)));
        let results = self.verify_signatures(&keys);
        Dkim { keys, untried, results }
    }

    /// Where the logs or reports given show a key in use, in words.
    pub(crate) fn seen_in_use(&self, name: &Name) -> Option<String> {
        let logged = self.evidence.signing.as_ref().and_then(|summary| summary.selectors.get(name));
        if let Some(one) = logged.filter(|one| one.signed + one.verified > 0) {
            let last = format!("{}:{}", one.last.file, one.last.line);
            return Some(format!(
                "the logs show {} signatures by it, the last at {}",
                one.signed.max(one.verified),
                crate::model::untrusted::plain(&last, crate::model::untrusted::Width::Line)
            ));
        }
        let reports = self.reports().ok()?;
        let of_key =
            |about: &crate::model::reports::DomainReports| about.selectors.get(name.as_str()).copied();
        let count: u64 = reports.domains.values().filter_map(of_key).sum();
        (count > 0).then(|| format!("reports count {count} messages signed by it"))
    }

    /// What the logs name for the author domain's organization; without a domain
    /// whatever they show being signed with.
    fn logged_selectors(&self) -> Vec<(&'e Name, &'e LoggedSelector)> {
        let Some(summary) = &self.evidence.signing else { return Vec::new() };
        let own = self.author_domain().ok().map(|domain| psl::organizational(&domain));
        let is_own = |one: &LoggedSelector| match &own {
            Some(own) => psl::organizational(&one.domain) == *own,
            None => one.signed > 0,
        };
        summary.selectors.iter().filter(|(_, one)| is_own(one)).collect()
    }

    /// Key names in the reports on the domain and what is below it.
    fn reported_selectors(&self) -> impl Iterator<Item = &'e str> {
        let own = self.domain().ok();
        let about = self.reports().into_iter().flat_map(|summary| &summary.domains);
        about
            .filter(move |(from, _)| own.is_some_and(|own| Name::lenient(from).is_within(own)))
            .flat_map(|(_, about)| about.selectors.keys().map(String::as_str))
    }

    /// `s1`, or the whole name `s1._domainkey.example.com`.
    fn given_selector(&self, given: &str) -> Option<(Name, String)> {
        let lower = given.trim().trim_end_matches('.').to_ascii_lowercase();
        match lower.split_once("._domainkey") {
            Some((selector, rest)) if rest.len() > 1 => {
                Some((Name::lenient(rest.trim_start_matches('.')), selector.to_owned()))
            }
            Some((selector, _)) => Some((self.domain().ok()?.clone(), selector.to_owned())),
            None => Some((self.domain().ok()?.clone(), lower)),
        }
        .filter(|(_, selector)| !selector.is_empty())
    }

    fn guessed(&self, untried: &mut Option<Gap>) -> Vec<Key> {
        let Ok(domain) = self.domain() else { return Vec::new() };
        USUAL
            .iter()
            .filter_map(|selector| {
                let name = key_name(selector, domain);
                let state = match self.ledger().dns(&name, RecordType::Txt).map(read) {
                    Ok(state) => state,
                    Err(gap) => {
                        untried.get_or_insert(gap);
                        return None;
                    }
                };
                let hit = state.records.iter().any(KeyRecord::is_key_like);
                hit.then(|| Key {
                    domain: domain.clone(),
                    selector: (*selector).to_owned(),
                    name,
                    origin: Origin::Guess,
                    source: None,
                    state: Ok(state),
                })
            })
            .collect()
    }
}

/// Signing domain, selector, how it became known, and the line of a log that names it.
type Known = (Name, String, Origin, Option<Location>);

fn known_by(one: &LoggedSelector, origin: Origin) -> Known {
    (one.domain.clone(), one.selector.clone(), origin, Some(one.last.clone()))
}

fn read(found: Found) -> KeyState {
    let texts =
        found.records().iter().filter_map(|record| Some((record.rdata.joined_text()?, &record.location)));
    let (records, locations) = texts
        .map(|(bytes, location)| (KeyRecord::parse(&String::from_utf8_lossy(&bytes)), location.clone()))
        .unzip();
    KeyState { absence: found.absence(), records, locations, aliases: found.aliases().to_vec() }
}
