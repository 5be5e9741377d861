//! DMARC policy discovery by tree walk (RFC 9989 section 4.10): every record on
//! the way, the policy that applies, and the organizational domain, by the walk
//! and by the public suffix list that RFC 7489 used.

use crate::facts::Facts;
use crate::model::{Absence, Gap, Location, Name, RecordType, Source, Subject};
use crate::parse::dmarc::{Disposition, DmarcRecord, Psd, near_miss};
use crate::parse::tag_list::Fault;
use crate::parse::web::psl;

/// One name of the walk and what stands at `_dmarc` below it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The name without `_dmarc`.
    pub name: Name,
    pub state: Result<StepState, Gap>,
}

/// The TXT records at one `_dmarc` name.
#[derive(Clone, Debug, Default)]
pub struct StepState {
    pub absence: Option<Absence>,
    /// Those that begin with `v=DMARC1`; more than one means none counts.
    pub records: Vec<DmarcRecord>,
    /// Those that were meant to and do not, with the reason.
    pub near_misses: Vec<(String, Fault)>,
    pub location: Option<Location>,
    /// CNAME targets followed.
    pub aliases: Vec<Name>,
    /// The zone file that answers: its zone is given, so absence is known.
    pub given_in: Option<String>,
}

impl StepState {
    /// The record that counts.
    pub fn record(&self) -> Option<&DmarcRecord> {
        match self.records.as_slice() {
            [record] => Some(record),
            _ => None,
        }
    }
}

/// The walk from one domain upwards.
#[derive(Clone, Debug)]
pub struct Walk {
    pub steps: Vec<Step>,
}

/// At which of the three places the policy was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Author,
    Organizational,
    PublicSuffix,
}

/// The record that applies.
#[derive(Clone, Copy, Debug)]
pub struct Discovery<'w> {
    pub step: &'w Step,
    pub state: &'w StepState,
    pub record: &'w DmarcRecord,
    pub place: Place,
}

/// Identities aligned at most; a message with more signatures is no mail.
const MAX_IDENTITIES: usize = 20;

/// Names asked at most (RFC 9989 section 4.10).
pub(crate) const MAX_QUERIES: usize = 8;

/// The names a walk asks, the domain itself first: from eight labels on it jumps
/// to the last seven.
pub(crate) fn names_of_walk(domain: &Name) -> Vec<Name> {
    let count = domain.label_count();
    let mut names = vec![domain.clone()];
    names.extend((1..count.min(MAX_QUERIES)).rev().map(|labels| domain.suffix(labels)));
    names
}

impl Walk {
    /// Looks at what stands at the names of the walk. The steps do not depend on
    /// each other's answers, so they are wanted together.
    pub fn take(facts: &Facts, domain: &Name) -> Walk {
        let steps = names_of_walk(domain)
            .into_iter()
            .map(|name| {
                let state = facts.ledger().dns(&name.prefixed("_dmarc"), RecordType::Txt).map(|found| {
                    let mut state = StepState {
                        absence: found.absence(),
                        aliases: found.aliases().to_vec(),
                        given_in: match &found.answer().source {
                            Source::ZoneFile(file) => Some(file.clone()),
                            _ => None,
                        },
                        ..StepState::default()
                    };
                    for record in found.records() {
                        let Some(bytes) = record.rdata.joined_text() else { continue };
                        let text = String::from_utf8_lossy(&bytes).into_owned();
                        if let Some(read) = DmarcRecord::parse(&text) {
                            state.records.push(read);
                            state.location = state.location.take().or_else(|| record.location.clone());
                        } else if let Some(fault) = near_miss(&text) {
                            state.near_misses.push((text, fault));
                            state.location = state.location.take().or_else(|| record.location.clone());
                        }
                    }
                    state
                });
                Step { name, state }
            })
            .collect();
        Walk { steps }
    }

    /// The steps a receiver takes: it stops at `psd=y` and `psd=n`, and at the
    /// first answer it does not get.
    fn taken(&self) -> impl Iterator<Item = Result<(&Step, &DmarcRecord), Gap>> {
        let mut done = false;
        self.steps
            .iter()
            .map_while(move |step| {
                if done {
                    return None;
                }
                Some(match &step.state {
                    // Above a registrable domain whose zone is given stands only a
                    // registry, whose word is not needed to know what the zone lacks.
                    Err(gap) if !matches!(gap, Gap::Unasked(_)) && self.is_above_given(&step.name) => {
                        done = true;
                        Ok(None)
                    }
                    Err(gap) => {
                        done = true;
                        Err(gap.clone())
                    }
                    Ok(state) => {
                        let record = state.record();
                        done = record.is_some_and(|record| record.psd != Psd::Unknown);
                        Ok(record.map(|record| (step, record)))
                    }
                })
            })
            .filter_map(Result::transpose)
    }

    /// True of a public suffix above a domain that a zone file answers for.
    fn is_above_given(&self, name: &Name) -> bool {
        let registrable = psl::organizational(self.start());
        let given = |step: &Step| {
            step.name == registrable && step.state.as_ref().is_ok_and(|state| state.given_in.is_some())
        };
        registrable != *name && registrable.is_within(name) && self.steps.iter().any(given)
    }

