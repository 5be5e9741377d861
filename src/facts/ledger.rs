//! The answers so far, and the list of what is still wanted.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::evidence::{Shape, Transcript};
use crate::model::{Absence, Answer, Failure, Gap, Name, Observation, Question, Rdata, Record, RecordType};

/// Looks answers up; a missing one is noted as wanted and comes back as [`Gap::Unasked`].
pub struct Ledger<'e> {
    answers: &'e BTreeMap<Question, Answer>,
    transcripts: &'e BTreeMap<Question, Observation<Transcript>>,
    wanted: RefCell<BTreeSet<Question>>,
}

/// A usable DNS answer: there are records, or there provably are none.
#[derive(Clone, Copy, Debug)]
pub enum Found<'e> {
    /// Records of the type asked for, at least one.
    Records(&'e [Record], &'e Answer),
    /// Proof that there are none.
    Nothing(Absence, &'e Answer),
}

impl<'e> Found<'e> {
    /// The records; empty for a proven absence.
    pub fn records(self) -> &'e [Record] {
        match self {
            Found::Records(records, _) => records,
            Found::Nothing(..) => &[],
        }
    }

    /// The denial; `None` where there are records.
    pub fn absence(self) -> Option<Absence> {
        match self {
            Found::Records(..) => None,
            Found::Nothing(absence, _) => Some(absence),
        }
    }

    /// The answer with its circumstances: source, aliases, authentication.
    pub fn answer(self) -> &'e Answer {
        match self {
            Found::Records(_, answer) | Found::Nothing(_, answer) => answer,
        }
    }

    /// CNAME targets followed on the way, also to a name that has nothing.
    pub fn aliases(self) -> &'e [Name] {
        &self.answer().aliases
    }
}

