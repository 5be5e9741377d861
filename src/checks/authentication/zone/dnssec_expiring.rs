//! The zone's signatures are about to end.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dnssec-expiring",
    area: Area::Authentication,
    title: "DNSSEC signatures end within two days",
    severity: Severity::Medium,
    why: "\
        Signers renew a signature days before it ends. One that was made for a week or more and is almost \
        over tells of a signer that stopped; when it ends, validating resolvers answer SERVFAIL and mail \
        fails in both directions.",
    fix: "Find out why the zone is not signed anew: the signer stopped, or its secondaries do not follow.",
    references: &[Reference::Rfc { number: 6781, section: "4.4.2" }],
    needs: &[Topic::Dnssec],
    since: "0.1.0",
    run,
};

const DAY: i64 = 86_400;
/// Signers in use renew at the latest three days before the end (OpenDNSSEC's default; BIND a quarter
/// of the lifetime, Knot seven days).
const CLOSE: i64 = 2 * DAY;
/// Services that sign each answer as it goes out make signatures for two or three days.
const RENEWED_BY_HAND: i64 = 7 * DAY;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let (mut problems, mut gap, mut known): (Vec<Problem>, _, _) = (Vec::new(), None, false);
    for link in facts.dnssec_links()? {
        let validation = match link.validation {
            Ok(validation) => validation,
            Err(why) => {
                gap = gap.or(Some(why));
                continue;
            }
        };
        let (Some(at), Some(lifetime), Some(zone)) =
            (validation.expires, validation.lifetime, validation.zone)
        else {
            continue;
        };
        known = true;
        let left = at - facts.now();
        let subject = Subject::Domain(zone.clone());
        if !(0..=CLOSE).contains(&left)
            || lifetime < RENEWED_BY_HAND
            || problems.iter().any(|problem| problem.subject == subject)
        {
            continue;
        }
        let name = crate::model::untrusted::plain(zone.as_str(), Width::Line);
        let end = crate::facts::day_of(at);
        problems.push(
            Problem::at(
                subject,
                format!(
                    "a DNSSEC signature of {name} ends in {} hours ({end}), after {} days of validity",
                    left / 3600,
                    lifetime / DAY
                ),
            )
            .confidence(Confidence::Firm)
            .fix(format!("sign {name} anew before {end}")),
        );
    }
    match gap {
        Some(gap) if problems.is_empty() => Err(gap),
        Some(gap) => Ok(Verdict::FailInPart(problems, gap)),
        _ if problems.is_empty() && !known => {
            Ok(Verdict::NotApplicable("neither the domain nor its MX hosts are signed with DNSSEC"))
        }
        _ => Ok(Verdict::from_problems(problems)),
    }
}
