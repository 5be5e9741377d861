//! Which addresses to stop mailing, by what logs, bounces and complaints say of them. Pure: signals
//! in, a list out. An address is stopped only by words whose meaning is certain; whatever is read
//! from likeness, from a quoted text or from the sender's own machines stands beside the list, with
//! the reason why it does not count.

mod nameless;
mod rule;
mod signal;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Location;
use crate::parse::log::stamp;
use crate::triage::cause::Cause;

pub use nameless::Nameless;
pub use rule::SoftRule;
pub use signal::{Doubt, Sign, Signal};
pub use waiting::Waiting;

/// Why an address is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The recipient marked a message as spam.
    Complaint,
    /// The recipient asked to be left out.
    OptOut,
    /// The mailbox or its domain does not exist.
    Hard,
    /// Soft bounces as often as the rule says.
    Soft,
}

impl Reason {
    /// One word, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Complaint => "complaint",
            Reason::OptOut => "opt-out",
            Reason::Hard => "hard-bounce",
            Reason::Soft => "soft-bounce",
        }
    }

    /// Whether the address stays off the list for good. A full mailbox may be emptied.
    pub fn is_permanent(self) -> bool {
        self != Reason::Soft
    }
}

/// An address to stop.
#[derive(Clone, Debug)]
pub struct Entry {
    /// As it was first written. Hostile text.
    pub address: String,
    /// Why.
    pub reason: Reason,
    /// What the words mean.
    pub cause: Cause,
    /// Milliseconds since 1970 of the first and last sign, where known.
    pub first: Option<i64>,
    /// The last of them.
    pub last: Option<i64>,
    /// Signs of this reason.
    pub signs: u64,
    /// Where the first stands.
    pub place: Location,
    /// The words of it. Hostile text.
    pub words: String,
}

/// An address that looks like one to stop, and is not stopped.
#[derive(Clone, Debug)]
pub struct Spared {
    /// As it was first written. Hostile text.
    pub address: String,
    /// What the words seem to mean.
    pub cause: Cause,
    /// Why that does not count.
    pub why: String,
    /// Where the sign stands.
    pub place: Location,
    /// The words of it. Hostile text.
    pub words: String,
}

/// The list.
#[derive(Clone, Debug, Default)]
pub struct Suppression {
    /// By reason and address.
    pub stopped: Vec<Entry>,
    /// By address.
    pub spared: Vec<Spared>,
    /// Soft bounces of addresses the rule does not stop yet.
    pub below_the_rule: u64,
    /// Complaints whose recipient the receiver took out.
    pub nameless_complaints: u64,
    /// Bounces and complaints of what is no address a list may hold.
    pub no_addresses: u64,
    /// Signals of addresses beyond those that are kept.
    pub not_kept: u64,
}

/// Addresses kept at a time; a log that bounces more is named as cut.
const MOST_ADDRESSES: usize = 500_000;
/// Organisations remembered that took mail for one address.
const MOST_HOSTS: usize = 8;

/// Collects signals, oldest first within a file.
#[derive(Debug)]
pub struct Ledger {
    rule: SoftRule,
    most: usize,
    known: BTreeMap<String, Case>,
    nameless: u64,
    no_addresses: u64,
    not_kept: u64,
}

/// What is known of one address.
#[derive(Debug)]
struct Case {
    address: String,
    complaint: Option<Seen>,
    opt_out: Option<Seen>,
    hard: Option<Seen>,
    /// Soft bounces by day, with the first of them.
    soft: Option<Seen>,
    soft_days: BTreeSet<i64>,
    doubt: Option<(Doubt, Seen)>,
    /// The latest delivery after a bounce, by the organisation that took it.
    delivered: BTreeMap<String, i64>,
}

/// Signs of one kind.
#[derive(Clone, Debug)]
struct Seen {
    cause: Cause,
    first: Option<i64>,
    last: Option<i64>,
    signs: u64,
    place: Location,
    words: String,
    host: String,
}

impl Ledger {
    /// An empty one; soft bounces stop an address by this rule.
    pub fn new(rule: SoftRule) -> Ledger {
        Ledger {
            rule,
            most: MOST_ADDRESSES,
            known: BTreeMap::new(),
            nameless: 0,
            no_addresses: 0,
            not_kept: 0,
        }
    }

    /// Notes one signal.
    pub fn add(&mut self, signal: Signal) {
        let address = signal.address.trim().trim_matches(['<', '>']);
        let Some(key) = key(address) else {
            match signal.sign {
                Sign::Complaint | Sign::OptOut if address.is_empty() => self.nameless += 1,
                Sign::Complaint | Sign::OptOut | Sign::Hard(_) | Sign::Soft(_) => self.no_addresses += 1,
                Sign::Delivered => {}
            }
            return;
        };
        if signal.sign == Sign::Delivered {
            // Of others a delivery says nothing that is asked here.
            if let (Some(case), Some(at)) = (self.known.get_mut(&key), signal.at)
                && (case.delivered.len() < MOST_HOSTS || case.delivered.contains_key(&signal.host))
            {
                let last = case.delivered.entry(signal.host).or_insert(at);
                *last = at.max(*last);
            }
            return;
        }
        if !self.known.contains_key(&key) && self.known.len() >= self.most {
            self.not_kept += 1;
            return;
        }
        let case = self.known.entry(key).or_insert_with(|| Case::of(address));
        let slot = match signal.sign {
            Sign::Complaint => &mut case.complaint,
            Sign::OptOut => &mut case.opt_out,
            Sign::Hard(None) => &mut case.hard,
            Sign::Hard(Some(doubt)) | Sign::Soft(Some(doubt)) => {
                if case.doubt.is_none() {
                    case.doubt = Some((doubt, Seen::of(signal)));
                }
                return;
            }
            Sign::Soft(None) => {
                case.soft_days.extend(signal.at.map(day).filter(|_| case.soft_days.len() < 1000));
                &mut case.soft
            }
            Sign::Delivered => return,
        };
        match slot {
            Some(seen) => seen.again(&signal),
            None => *slot = Some(Seen::of(signal)),
        }
    }

