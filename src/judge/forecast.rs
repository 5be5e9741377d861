//! What each receiver is expected to do with the mail: every requirement it documents, judged by
//! the checks that see it. Met only where all its checks passed; what is unknown, does not apply or
//! is set aside by the user is never met.

use std::collections::BTreeSet;

use crate::data::receivers::{self, Applies, Consequence, Family, Level, Receiver, Requirement};
use crate::facts::Facts;
use crate::judge::finding::CheckResult;
use crate::judge::met::{State, best_of, severity, state};
use crate::model::{MailKind, Role, Severity, Topic};
use crate::policy::Policy;

pub use crate::judge::met::Met;

/// What stands for a forecast about a name without mail.
const SENDS_NOTHING: &str = "the name sends no mail";

/// A DMARC policy that acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnPolicy {
    /// `p=quarantine` (RFC 9989 section 4.7): mail that fails is to be treated as suspicious.
    Quarantine,
    /// `p=reject` (RFC 9989 section 4.7): mail that fails is to be refused.
    Reject,
}

/// What is known of the sender beside the checks.
#[derive(Clone, Debug, Default)]
pub struct Posture {
    /// Messages a day, where a log shows them.
    pub a_day: Option<u64>,
    /// True where the user says that the mail goes out in bulk.
    pub bulk: bool,
    /// What the sender's own DMARC policy asks for mail that fails it.
    pub policy: Option<OwnPolicy>,
    /// Mail leaves from an IPv6 address; `None` where no address is known.
    pub ipv6: Option<bool>,
    /// False where the name sends no mail.
    pub sends: bool,
    /// True where the answer that would say whether the name sends mail failed: nothing is
    /// met then, since nothing may apply.
    pub role_unknown: bool,
    /// Ids of the receivers to report on; all where empty.
    pub wanted: Vec<String>,
}

impl Posture {
    /// What the facts say of the sender.
    pub fn of(facts: &Facts, policy: &Policy) -> Posture {
        let ips = &facts.target().ips;
        // Only what the selected checks ask for anyway: a forecast asks nothing of its own.
        let asked =
            [Topic::Spf, Topic::Dkim, Topic::Dmarc].iter().all(|topic| facts.scope().topics.contains(topic));
        Posture {
            a_day: facts.traffic().ok().and_then(|traffic| traffic.busiest_day()),
            bulk: policy.kind == MailKind::Bulk,
            policy: asked.then(|| facts.prediction().ok()).flatten().and_then(|found| {
                match found.direct.disposition.name() {
                    "reject" => Some(OwnPolicy::Reject),
                    "quarantine" => Some(OwnPolicy::Quarantine),
                    _ => None,
                }
            }),
            ipv6: (!ips.is_empty()).then(|| ips.iter().any(std::net::IpAddr::is_ipv6)),
            sends: facts.role().map_or(true, Role::may_send),
            role_unknown: facts.domain().is_ok() && facts.role().is_err_and(|gap| gap.is_unanswered()),
            wanted: policy.receivers.clone(),
        }
    }
}

/// What a receiver will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expected {
    /// Mail is refused or put off.
    Refuse,
    /// Mail is likely to be filed as spam.
    Suspect,
    /// A requirement that decides could not be judged.
    Unknown,
    /// Every requirement that can be judged is met.
    Accept,
}

impl Expected {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Expected::Refuse => "refuse",
            Expected::Suspect => "suspect",
            Expected::Unknown => "unknown",
            Expected::Accept => "accept",
        }
    }

    /// In words.
    pub fn title(self) -> &'static str {
        match self {
            Expected::Refuse => "refuses",
            Expected::Suspect => "is suspicious",
            Expected::Unknown => "cannot be said",
            Expected::Accept => "accepts",
        }
    }
}

/// One receiver's forecast.
#[derive(Debug)]
pub struct ReceiverResult {
    /// What `--receiver` takes.
    pub id: &'static str,
    /// The name for people.
    pub name: &'static str,
    /// True where a refusal here decides the sender's grade.
    pub large: bool,
    /// The worst that its requirements lead to.
    pub expected: Expected,
    /// The reply it documents for the breach.
    pub code: Option<&'static str>,
    /// One or two reasons.
    pub because: Vec<String>,
    /// Of a refusal: the failing checks that lead to it, all of which have to be settled.
    pub refused_by: Vec<&'static str>,
    /// All it documents, in the catalogue's order.
    pub requirements: Vec<RequirementResult>,
}

