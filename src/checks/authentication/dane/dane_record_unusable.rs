//! A TLSA record is of a kind that mail senders ignore.

use super::each;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::transport::dane::Tlsa;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dane-record-unusable",
    area: Area::Authentication,
    title: "a TLSA record is of a kind that mail senders ignore",
    severity: Severity::Medium,
    why: "\
        Mail senders know the usages 2 and 3 alone. Where all records of a host are unusable, senders \
        must encrypt but check nothing; a wrong length never matches.",
    fix: "\
        Publish 3 1 1 with the SHA-256 of the server's public key.",
    references: &[
        Reference::Rfc { number: 7672, section: "3.1.3" },
        Reference::Rfc { number: 6698, section: "2.1" },
    ],
    needs: &[Topic::Dane],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    each(facts, "no MX host has TLSA records, see dane-missing", |host, records| {
        let of_record = |record: &Tlsa| {
            let (text, fault) = (record.text(), record.fault()?);
            let subject =
                Subject::Record { question: format!("{} TLSA", host.name), text: text.clone(), span: None };
            let summary = format!("the TLSA record at {} is of no use: {fault}", host.name);
            let problem = Problem::at(subject, summary)
                .proof(text)
                .fix(format!("{}. TLSA 3 1 1 <SHA-256 of the public key, 64 hex digits>", host.name))
                .located(record.location.clone());
            Some(problem)
        };
        Ok(Some(records.iter().filter_map(of_record).collect()))
    })
}
