//! A TLSA record is of a kind that mail senders ignore.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
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
    let (mut problems, mut gap, mut any) = (Vec::new(), None, false);
    for host in facts.dane()? {
        let records = match &host.records {
            Ok(records) => records,
            Err(why) => {
                gap = Some(why.clone());
                continue;
            }
        };
        any |= !records.is_empty();
        for record in records {
            let Some(fault) = record.fault() else { continue };
            let text = record.text();
            let subject =
                Subject::Record { question: format!("{} TLSA", host.name), text: text.clone(), span: None };
            problems.push(
                Problem::at(subject, format!("the TLSA record at {} is of no use: {fault}", host.name))
                    .proof(text)
                    .fix(format!("{}. TLSA 3 1 1 <SHA-256 of the public key, 64 hex digits>", host.name))
                    .located(record.location.clone()),
            );
        }
    }
    match gap {
        Some(gap) if problems.is_empty() => Err(gap),
        _ if !any => Ok(Verdict::NotApplicable("no MX host has TLSA records, see dane-missing")),
        _ => Ok(Verdict::from_problems(problems)),
    }
}
