//! By which rules a name is judged: those of a name that sends, or of one that is parked, only
//! receives, is a zone of addresses, or does not exist. Every verdict passes here, so that no
//! report asks a parked name to take or send mail.

use crate::check::Check;
use crate::facts::Facts;
use crate::facts::zone::existence;
use crate::judge::catalog;
use crate::judge::finding::{CheckResult, Outcome};
use crate::model::{Area, Gap, Role};

/// What the audited name is, as far as it can be told.
pub(super) struct Rules {
    role: Option<Result<Role, Gap>>,
    missing: bool,
}

/// The finding about a domain that does not exist.
const MISSING: &str = "domain-missing";

/// Checks of what only a name that sends needs. A prefix ends in `-`.
const OF_SENDERS: &[&str] = &[
    "arc-",
    "bimi-",
    "dkim-",
    "dmarc-forwarding-fragile",
    "dmarc-policy-none",
    "dmarc-policy-raisable",
    "dmarc-report-missing",
    "dmarc-reports-",
    "dmarc-unpassable",
    "mail-from-undeliverable",
    "spf-all-missing",
    "spf-helo-missing",
];

/// Checks of what only a name that takes mail needs.
const OF_TAKERS: &[&str] = &[
    "abuse-refused",
    "caa-missing",
    "dane-missing",
    "mta-sts-missing",
    "mx-ipv6-missing",
    "mx-null",
    "mx-single",
    "mx-unresolvable",
    "postmaster-refused",
    "tls-rpt-missing",
];

/// Checks of what a zone of addresses has no use for.
const OF_MAIL_NAMES: &[&str] = &["mx-missing", "spf-missing", "dmarc-missing", "dmarc-parked-open"];

impl Rules {
    pub(super) fn of(facts: &Facts) -> Rules {
        let domain = facts.domain().is_ok();
        Rules {
            role: domain.then(|| facts.role()),
            missing: domain && matches!(existence::missing(facts), Ok(Some(_))),
        }
    }

    /// The result as it counts for this name.
    pub(super) fn applied(&self, result: CheckResult) -> CheckResult {
        let (check, set) = (result.check, result.set);
        if self.missing && check.area == Area::Authentication && check.code != MISSING {
            let why = "the domain does not exist, see domain-missing";
            return CheckResult { check, outcome: Outcome::NotApplicable(why), set };
        }
        let parked = |role: Role| self::reason(role, check.code);
        let outcome = match (&self.role, &result.outcome) {
            (Some(Ok(role)), _) => match parked(*role) {
                Some(why) => Outcome::NotApplicable(why),
                None => return result,
            },
            // By the rules of which role? The answer that would say so failed: nothing is known.
            (Some(Err(gap)), Outcome::Fail { .. })
                if !matches!(gap, Gap::Unasked(_))
                    && [Role::Parked, Role::ReceivesOnly].into_iter().any(|role| parked(role).is_some()) =>
            {
                Outcome::Unknown(gap.clone())
            }
            _ => return result,
        };
        CheckResult { check, outcome, set }
    }

    /// The check that says that the domain does not exist, whatever was selected: all else hangs on it.
    pub(super) fn missing_domain(&self, results: &[CheckResult]) -> Option<&'static Check> {
        let reported = results.iter().any(|result| result.check.code == MISSING);
        let concerned = results.iter().any(|result| result.check.area == Area::Authentication);
        catalog::find(MISSING).filter(|_| self.missing && concerned && !reported)
    }
}

/// Why a check does not apply to a name of this role.
fn reason(role: Role, code: &str) -> Option<&'static str> {
    let among = |codes: &[&str]| {
        codes.iter().any(|known| *known == code || (known.ends_with('-') && code.starts_with(known)))
    };
    match role {
        Role::Sends | Role::Nothing => None,
        Role::Parked if among(OF_SENDERS) => Some("the name is parked: it sends no mail"),
        Role::Parked if among(OF_TAKERS) => Some("the name is parked: it takes no mail"),
        Role::ReceivesOnly if among(OF_SENDERS) => Some("the name only receives: it sends no mail"),
        Role::ReverseZone if among(OF_SENDERS) || among(OF_TAKERS) || among(OF_MAIL_NAMES) => {
            Some("a zone of addresses sends and takes no mail")
        }
        Role::Parked | Role::ReceivesOnly | Role::ReverseZone => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_lists_is_a_check() {
        for known in OF_SENDERS.iter().chain(OF_TAKERS).chain(OF_MAIL_NAMES) {
            let found = catalog::all()
                .any(|check| check.code == *known || (known.ends_with('-') && check.code.starts_with(known)));
            assert!(found, "{known} is no check");
        }
    }
}