/// One requirement.
#[derive(Debug)]
pub struct RequirementResult {
    /// Unique within the receiver; stable.
    pub id: &'static str,
    /// What is asked, for people.
    pub title: &'static str,
    /// `all`, or `bulk from 5,000 a day`.
    pub applies: String,
    /// How it stands.
    pub outcome: Met,
    /// The checks that are looked at.
    pub checks: Vec<&'static str>,
    /// What decided.
    pub detail: String,
    must: bool,
    consequence: Consequence,
    code: Option<&'static str>,
    /// For a requirement of bulk senders: whether this is one.
    concerned: Option<bool>,
    /// Whether its breach leads to what the sender's own DMARC policy asks for.
    by_own_policy: bool,
    deciding: Vec<&'static str>,
    /// The worst that was found of it.
    severity: Option<Severity>,
}

/// Judges every receiver's requirements by the results of the checks.
pub fn judge(results: &[CheckResult], posture: &Posture) -> Vec<ReceiverResult> {
    let wanted = |receiver: &&Receiver| posture.wanted.is_empty() || posture.wanted.contains(&receiver.id);
    all(results, posture, wanted, false)
}

fn all(
    results: &[CheckResult],
    posture: &Posture,
    wanted: impl Fn(&&'static Receiver) -> bool,
    worst: bool,
) -> Vec<ReceiverResult> {
    let receivers = receivers::catalogue().receivers.iter().filter(wanted);
    receivers.map(|receiver| judge_receiver(receiver, results, posture, worst)).collect()
}

/// The bounds that the forecast sets for a grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceiling {
    /// A large receiver refuses the mail, or all do by the sender's own policy.
    Refused,
    /// Two large receivers suspect it, or the sender's own policy sends it to the spam folder.
    Spam,
}

/// The bound, and what sets it.
pub fn ceiling(results: &[CheckResult], posture: &Posture) -> Option<(Ceiling, String)> {
    let (bound, by) = bound(results, posture, false)?;
    let names: Vec<&str> = by.iter().map(|receiver| receiver.name).collect();
    let why = match (bound, by.first().and_then(|receiver| receiver.because.first())) {
        (Ceiling::Refused, Some(why)) => format!("{} refuses the mail; {why}", names.join(" and ")),
        (Ceiling::Refused, None) => format!("{} refuses the mail", names.join(" and ")),
        (Ceiling::Spam, _) => format!("{} suspect the mail", names.join(" and ")),
    };
    Some((bound, why))
}

/// The bound as if every check without an answer failed, and what is unknown behind it.
pub fn worst_ceiling(results: &[CheckResult], posture: &Posture) -> Option<(Ceiling, String)> {
    let (bound, by) = bound(results, posture, true)?;
    let names: Vec<&str> = by.iter().map(|receiver| receiver.name).collect();
    let open = |code: &&str| {
        let of = |result: &&CheckResult| result.check.code == *code;
        results.iter().find(of).is_some_and(|result| result.is_unanswered() || result.is_in_part())
    };
    let deciding =
        by.iter().flat_map(|receiver| receiver.requirements.iter().flat_map(|r| r.deciding.clone()));
    let codes: BTreeSet<&str> = deciding.chain(["ip-blocklisted", "dmarc-unpassable"]).filter(open).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let unknown = match codes.as_slice() {
        [] => "answers are missing".to_owned(),
        [one] => format!("{one} is unknown"),
        [one, two] => format!("{one} and {two} are unknown"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more are unknown", rest.len()),
    };
    let what = if bound == Ceiling::Refused { "refuse" } else { "suspect" };
    Some((bound, format!("{unknown}, for which {} may {what} the mail", names.join(" and "))))
}

/// The bound, and the receivers that set it.
fn bound(results: &[CheckResult], posture: &Posture, worst: bool) -> Option<(Ceiling, Vec<ReceiverResult>)> {
    let large = all(results, posture, |receiver| receiver.large, worst);
    let (refusing, others): (Vec<_>, Vec<_>) =
        large.into_iter().partition(|receiver| receiver.expected == Expected::Refuse);
    if let Some(first) = refusing.into_iter().next() {
        return Some((Ceiling::Refused, vec![first]));
    }
    let suspecting: Vec<_> =
        others.into_iter().filter(|receiver| receiver.expected == Expected::Suspect).collect();
    (suspecting.len() > 1).then_some((Ceiling::Spam, suspecting))
}

fn judge_receiver(
    receiver: &'static Receiver,
    results: &[CheckResult],
    posture: &Posture,
    worst: bool,
) -> ReceiverResult {
    let requirements: Vec<RequirementResult> = receiver
        .requirements
        .iter()
        .map(|requirement| judge_requirement(receiver, requirement, results, posture, worst))
        .collect();
    let breaches = Breaches::of(&requirements, results, posture, worst);
    let (expected, code, because) = expect(&requirements, &breaches, results, posture);
    ReceiverResult {
        id: &receiver.id,
        name: &receiver.name,
        large: receiver.large,
        expected,
        code,
        because,
        refused_by: match expected {
            Expected::Refuse => breaches.refusing(results, worst),
            _ => Vec::new(),
        },
        requirements,
    }
}

/// What a receiver refuses or suspects the mail for.
struct Breaches<'r> {
    /// The address stands on a list that receivers refuse by.
    listed: bool,
    /// The mail fails DMARC.
    unpassable: bool,
    /// What the sender's own policy asks for then.
    policy: Option<OwnPolicy>,
    refused: Vec<&'r RequirementResult>,
    suspect: Vec<&'r RequirementResult>,
}