impl<'e> Ledger<'e> {
    /// A ledger of these answers with nothing wanted yet.
    pub fn new(
        answers: &'e BTreeMap<Question, Answer>,
        transcripts: &'e BTreeMap<Question, Observation<Transcript>>,
    ) -> Ledger<'e> {
        Ledger { answers, transcripts, wanted: RefCell::default() }
    }

    /// The answer to a DNS question, or why it is not known.
    pub(crate) fn dns(&self, name: &Name, rtype: RecordType) -> Result<Found<'e>, Gap> {
        let found = self.peek(name, rtype);
        if let Err(Gap::Unasked(question)) = &found {
            self.wanted.borrow_mut().insert(question.clone());
        }
        found
    }

    /// The same for those who only judge by what others ask: nothing becomes wanted.
    pub(crate) fn peek(&self, name: &Name, rtype: RecordType) -> Result<Found<'e>, Gap> {
        let question = Question::Dns { name: name.clone(), rtype };
        let Some(answer) = self.answers.get(&question) else {
            return Err(Gap::Unasked(question));
        };
        match &answer.observation {
            Observation::Seen(records) => Ok(Found::Records(records, answer)),
            Observation::Absent(absence) => Ok(Found::Nothing(*absence, answer)),
            Observation::Failed(failure) => Err(Gap::Failed { question, failure: failure.clone() }),
            Observation::NotAttempted(why) => Err(Gap::NotAttempted { question, why: why.clone() }),
        }
    }

    /// Notes a question as wanted without needing its answer yet, so that
    /// independent questions travel together.
    pub fn want(&self, name: &Name, rtype: RecordType) {
        let _ = self.dns(name, rtype);
    }

    /// The addresses of a host, both families; a family that could not be asked
    /// makes the whole unknown, since a missing address must not look absent.
    pub(crate) fn addresses(&self, name: &Name) -> Result<Vec<IpAddr>, Gap> {
        let four = self.dns(name, RecordType::A);
        let six = self.dns(name, RecordType::Aaaa);
        Ok(four?.records().iter().chain(six?.records()).filter_map(address_of).collect())
    }

    /// Whether a host has an address: one family with one proves it, whatever became
    /// of the other; that there is none takes the proof of both.
    pub(crate) fn has_address(&self, name: &Name) -> Result<bool, Gap> {
        let has = |rtype| self.dns(name, rtype).map(|found| !found.records().is_empty());
        match (has(RecordType::A), has(RecordType::Aaaa)) {
            // Both are waited for, so that all addresses can be looked at.
            (Err(gap @ Gap::Unasked(_)), _) | (_, Err(gap @ Gap::Unasked(_))) => Err(gap),
            (Ok(true), _) | (_, Ok(true)) => Ok(true),
            (Err(gap), _) | (_, Err(gap)) => Err(gap),
            (Ok(false), Ok(false)) => Ok(false),
        }
    }

    /// The addresses of those families that answered; a gap where that is none of
    /// them, or where neither has one and the other is not known.
    pub(crate) fn some_addresses(&self, name: &Name) -> Result<Vec<IpAddr>, Gap> {
        if !self.has_address(name)? {
            return Ok(Vec::new());
        }
        let of = |rtype| self.dns(name, rtype).map(|found| found.records()).unwrap_or_default();
        Ok([RecordType::A, RecordType::Aaaa].into_iter().flat_map(of).filter_map(address_of).collect())
    }

    /// Whether a name leads to an address: only the address's own family can tell.
    pub(crate) fn leads_to(&self, name: &Name, ip: IpAddr) -> Result<bool, Gap> {
        self.want(name, family(ip));
        self.peek_leads_to(name, ip)
    }

    /// The same by what others ask.
    pub(crate) fn peek_leads_to(&self, name: &Name, ip: IpAddr) -> Result<bool, Gap> {
        let ip = ip.to_canonical();
        Ok(self.peek(name, family(ip))?.records().iter().filter_map(address_of).any(|found| found == ip))
    }

    /// The raw answer, for those who must see its time, source or failure.
    pub fn answer(&self, question: &Question) -> Option<&'e Answer> {
        let answer = self.answers.get(question);
        if answer.is_none() {
            self.wanted.borrow_mut().insert(question.clone());
        }
        answer
    }

    /// The transcript of another protocol's exchange, in its raw shape. One of
    /// another shape counts as a failed exchange.
    pub(crate) fn transcript<T: Shape + 'e>(&self, question: &Question) -> Result<&'e T, Gap> {
        let question = question.clone();
        let Some(observation) = self.transcripts.get(&question) else {
            self.wanted.borrow_mut().insert(question.clone());
            return Err(Gap::Unasked(question));
        };
        match observation {
            Observation::Seen(transcript) => T::of(transcript).ok_or_else(|| {
                let failure = Failure::Malformed("the answer is of another protocol".to_owned());
                Gap::Failed { question, failure }
            }),
            Observation::Absent(_) => {
                Err(Gap::Failed { question, failure: Failure::Protocol("there is nothing there".to_owned()) })
            }
            Observation::Failed(failure) => Err(Gap::Failed { question, failure: failure.clone() }),
            Observation::NotAttempted(why) => Err(Gap::NotAttempted { question, why: why.clone() }),
        }
    }

    /// True where a zone's own name servers were asked, as in a replay.
    pub fn has_authority(&self) -> bool {
        self.transcripts.keys().any(|question| matches!(question, Question::Authority { .. }))
    }

    /// The questions that were looked up and have no answer yet.
    pub fn wanted(&self) -> BTreeSet<Question> {
        self.wanted.borrow().clone()
    }
}

/// The type of the records that lead to an address.
fn family(ip: IpAddr) -> RecordType {
    if ip.to_canonical().is_ipv4() { RecordType::A } else { RecordType::Aaaa }
}

fn address_of(record: &Record) -> Option<IpAddr> {
    match record.rdata {
        Rdata::A(ip) => Some(ip.into()),
        Rdata::Aaaa(ip) => Some(ip.into()),
        _ => None,
    }
}
