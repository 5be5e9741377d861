//! What each receiver is expected to do with the mail: every requirement it documents, judged by
//! the checks that see it. Met only where all its checks passed; what is unknown, does not apply or
//! is set aside by the user is never met.

use crate::data::receivers::{self, Applies, Consequence, Family, Level, Receiver, Requirement};
use crate::facts::Facts;
use crate::judge::finding::{CheckResult, Outcome};
use crate::model::{MailKind, Role, Severity, Topic};
use crate::policy::Policy;

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

/// How a requirement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// The checks that decide it all passed.
    Met,
    /// A check that decides it failed.
    NotMet,
    /// A check that decides it has no answer, was not selected or is set aside by the user; or no
    /// check sees it.
    Unknown,
    /// It asks nothing of this sender.
    NotApplicable,
}

impl Met {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Met::Met => "met",
            Met::NotMet => "not-met",
            Met::Unknown => "unknown",
            Met::NotApplicable => "not-applicable",
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

/// The bound, and what sets it; with `worst` as if every check without an answer failed.
pub fn ceiling(results: &[CheckResult], posture: &Posture, worst: bool) -> Option<(Ceiling, String)> {
    let large: Vec<ReceiverResult> = all(results, posture, |receiver| receiver.large, worst);
    let with = |expected: Expected| large.iter().filter(move |receiver| receiver.expected == expected);
    if let Some(receiver) = with(Expected::Refuse).next() {
        let why = receiver.because.first().cloned().unwrap_or_default();
        return Some((Ceiling::Refused, format!("{} refuses the mail: {why}", receiver.name)));
    }
    let suspecting: Vec<&str> = with(Expected::Suspect).map(|receiver| receiver.name).collect();
    match suspecting.as_slice() {
        [_, _, ..] => Some((Ceiling::Spam, format!("{} suspect the mail", suspecting.join(" and ")))),
        _ => None,
    }
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
    let (expected, code, because) = expect(&requirements, results, posture, worst);
    ReceiverResult {
        id: &receiver.id,
        name: &receiver.name,
        large: receiver.large,
        expected,
        code,
        because,
        requirements,
    }
}

/// What follows from the requirements: the worst of their consequences.
fn expect(
    requirements: &[RequirementResult],
    results: &[CheckResult],
    posture: &Posture,
    worst: bool,
) -> (Expected, Option<&'static str>, Vec<String>) {
    if !posture.sends {
        return (Expected::Unknown, None, vec!["the name sends no mail".to_owned()]);
    }
    let reasons = |of: &[&RequirementResult]| -> Vec<String> {
        let mut reasons: Vec<String> = Vec::new();
        for requirement in of {
            if !reasons.contains(&requirement.detail) {
                reasons.push(requirement.detail.clone());
            }
        }
        reasons.truncate(2);
        reasons
    };
    let broken = |consequence: Consequence| -> Vec<&RequirementResult> {
        requirements.iter().filter(|r| r.outcome == Met::NotMet && r.follows() == consequence).collect()
    };
    let fails = |code: &str| state(results, code, worst) == State::Fail;
    let own_policy = fails("dmarc-unpassable");
    let refused = broken(Consequence::Refuse);
    if fails("ip-blocklisted") && severity(&["ip-blocklisted"], results, worst) == Some(Severity::Critical) {
        let why = "the address is on a blocklist that receivers refuse by (ip-blocklisted)".to_owned();
        return (
            Expected::Refuse,
            None,
            [vec![why], reasons(&refused)].concat().into_iter().take(2).collect(),
        );
    }
    if own_policy && posture.policy == Some(OwnPolicy::Reject) {
        let code =
            requirements.iter().filter(|r| r.checks.contains(&"dmarc-unpassable")).find_map(|r| r.code);
        let why = "the mail fails DMARC and the sender's own policy is reject (dmarc-unpassable)".to_owned();
        return (
            Expected::Refuse,
            code,
            [vec![why], reasons(&refused)].concat().into_iter().take(2).collect(),
        );
    }
    if !refused.is_empty() {
        return (Expected::Refuse, refused.iter().find_map(|r| r.code), reasons(&refused));
    }
    let suspect = broken(Consequence::Spam);
    if own_policy && posture.policy == Some(OwnPolicy::Quarantine) {
        let why =
            "the mail fails DMARC and the sender's own policy is quarantine (dmarc-unpassable)".to_owned();
        return (
            Expected::Suspect,
            None,
            [vec![why], reasons(&suspect)].concat().into_iter().take(2).collect(),
        );
    }
    let unmet: Vec<&RequirementResult> = requirements
        .iter()
        .filter(|r| r.must && r.outcome == Met::NotMet && r.concerned != Some(false))
        .collect();
    let suspect = if suspect.is_empty() { unmet } else { suspect };
    if suspect.is_empty() && own_policy {
        return (Expected::Suspect, None, vec!["the mail fails DMARC (dmarc-unpassable)".to_owned()]);
    }
    if !suspect.is_empty() {
        return (Expected::Suspect, suspect.iter().find_map(|r| r.code), reasons(&suspect));
    }
    let open: Vec<&RequirementResult> = requirements.iter().filter(|r| r.leaves_open(results)).collect();
    let met: Vec<&RequirementResult> =
        requirements.iter().filter(|r| r.must && r.outcome == Met::Met).collect();
    match (open.is_empty(), met.is_empty()) {
        (true, false) => {
            (Expected::Accept, None, vec![format!("all it asks that can be seen is met ({})", met.len())])
        }
        (true, true) => (Expected::Unknown, None, vec!["nothing it asks can be seen here".to_owned()]),
        (false, _) => (Expected::Unknown, None, reasons(&open)),
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

    /// Unknown, and it may lead to a refusal; or a question got no answer at all.
    fn leaves_open(&self, results: &[CheckResult]) -> bool {
        let unanswered = || {
            results.iter().any(|result| self.deciding.contains(&result.check.code) && result.is_unanswered())
        };
        self.outcome == Met::Unknown
            && self.concerned != Some(false)
            && !self.checks.is_empty()
            && (self.consequence == Consequence::Refuse || (self.must && unanswered()))
    }
}

/// The worst that these checks found, or with `worst` could have found.
fn severity(codes: &[&str], results: &[CheckResult], worst: bool) -> Option<Severity> {
    let hidden = worst && results.iter().any(|result| result.is_unanswered() || result.is_in_part());
    let of = |result: &CheckResult| match result.worst_by_nature() {
        Some(found) if hidden => found.max(result.worst_case()),
        Some(found) => found,
        None => result.worst_case(),
    };
    results.iter().filter(|result| codes.contains(&result.check.code)).map(of).max()
}

/// How a check counts for a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Fail,
    Unknown,
    NotApplicable,
    Pass,
}

fn state(results: &[CheckResult], code: &str, worst: bool) -> State {
    // What was not selected is not known.
    let Some(result) = results.iter().find(|result| result.check.code == code) else { return State::Unknown };
    match &result.outcome {
        Outcome::Pass => State::Pass,
        Outcome::NotApplicable(_) => State::NotApplicable,
        Outcome::Unknown(_) if worst && result.is_unanswered() && result.worst_case() > Severity::Info => {
            State::Fail
        }
        Outcome::Unknown(_) => State::Unknown,
        // A finding that is worth a word only is no breach.
        Outcome::Fail { .. } if result.worst_by_nature() == Some(Severity::Info) => match result.is_in_part()
        {
            true if worst => State::Fail,
            true => State::Unknown,
            false => State::Pass,
        },
        Outcome::Fail { .. } => State::Fail,
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
        deciding: Vec::new(),
        severity: None,
    };
    if !posture.sends {
        result.detail = "the name sends no mail".to_owned();
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
        let mut once = std::collections::BTreeSet::new();
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

/// The best of the groups decides: what is unknown may still be the better one.
fn best_of(groups: &'static [Vec<String>], results: &[CheckResult], worst: bool) -> (Met, Vec<&'static str>) {
    let judged: Vec<(Met, Vec<&'static str>)> =
        groups.iter().map(|codes| whole(codes, results, worst)).collect();
    let best = [Met::Met, Met::Unknown, Met::NotMet, Met::NotApplicable]
        .into_iter()
        .find(|outcome| judged.iter().any(|(found, _)| found == outcome))
        .unwrap_or(Met::Unknown);
    let deciding =
        judged.into_iter().filter(|(found, _)| *found == best).flat_map(|(_, codes)| codes).collect();
    (best, deciding)
}

/// The outcome of checks that must all pass, and those that decided it.
fn whole(codes: &'static [String], results: &[CheckResult], worst: bool) -> (Met, Vec<&'static str>) {
    let of = |wanted: State| -> Vec<&'static str> {
        codes.iter().map(String::as_str).filter(|code| state(results, code, worst) == wanted).collect()
    };
    for (wanted, outcome) in [
        (State::Fail, Met::NotMet),
        (State::Unknown, Met::Unknown),
        (State::NotApplicable, Met::NotApplicable),
    ] {
        let found = of(wanted);
        if !found.is_empty() {
            return (outcome, found);
        }
    }
    (Met::Met, of(State::Pass))
}