impl<'r> Breaches<'r> {
    fn of(
        requirements: &'r [RequirementResult],
        results: &[CheckResult],
        posture: &Posture,
        worst: bool,
    ) -> Breaches<'r> {
        let broken = |consequence: Consequence| -> Vec<&RequirementResult> {
            requirements.iter().filter(|r| r.outcome == Met::NotMet && r.follows() == consequence).collect()
        };
        let fails = |code: &str| state(results, code, worst) == State::Fail;
        let unpassable = fails("dmarc-unpassable");
        let mut suspect = broken(Consequence::Spam);
        if suspect.is_empty() {
            let unmet =
                |r: &&RequirementResult| r.must && r.outcome == Met::NotMet && r.concerned != Some(false);
            suspect = requirements.iter().filter(unmet).collect();
        }
        Breaches {
            listed: fails("ip-blocklisted")
                && severity(&["ip-blocklisted"], results, worst) == Some(Severity::Critical),
            unpassable,
            policy: posture.policy.filter(|_| unpassable),
            refused: broken(Consequence::Refuse),
            suspect,
        }
    }

    /// The failing checks that lead to a refusal.
    fn refusing(&self, results: &[CheckResult], worst: bool) -> Vec<&'static str> {
        let mut codes: Vec<&'static str> = Vec::new();
        codes.extend(self.listed.then_some("ip-blocklisted"));
        codes.extend((self.policy == Some(OwnPolicy::Reject)).then_some("dmarc-unpassable"));
        codes.extend(self.refused.iter().flat_map(|r| r.deciding.clone()));
        codes.retain(|code| state(results, code, worst) == State::Fail);
        codes
    }
}

/// The details of these requirements, each once, two at most, behind what weighs more.
fn reasons(first: Option<&str>, of: &[&RequirementResult]) -> Vec<String> {
    let mut reasons: Vec<String> = first.map(str::to_owned).into_iter().collect();
    for requirement in of {
        if !reasons.contains(&requirement.detail) {
            reasons.push(requirement.detail.clone());
        }
    }
    reasons.truncate(2);
    reasons
}

/// What follows from the requirements: the worst of their consequences.
fn expect(
    requirements: &[RequirementResult],
    breaches: &Breaches,
    results: &[CheckResult],
    posture: &Posture,
) -> (Expected, Option<&'static str>, Vec<String>) {
    if !posture.sends {
        return (Expected::Unknown, None, vec![SENDS_NOTHING.to_owned()]);
    }
    let Breaches { refused, suspect, .. } = breaches;
    if breaches.listed {
        let why = "the address is on a blocklist that receivers refuse by (ip-blocklisted)";
        return (Expected::Refuse, None, reasons(Some(why), refused));
    }
    if breaches.policy == Some(OwnPolicy::Reject) {
        let code =
            requirements.iter().filter(|r| r.checks.contains(&"dmarc-unpassable")).find_map(|r| r.code);
        let why = "the mail fails DMARC and the sender's own policy is reject (dmarc-unpassable)";
        return (Expected::Refuse, code, reasons(Some(why), refused));
    }
    if !refused.is_empty() {
        return (Expected::Refuse, refused.iter().find_map(|r| r.code), reasons(None, refused));
    }
    if breaches.policy == Some(OwnPolicy::Quarantine) {
        let why = "the mail fails DMARC and the sender's own policy is quarantine (dmarc-unpassable)";
        let spam: Vec<&RequirementResult> =
            suspect.iter().copied().filter(|r| r.follows() == Consequence::Spam).collect();
        return (Expected::Suspect, None, reasons(Some(why), &spam));
    }
    if !suspect.is_empty() {
        return (Expected::Suspect, suspect.iter().find_map(|r| r.code), reasons(None, suspect));
    }
    if breaches.unpassable {
        return (Expected::Suspect, None, vec!["the mail fails DMARC (dmarc-unpassable)".to_owned()]);
    }
    let open: Vec<&RequirementResult> = requirements.iter().filter(|r| r.leaves_open(results)).collect();
    let met: Vec<&RequirementResult> =
        requirements.iter().filter(|r| r.must && r.outcome == Met::Met).collect();
    match (open.is_empty(), met.is_empty()) {
        (true, false) => {
            (Expected::Accept, None, vec![format!("all it asks that can be seen is met ({})", met.len())])
        }
        (true, true) => (Expected::Unknown, None, vec!["nothing it asks can be seen here".to_owned()]),
        (false, _) => (Expected::Unknown, None, reasons(None, &open)),
    }
}

