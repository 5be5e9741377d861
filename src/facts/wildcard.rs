//! What a name has by a wildcard above it: a record of its own ends all of that (RFC 4592 section 2.2).

use super::Facts;
use crate::model::{Gap, Name, Rdata, RecordType, Role, Topic};
use crate::parse::web::psl;

/// What a wildcard may give that mail rests on.
const GIVEN: [RecordType; 4] = [RecordType::Mx, RecordType::A, RecordType::Aaaa, RecordType::Txt];
/// Names above one name that are asked for.
const LEVELS: usize = 4;

/// A wildcard that answers for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wildcard {
    /// `*.example.com`.
    pub at: Name,
    /// Its target, where it is an alias.
    pub alias: Option<Name>,
    /// What it gives otherwise.
    pub records: Vec<(RecordType, Rdata)>,
}

impl Facts<'_> {
    /// The wildcard that a name lives by; `None` where none stands above the name, or where the name
    /// has something that the wildcard does not give, and so lives by itself.
    ///
    /// # Errors
    /// The gap of an answer that would tell.
    pub(crate) fn wildcard_of(&self, host: &Name) -> Result<Option<Wildcard>, Gap> {
        for at in above(host) {
            if let Some(wildcard) = self.given_by(&at)? {
                return Ok(Some(wildcard).filter(|wildcard| !self.differs(host, wildcard)));
            }
        }
        Ok(None)
    }

    fn given_by(&self, at: &Name) -> Result<Option<Wildcard>, Gap> {
        let mut wildcard = Wildcard { at: at.clone(), alias: None, records: Vec::new() };
        for rtype in GIVEN {
            let found = self.ledger.peek(at, rtype)?;
            wildcard.alias = wildcard.alias.or_else(|| found.aliases().first().cloned());
            wildcard.records.extend(found.records().iter().map(|record| (rtype, record.rdata.clone())));
        }
        let gives = wildcard.alias.is_some() || !wildcard.records.is_empty();
        Ok(gives.then_some(wildcard))
    }

    /// Whether what is known of the name is something else than the wildcard gives.
    fn differs(&self, host: &Name, wildcard: &Wildcard) -> bool {
        GIVEN.into_iter().any(|rtype| {
            let Ok(own) = self.ledger.peek(host, rtype) else { return false };
            let given = wildcard.records.iter().filter(|(of, _)| *of == rtype).map(|(_, rdata)| rdata);
            let (mut own, mut given): (Vec<&Rdata>, Vec<&Rdata>) =
                (own.records().iter().map(|record| &record.rdata).collect(), given.collect());
            own.sort();
            given.sort();
            own != given
        })
    }

    /// Notes the wildcards above those names as wanted at which a remedy may publish a first record.
    pub(super) fn want_wildcards(&self) {
        if self.scope.as_receiver || !self.scope.topics.contains(&Topic::Spf) {
            return;
        }
        for host in self.bare_hosts() {
            for at in above(&host) {
                for rtype in GIVEN {
                    self.ledger.want(&at, rtype);
                }
            }
        }
    }

    /// The audited name and the greeting, where a record may be missing there.
    fn bare_hosts(&self) -> Vec<Name> {
        let target = self.target();
        let nothing =
            |name: &Name| self.ledger.peek(name, RecordType::Txt).is_ok_and(|f| f.records().is_empty());
        let parked = self.role().is_ok_and(|role| role == Role::Parked);
        let of_sender = target.domain.iter().filter(|domain| {
            self.evidence.zone.is_some()
                || nothing(domain) && (parked || !target.ips.is_empty())
                || parked && nothing(&domain.prefixed("_dmarc"))
        });
        let helo = target.helo.as_deref().map(Name::lenient);
        of_sender.cloned().chain(helo.filter(|helo| nothing(helo))).collect()
    }
}

/// The wildcards that may answer for a name, the closest first: inside its organisation's domain alone.
fn above(host: &Name) -> Vec<Name> {
    let top = psl::organizational(host);
    let mut found = Vec::new();
    let mut count = host.label_count();
    while count > top.label_count() && host.is_within(&top) && found.len() < LEVELS {
        count -= 1;
        found.push(host.suffix(count).prefixed("*"));
    }
    found
}