    /// The organizational domain (RFC 9989 section 4.10.2), and whether a record
    /// on the way settled it: without any, the domain is its own.
    pub fn organizational(&self) -> Result<(Name, bool), Gap> {
        let start = self.start().clone();
        let mut shortest = None;
        for (index, taken) in self.taken().enumerate() {
            let (step, record) = taken?;
            match record.psd {
                Psd::No => return Ok((step.name.clone(), true)),
                Psd::Yes if index > 0 || step.name != start => {
                    return Ok((start.suffix(step.name.label_count() + 1), true));
                }
                _ => shortest = Some(step.name.clone()),
            }
        }
        let settled = shortest.is_some();
        Ok((shortest.unwrap_or(start), settled))
    }

    /// The highest record below the first answer that is missing.
    pub fn lowest_boundary(&self) -> Option<Name> {
        self.taken().map_while(Result::ok).last().map(|(step, _)| step.name.clone())
    }

    /// True where a `psd` tag, and not only a record's place, drew the boundary.
    pub fn is_explicit(&self) -> bool {
        self.taken().any(|taken| taken.is_ok_and(|(_, record)| record.psd != Psd::Unknown))
    }

    pub fn start(&self) -> &Name {
        &self.steps[0].name
    }

    /// The record that applies to mail from the domain the walk started at
    /// (RFC 9989 section 4.10.1).
    pub fn discover(&self) -> Result<Option<Discovery<'_>>, Gap> {
        let first = &self.steps[0];
        let state = first.state.as_ref().map_err(Clone::clone)?;
        if let Some(record) = state.record() {
            return Ok(Some(Discovery { step: first, state, record, place: Place::Author }));
        }
        let (organizational, _) = self.organizational()?;
        let at = |name: &Name| {
            let step = self.steps.iter().find(|step| step.name == *name)?;
            let state = step.state.as_ref().ok()?;
            Some((step, state, state.record()?))
        };
        if let Some((step, state, record)) = at(&organizational) {
            return Ok(Some(Discovery { step, state, record, place: Place::Organizational }));
        }
        let suffix = organizational.parent().filter(|parent| !parent.is_root());
        Ok(suffix
            .and_then(|suffix| at(&suffix))
            .filter(|(_, _, record)| record.psd == Psd::Yes)
            .map(|(step, state, record)| Discovery { step, state, record, place: Place::PublicSuffix }))
    }
}

impl Discovery<'_> {
    /// The policy for the author domain; `exists` says whether the name is in the
    /// DNS and is asked for only where it matters. `None`: the record is useless.
    pub fn policy(&self, exists: impl FnOnce() -> Result<bool, Gap>) -> Result<Option<Disposition>, Gap> {
        if self.place == Place::Author {
            return Ok(self.record.policy());
        }
        let (sub, non) = (self.record.subdomain_policy(), self.record.nonexistent_policy());
        if sub == non || exists()? { Ok(sub) } else { Ok(non) }
    }

    /// The record as a problem's subject, pointing at the guilty bytes.
    pub fn subject(&self, span: Option<std::ops::Range<usize>>) -> Subject {
        record_subject(&self.step.name, &self.record.text, span)
    }
}

/// The `_dmarc` record of a name as a problem's subject.
pub(crate) fn record_subject(name: &Name, text: &str, span: Option<std::ops::Range<usize>>) -> Subject {
    Subject::Record { question: format!("{} TXT", name.prefixed("_dmarc")), text: text.to_owned(), span }
}

impl<'e> Facts<'e> {
    /// The audited domain, or the one the message is From.
    pub(crate) fn author_domain(&self) -> Result<Name, Gap> {
        let gap = match self.domain() {
            Ok(domain) => return Ok(domain.clone()),
            Err(gap) => gap,
        };
        let Some(message) = self.signed() else { return Err(gap) };
        message.whole()?;
        match message.author_domains.as_slice() {
            [only] => Ok(only.clone()),
            _ => Err(gap),
        }
    }

    /// The domains that SPF or DKIM may authenticate: given results, the envelope
    /// sender, and the signatures of the message.
    pub(super) fn identities(&self) -> Vec<Name> {
        let mut found = self.scope().identities.clone();
        found.extend(self.target().mail_from.as_ref().and_then(|_| self.target().envelope_domain()));
        found.extend(self.signatures().iter().filter_map(|at| at.signature.domain.clone()));
        found.sort();
        found.dedup();
        found.truncate(MAX_IDENTITIES);
        found
    }

    /// True unless the DNS answers NXDOMAIN (RFC 8020), which is what `np` is about.
    pub(crate) fn exists(&self, name: &Name) -> Result<bool, Gap> {
        Ok(self.ledger().dns(name, RecordType::Txt)?.absence() != Some(Absence::Nxdomain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_asks_eight_names_at_most() {
        let names =
            |text: &str| names_of_walk(&Name::lenient(text)).iter().map(Name::to_string).collect::<Vec<_>>();
        assert_eq!(names("a.example.com"), ["a.example.com", "example.com", "com"]);
        assert_eq!(names("com"), ["com"]);
        assert_eq!(names("1.2.3.4.5.6.7.8").len(), 8);
        let deep = names("a.b.c.d.e.f.g.h.i.example.com");
        assert_eq!(deep.len(), 8);
        assert_eq!(deep[1], "e.f.g.h.i.example.com");
    }
}