    /// Moves all times noted so far, as stamps without a year need it that turn out to lie in the future.
    pub fn shift_years(&mut self, years: i32) {
        if years == 0 {
            return;
        }
        let moved = |at: i64| stamp::shift_years(at, years);
        for case in self.known.values_mut() {
            let doubt = case.doubt.as_mut().map(|(_, seen)| seen);
            let kinds = [&mut case.complaint, &mut case.opt_out, &mut case.hard, &mut case.soft];
            for seen in kinds.into_iter().flatten().chain(doubt) {
                seen.first = seen.first.map(moved);
                seen.last = seen.last.map(moved);
            }
            case.delivered.values_mut().for_each(|at| *at = moved(*at));
            case.soft_days = case.soft_days.iter().map(|at| day(moved(at * DAY))).collect();
        }
    }

    /// The list so far.
    pub fn finish(self) -> Suppression {
        let mut list = Suppression {
            nameless_complaints: self.nameless,
            no_addresses: self.no_addresses,
            not_kept: self.not_kept,
            ..Suppression::default()
        };
        for case in self.known.into_values() {
            case.judge(self.rule, &mut list);
        }
        list.stopped.sort_by(|a, b| (a.reason, &a.address).cmp(&(b.reason, &b.address)));
        list
    }
}

impl Case {
    fn of(address: &str) -> Case {
        Case {
            address: address.to_owned(),
            complaint: None,
            opt_out: None,
            hard: None,
            soft: None,
            soft_days: BTreeSet::new(),
            doubt: None,
            delivered: BTreeMap::new(),
        }
    }

    fn judge(self, rule: SoftRule, list: &mut Suppression) {
        let Case { address, complaint, opt_out, hard, soft, soft_days, doubt, delivered } = self;
        // A filter or relay takes mail for everybody: only whoever refused it shows that the mailbox is back.
        let delivered = |seen: &Seen| delivered.get(&seen.host).copied().filter(|_| !seen.host.is_empty());
        // What the recipient wants is not undone by a delivery.
        for (reason, seen) in [(Reason::Complaint, complaint), (Reason::OptOut, opt_out)] {
            if let Some(seen) = seen {
                list.stopped.push(seen.entry(address, reason));
                return;
            }
        }
        if let Some(seen) = hard {
            match delivered(&seen).filter(|at| seen.last.is_some_and(|last| *at > last)) {
                None => list.stopped.push(seen.entry(address, Reason::Hard)),
                Some(at) => {
                    let why = format!("mail to it was delivered later, on {}", day_of(at));
                    list.spared.push(seen.spared(address, why));
                }
            }
            return;
        }
        if let Some(seen) = soft {
            let last = delivered(&seen);
            let since: BTreeSet<i64> =
                soft_days.into_iter().filter(|day| last.is_none_or(|at| *day > self::day(at))).collect();
            if rule.is_met(&since) {
                list.stopped.push(seen.entry(address, Reason::Soft));
                return;
            }
            list.below_the_rule += 1;
        }
        if let Some((doubt, seen)) = doubt {
            list.spared.push(seen.spared(address, doubt.reason().to_owned()));
        }
    }
}

impl Seen {
    fn of(signal: Signal) -> Seen {
        let Signal { cause, at, place, words, host, .. } = signal;
        Seen { cause, first: at, last: at, signs: 1, place, words, host }
    }

    fn again(&mut self, signal: &Signal) {
        self.signs += 1;
        if let Some(at) = signal.at {
            self.first = Some(self.first.map_or(at, |first| first.min(at)));
            self.last = Some(self.last.map_or(at, |last| last.max(at)));
        }
        if self.host != signal.host {
            // Where several refuse it, that one of them takes it again lifts nothing.
            self.host.clear();
        }
    }

    fn entry(self, address: String, reason: Reason) -> Entry {
        let Seen { cause, first, last, signs, place, words, .. } = self;
        Entry { address, reason, cause, first, last, signs, place, words }
    }

    fn spared(self, address: String, why: String) -> Spared {
        let Seen { cause, place, words, .. } = self;
        Spared { address, cause, why, place, words }
    }
}

/// What makes two addresses one: servers tell local parts apart by case only in theory
/// (RFC 5321 section 2.4). `None` where it is no address, or one that the lists of mailers could take for
/// two: none needs quotes, separators or brackets in its local part.
fn key(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    let marks = ['@', ',', ';', ':', '<', '>', '(', ')', '[', ']', '\\', '"'];
    let sound = !local.is_empty()
        && !local.contains(marks)
        && domain.contains('.')
        && domain.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
        && address.len() <= 320
        && !address.chars().any(|c| c.is_control() || c.is_whitespace());
    sound.then(|| address.to_lowercase())
}

const DAY: i64 = 86_400_000;

/// Days since 1970 of milliseconds since then.
fn day(at: i64) -> i64 {
    at.div_euclid(DAY)
}

/// `2026-11-30`.
pub fn day_of(at: i64) -> String {
    crate::facts::day_of(at.div_euclid(1000))
}

#[cfg(test)]
mod tests;
