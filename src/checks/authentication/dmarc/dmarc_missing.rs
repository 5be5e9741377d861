//! Is there a DMARC record for the author domain, at it or above it?

use super::{applying, own_steps};
use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::facts::dmarc::Dmarc;
use crate::model::{Area, Gap, Location, Name, Role, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-missing",
    area: Area::Authentication,
    title: "the domain has no DMARC record",
    severity: Severity::High,
    why: "\
        Google, Yahoo and Microsoft require a DMARC record from those who send in bulk and trust \
        others less without one; anybody can write mail in your name and you are not told.",
    fix: "Publish v=DMARC1; p=none; rua=mailto:ADDRESS at _dmarc, read the reports, then raise the policy.",
    references: &[Reference::Rfc { number: 9989, section: "4.10" }, pages::GOOGLE_SENDERS],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let unasked = match applying(facts) {
        Ok(Some(_)) => return Ok(Verdict::Pass),
        Ok(None) => None,
        Err(gap) => Some(gap),
    };
    let (steps, gap) = own_steps(facts)?;
    if let Some(unknown) = unasked {
        // What a registry publishes above the domain may stay unasked, as offline beside a zone
        // file: that the domain's own records are absent is known all the same.
        let is_own =
            gap.is_some() || steps.is_empty() || steps.iter().any(|(_, state)| state.record().is_some());
        let given = steps.iter().any(|(_, state)| state.given_in.is_some());
        if is_own || !given || !matches!(unknown, Gap::NotAttempted { .. }) {
            return Err(unknown);
        }
    }
    if steps.iter().any(|(_, state)| !state.near_misses.is_empty()) {
        return Ok(Verdict::NotApplicable("a record is there but is not recognised, see dmarc-syntax"));
    }
    if steps.iter().any(|(_, state)| state.records.len() > 1) {
        return Ok(Verdict::NotApplicable("several records cancel each other, see dmarc-multiple"));
    }
    let dmarc = facts.dmarc()?;
    let top = crate::parse::web::psl::organizational(&dmarc.domain);
    let known = dmarc.walk.steps.iter().filter(|step| step.state.is_ok());
    let asked: Vec<String> = known.map(|step| step.name.prefixed("_dmarc").to_string()).collect();
    // A record that is missing has no line; the file that lacks it is named by its first.
    let file = dmarc.walk.steps.iter().find_map(|step| step.state.as_ref().ok()?.given_in.clone());
    let fix = match facts.role() {
        // Nothing is lost where nothing is sent: no need to begin with none.
        Ok(Role::Parked | Role::ReceivesOnly) => {
            format!(
                "Publish _dmarc.{top}. IN TXT \"v=DMARC1; p=reject; sp=reject\", since the name sends no mail"
            )
        }
        _ => advice(dmarc, &top),
    };
    Ok(Verdict::Fail(vec![
        Problem::at(
            Subject::Domain(dmarc.domain.clone()),
            format!("no DMARC record at {}: anybody may send as {}", asked.join(", "), dmarc.domain),
        )
        .fix(fix)
        .located(file.map(|file| Location { file, line: 1 })),
    ]))
}

/// How to begin, in words: whose mailbox reads the reports, only the owner knows.
fn advice(dmarc: &Dmarc, top: &Name) -> String {
    let alias = dmarc.walk.steps.iter().find_map(|step| {
        let target = step.state.as_ref().ok()?.aliases.last()?;
        Some((step.name.prefixed("_dmarc"), target))
    });
    match alias {
        Some((at, target)) => format!(
            "{at} is an alias (CNAME) of {target}, where no DMARC record is: ask whoever runs {target} to publish one, \
             or delete the CNAME first, since no other record may stand beside it"
        ),
        None => format!(
            "Publish a record at _dmarc.{top}. IN TXT that says v=DMARC1; p=none; rua=mailto:ADDRESS, with a mailbox \
             you read as ADDRESS, and raise p= to quarantine and reject once the reports show your own mail passing"
        ),
    }
}
