//! Do receivers understand the DMARC records?

use super::own_steps;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::dmarc::walk::record_subject;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::dmarc::{Disposition, DmarcRecord, Standing, has_capital_tag, nearest};
use crate::parse::repair;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-syntax",
    area: Area::Authentication,
    title: "the DMARC record is malformed",
    severity: Severity::High,
    why: "\
        A record that does not begin with v=DMARC1 exactly is ignored, and a wrong policy word makes \
        it p=none or nothing at all. Wrong tags beside that are skipped, so what they ask does not happen.",
    fix: "Correct the marked part of the record.",
    references: &[
        Reference::Rfc { number: 9989, section: "4.7" },
        Reference::Rfc { number: 9989, section: "4.10.1" },
        Reference::Rfc { number: 6376, section: "3.2" },
    ],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let (steps, gap) = own_steps(facts)?;
    let mut problems = Vec::new();
    let mut records = 0;
    for (step, state) in steps {
        let at = step.name.prefixed("_dmarc");
        for (text, fault) in &state.near_misses {
            records += 1;
            let subject = record_subject(&step.name, text, Some(fault.span.clone()));
            let problem = match state.record() {
                // Such texts are discarded before records are counted (RFC 9989 section 4.10).
                Some(_) => Problem::at(
                    subject,
                    format!("{at}: a text beside the DMARC record that receivers discard: {}", fault.text),
                )
                .severity(Severity::Low)
                .fix("Delete this text; the record that counts stays as it is"),
                // Receivers that go by the grammar alone read it (RFC 9989 section 4.8).
                None => Problem::at(subject, format!("{at}: {}", fault.text))
                    .severity(if has_capital_tag(text) { Severity::Medium } else { Severity::High })
                    .fix("Let the record begin with exactly: v=DMARC1;"),
            };
            problems.push(problem.located(state.location.clone()));
        }
        for record in &state.records {
            records += 1;
            for fault in &record.faults {
                let severity = match fault.fatal {
                    // A repeated tag makes the whole list invalid (RFC 6376 section 3.2).
                    _ if fault.text.contains("no tag may repeat") => Severity::High,
                    // Receivers then act as if it were p=none (RFC 9989 section 4.7).
                    true if names_no_policy(record) => Severity::Medium,
                    // RFC 9990 removed the size limit, and receivers ignore it.
                    false if fault.text.contains("size limit") => Severity::Low,
                    true => Severity::High,
                    false if in_reports(record, fault.span.start) => Severity::Medium,
                    false => Severity::Low,
                };
                problems.push(
                    Problem::at(
                        record_subject(&step.name, &record.text, Some(fault.span.clone())),
                        format!("{at}: {}{}", fault.text, consequence(record, fault.fatal)),
                    )
                    .severity(severity)
                    .fix(correction(record))
                    .located(state.location.clone()),
                );
            }
        }
    }
    match gap {
        Some(gap) if problems.is_empty() => Err(gap),
        Some(gap) => Ok(Verdict::FailInPart(problems, gap)),
        _ if records == 0 => Ok(Verdict::NotApplicable("there is no DMARC record, see dmarc-missing")),
        _ => Ok(Verdict::from_problems(problems)),
    }
}

/// There is no p= in any writing: what is meant may well be none. A damaged one that asks for more is lost.
fn names_no_policy(record: &DmarcRecord) -> bool {
    let meant = repair::dmarc::read(&[record.text.clone().into_bytes()]);
    let meant = meant.and_then(|meant| DmarcRecord::parse(&meant.text)).and_then(|meant| meant.p);
    record.list.get("p").is_none()
        && record.standing == Standing::ReportOnly
        && meant.is_none_or(|policy| policy == Disposition::None)
}

fn in_reports(record: &DmarcRecord, at: usize) -> bool {
    ["rua", "ruf"].iter().filter_map(|name| record.list.get(name)).any(|tag| tag.span.contains(&at))
}

fn consequence(record: &DmarcRecord, fatal: bool) -> &'static str {
    match record.standing {
        _ if !fatal || record.list.get("p").is_none() => "",
        Standing::Useless => "; receivers apply no DMARC at all",
        _ => "; receivers act as if it were p=none",
    }
}

/// The record with its policy set right, where one can be told.
fn correction(record: &DmarcRecord) -> String {
    let wrong = ["p", "sp", "np"].into_iter().find_map(|name| {
        let tag = record.list.get(name)?;
        let read = match name {
            "p" => record.p,
            "sp" => record.sp,
            _ => record.np,
        };
        if read.is_some() { None } else { Some((name, nearest(&tag.value)?)) }
    });
    match wrong {
        Some((name, policy)) => {
            format!("Set {name}={} if that was meant, and correct the other marked tags", policy.name())
        }
        None if record.list.get("p").is_none() => {
            "Write the policy as p=none, p=quarantine or p=reject, in small letters, after v=DMARC1;"
                .to_owned()
        }
        None => "Correct or remove the marked tag".to_owned(),
    }
}