impl RequirementResult {
    /// What its breach leads to for this sender: what is asked of bulk senders alone is held
    /// against others at most as a sign.
    fn follows(&self) -> Consequence {
        // A fault of medium weight is one that only some mind.
        let firm = self.severity >= Some(Severity::High);
        match self.concerned {
            Some(false) => Consequence::None,
            Some(true) if firm => self.consequence,
            _ => self.consequence.min(Consequence::Spam),
        }
    }

    /// Unknown, and it may lead to a refusal; or a question got no answer at all, or nobody
    /// asked it.
    fn leaves_open(&self, results: &[CheckResult]) -> bool {
        let unjudged = |code: &&str| match results.iter().find(|result| result.check.code == *code) {
            Some(result) => result.is_unanswered(),
            None => true,
        };
        self.outcome == Met::Unknown
            && self.concerned != Some(false)
            && !self.checks.is_empty()
            && (self.consequence == Consequence::Refuse
                || self.by_own_policy
                || (self.must && self.deciding.iter().any(unjudged)))
    }
}

fn judge_requirement(
    receiver: &'static Receiver,
    requirement: &'static Requirement,
    results: &[CheckResult],
    posture: &Posture,
    worst: bool,
) -> RequirementResult {
    let (applies, concerned) = concerns(receiver, requirement, posture);
    let of_family = match (requirement.family, posture.ipv6) {
        (Some(Family::Ipv6), Some(ipv6)) => ipv6,
        _ => true,
    };
    // The sender's own policy decides what becomes of mail that fails it, see `expect`.
    let consequence = if requirement.policy { Consequence::None } else { requirement.consequence() };
    let mut result = RequirementResult {
        id: &requirement.id,
        title: &requirement.title,
        applies,
        outcome: Met::NotApplicable,
        checks: requirement.codes_of_checks().collect(),
        detail: String::new(),
        must: requirement.level == Level::Must,
        consequence,
        code: requirement.codes.first().map(String::as_str),
        concerned,
        by_own_policy: requirement.policy,
        deciding: Vec::new(),
        severity: None,
    };
    if !posture.sends {
        result.detail = SENDS_NOTHING.to_owned();
    } else if !of_family {
        result.detail = "no mail leaves from an IPv6 address".to_owned();
    } else if let Some(sees) = &requirement.sees {
        (result.outcome, result.detail) =
            (Met::Unknown, format!("{}: no check sees it; {sees}", requirement.title));
    } else {
        (result.outcome, result.deciding) = best_of(requirement.groups(), results, worst);
        if posture.role_unknown && result.outcome == Met::Met {
            result.outcome = Met::Unknown;
        }
        result.severity = severity(&result.deciding, results, worst);
        let mut once = BTreeSet::new();
        let each: Vec<&str> = result.deciding.iter().copied().filter(|code| once.insert(*code)).collect();
        let codes = each.join(", ");
        result.detail = match result.outcome {
            Met::Met => format!("met: {}", requirement.title),
            Met::NotMet => format!("not met: {} ({codes})", requirement.title),
            Met::Unknown => format!("not known: {} ({codes})", requirement.title),
            Met::NotApplicable => format!("does not apply: {}", requirement.title),
        };
    }
    result
}

/// To whom it applies, and whether this sender is one of them; `None` where that is not known.
fn concerns(receiver: &Receiver, requirement: &Requirement, posture: &Posture) -> (String, Option<bool>) {
    let from = receiver.bulk_from.unwrap_or_default();
    match requirement.applies {
        Applies::All => ("all".to_owned(), Some(true)),
        Applies::Bulk => {
            let text = if from == 0 { "bulk".to_owned() } else { format!("bulk from {from} a day") };
            let many = posture.a_day.filter(|_| from > 0).map(|a_day| a_day >= from);
            (text, if posture.bulk || many == Some(true) { Some(true) } else { None })
        }
    }
}
