//! A CAA record stops every authority.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "caa-critical-unknown",
    area: Area::Authentication,
    title: "a CAA record stops every authority",
    severity: Severity::Medium,
    why: "\
        A record flagged critical with a tag that an authority does not know makes it refuse every \
        certificate for the names below.",
    fix: "\
        Remove the flag (128) from the record, or the record itself.",
    references: &[
        Reference::Rfc { number: 8659, section: "4.1" },
        Reference::Rfc { number: 8659, section: "4.5" },
    ],
    needs: &[Topic::Dane],
    since: "0.1.0",
    run,
};

/// The tags of the IANA registry "Certification Authority Restriction Properties".
const KNOWN: [&str; 8] =
    ["issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone", "auth"];

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let (mut problems, mut gap, mut any): (Vec<Problem>, _, _) = (Vec::new(), None, false);
    for host in facts.caa()? {
        match &host.records {
            Err(why) => gap = Some(why.clone()),
            Ok(None) => {}
            Ok(Some((name, records))) => {
                any = true;
                let unknown = records.iter().filter(|r| r.critical && !KNOWN.contains(&r.tag.as_str()));
                for record in unknown {
                    let tag = crate::model::untrusted::plain(&record.tag, Width::Word);
                    let summary =
                        format!("the CAA record at {name} is critical and of the unknown tag {tag}");
                    let fix = format!("publish {name}. CAA 0 {tag} ..., or remove it");
                    let problem = Problem::at(Subject::Domain(name.clone()), summary).fix(fix);
                    if !problems.contains(&problem) {
                        problems.push(problem);
                    }
                }
            }
        }
    }
    match gap {
        Some(gap) if problems.is_empty() => Err(gap),
        Some(gap) => Ok(Verdict::FailInPart(problems, gap)),
        _ if !any => Ok(Verdict::NotApplicable("no CAA record applies, see caa-missing")),
        _ => Ok(Verdict::from_problems(problems)),
    }
}
