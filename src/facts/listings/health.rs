//! Health before judgement: a list counts only while it answers its test points
//! as RFC 5782 says, now and from here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::asked::{Asked, Family};
use crate::data::blocklists::catalogue;
use crate::facts::{Found, Ledger};
use crate::model::{Failure, Gap, Name, Question, Rdata, RecordType, Source};

/// RFC 5782 section 5: must be listed, must not be listed.
const LISTED4: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const CLEAN4: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1));
const LISTED6: IpAddr = IpAddr::V6(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0x7f00, 2));
const CLEAN6: IpAddr = IpAddr::V6(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0x7f00, 1));
const LISTED_NAME: &str = "test";
const CLEAN_NAME: &str = "invalid";
/// From where no mail can come (RFC 5737, RFC 3849, RFC 2606): a list that holds
/// these lists everything.
const CANARY4: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 253));
const CANARY6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0xc0de, 0, 0, 0, 0, 0xfd));
const CANARY_NAME: &str = "mailvet-canary.example";

/// Whether a list's answers can be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// The test points are still to be answered.
    Pending(Gap),
    Healthy,
    /// The operator keeps no test entry: a hit can be believed, silence cannot.
    Untestable,
    /// Addresses are asked of a list of names, or the other way round.
    WrongKind,
    Sick(Sickness),
}

/// What is wrong with a list, now and from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sickness {
    /// An error code instead of an answer.
    Refused { code: Ipv4Addr, means: String, resolver: Option<String> },
    /// It lists what it must not list.
    Wildcard { probe: String },
    /// It does not list its own test entry.
    Dead { probe: String, known: Option<String> },
    /// An answer outside 127.0.0.0/8.
    Foreign { address: Ipv4Addr, resolver: Option<String> },
    /// No usable answer to a test point.
    Silent { question: Question, failure: Failure, resolver: Option<String> },
    /// The run may not ask.
    NotAsked(String),
}

impl Sickness {
    /// `refused`, `wildcard`, `dead`, `foreign`, `silent` or `not-asked`.
    pub fn name(&self) -> &'static str {
        match self {
            Sickness::Refused { .. } => "refused",
            Sickness::Wildcard { .. } => "wildcard",
            Sickness::Dead { .. } => "dead",
            Sickness::Foreign { .. } => "foreign",
            Sickness::Silent { failure: Failure::Refused, .. } => "refused",
            Sickness::Silent { .. } => "silent",
            Sickness::NotAsked(_) => "not-asked",
        }
    }

    /// What was seen, as half a sentence after the zone's name.
    pub fn reason(&self) -> String {
        let who = |resolver: &Option<String>| match resolver {
            Some(resolver) => format!("the resolver {resolver}"),
            None => "the resolver".to_owned(),
        };
        match self {
            Sickness::Refused { code, means, resolver } => {
                format!("refuses {}: it answered {code} ({means})", who(resolver))
            }
            Sickness::Wildcard { probe } => {
                format!("lists {probe}, which no list may hold: it lists the world")
            }
            Sickness::Dead { probe, known: None } => {
                format!("does not list its test entry {probe} (RFC 5782): it is empty, gone or no list")
            }
            Sickness::Dead { probe, known: Some(known) } => {
                format!("does not list its test entry {probe} (RFC 5782): {known}")
            }
            Sickness::Foreign { address, resolver } => format!(
                "answered {address}, outside 127.0.0.0/8: the zone is parked, or {} rewrites answers",
                who(resolver)
            ),
            Sickness::Silent { question, failure, .. } => {
                format!("could not be tested: {question}: {failure}")
            }
            Sickness::NotAsked(why) => format!("was not asked: {why}"),
        }
    }

    /// What it leaves unknown. A list that turns this resolver away, or is none, has no opinion to
    /// lose: only the user can give a resolver or key that it answers.
    pub fn gap(&self, asked: &Asked) -> Gap {
        match self {
            Sickness::Refused { .. } | Sickness::Wildcard { .. } | Sickness::Dead { .. } => {
                Gap::TurnedAway(format!("{} {}", asked.shown(), self.reason()))
            }
            _ => Gap::undecidable(format!("{} {}", asked.shown(), self.reason())),
        }
    }

    /// What the user can do about it; empty where nothing.
    pub fn remedy(&self, asked: &Asked) -> String {
        let list = asked.list.as_ref();
        match self {
            Sickness::Refused { .. } | Sickness::Silent { failure: Failure::Refused, .. } => {
                let mut text =
                    "ask through a recursive resolver of your own (--resolver recurse, or --resolver ADDR)"
                        .to_owned();
                if list.is_some_and(|list| list.operator == "Spamhaus") {
                    text.push_str(", or a Spamhaus DQS key in mailvet.toml");
                } else if let Some(key) = list.and_then(|list| list.key.as_deref()) {
                    text.push_str(&format!(", and check the key {key} in mailvet.toml"));
                } else if list.is_some_and(|list| list.policy.contains("registered")) {
                    text.push_str(", and register its address with the operator");
                }
                text
            }
            Sickness::Wildcard { .. } | Sickness::Dead { .. } => {
                "leave the list out; receivers who still ask it refuse everyone or no one".to_owned()
            }
            Sickness::Foreign { .. } => "ask another resolver with --resolver".to_owned(),
            Sickness::Silent { .. } => "run again, raise --timeout, or ask another resolver".to_owned(),
            Sickness::NotAsked(_) => "run with the network allowed".to_owned(),
        }
    }
}

/// The three probes of a family, as shown to people and as asked.
struct Probes {
    listed: Option<(String, Name)>,
    clean: (String, Name),
    canary: (String, Name),
}

fn probes(asked: &Asked, family: Family) -> Probes {
    let address = |ip: IpAddr| (ip.to_string(), Name::under_list(ip, &asked.zone));
    let name = |text: &str| (text.to_uppercase(), asked.zone.prefixed(text));
    match family {
        Family::Ip4 => {
            Probes { listed: Some(address(LISTED4)), clean: address(CLEAN4), canary: address(CANARY4) }
        }
        Family::Ip6 => {
            Probes { listed: Some(address(LISTED6)), clean: address(CLEAN6), canary: address(CANARY6) }
        }
        Family::Name => {
            let point = asked.list.as_ref().and_then(|list| list.point.as_deref()).unwrap_or(LISTED_NAME);
            Probes {
                listed: (!point.is_empty()).then(|| name(point)),
                clean: name(CLEAN_NAME),
                canary: name(CANARY_NAME),
            }
        }
    }
}

/// Judges a list for one kind of question.
pub(crate) fn health(ledger: &Ledger, asked: &Asked, family: Family) -> Health {
    match asked.takes(family) {
        Some(true) => tested(ledger, asked, family),
        Some(false) => Health::WrongKind,
        None => undescribed(ledger, asked, family),
    }
}

/// A zone nobody has described shows by its test points what it is a list of.
fn undescribed(ledger: &Ledger, asked: &Asked, family: Family) -> Health {
    let own = tested(ledger, asked, family);
    if !matches!(own, Health::Sick(Sickness::Dead { .. })) {
        return own;
    }
    // Only now the other kind's points: most zones need but one kind's. IPv6 hangs
    // on the same zone as IPv4.
    let others: Vec<(Family, Health)> = [Family::Ip4, Family::Name]
        .into_iter()
        .filter(|other| *other != family)
        .map(|other| (other, tested(ledger, asked, other)))
        .collect();
    let find = |test: &dyn Fn(&(Family, Health)) -> bool| others.iter().find(|other| test(other));
    if let Some((_, pending)) = find(&|(_, health)| matches!(health, Health::Pending(_))) {
        return pending.clone();
    }
    // Who is refused learns nothing of what the list holds.
    if let Some((_, refused)) = find(&|(_, health)| matches!(health, Health::Sick(Sickness::Refused { .. })))
    {
        return refused.clone();
    }
    // Alive as a list of the other kind, and nothing of this one: not its business.
    let is_name = |family: Family| family == Family::Name;
    let alive = |(other, health): &(Family, Health)| {
        is_name(*other) != is_name(family)
            && matches!(health, Health::Healthy | Health::Sick(Sickness::Wildcard { .. }))
    };
    if find(&alive).is_some() { Health::WrongKind } else { own }
}

fn tested(ledger: &Ledger, asked: &Asked, family: Family) -> Health {
    let probes = probes(asked, family);
    let look = |name: &Name| ledger.dns(name, RecordType::A);
    // All three are noted as wanted before any is judged.
    let listed = probes.listed.as_ref().map(|(shown, name)| (shown, look(name)));
    let clean = [&probes.clean, &probes.canary].map(|(shown, name)| (shown, look(name)));
    let all = || listed.iter().chain(&clean);
    if let Some(Err(gap @ Gap::Unasked(_))) = all().map(|(_, found)| found).find(is_unasked) {
        return Health::Pending(gap.clone());
    }
    for (_, found) in all() {
        if let Ok(found) = found
            && let Some((code, means)) = refusal(asked, *found)
        {
            let resolver = resolver(found.answer().source.clone());
            return Health::Sick(Sickness::Refused { code, means, resolver });
        }
    }
    for (_, found) in all() {
        if let Err(gap) = found {
            return Health::Sick(silent(ledger, gap));
        }
    }
    for (_, found) in all() {
        if let Ok(found) = found
            && let Some(address) = addresses(*found).find(|ip| !ip.is_loopback())
        {
            let resolver = resolver(found.answer().source.clone());
            return Health::Sick(Sickness::Foreign { address, resolver });
        }
    }
    for (shown, found) in &clean {
        if found.as_ref().is_ok_and(|found| addresses(*found).next().is_some()) {
            return Health::Sick(Sickness::Wildcard { probe: (*shown).clone() });
        }
    }
    match listed {
        None => Health::Untestable,
        Some((_, Ok(found))) if addresses(found).next().is_some() => Health::Healthy,
        Some((shown, _)) => {
            let known = catalogue().dead(&asked.zone);
            let known = known.map(|dead| format!("known as gone since {}: {}", dead.since, dead.state));
            Health::Sick(Sickness::Dead { probe: shown.clone(), known })
        }
    }
}

/// For how many seconds the test entry's answer lives, where it is known.
pub(crate) fn lives_for(ledger: &Ledger, asked: &Asked, family: Family) -> Option<u32> {
    let (_, name) = probes(asked, family).listed?;
    let found = ledger.dns(&name, RecordType::A).ok()?;
    found.records().iter().map(|record| record.ttl).min()
}

fn is_unasked(found: &&Result<Found, Gap>) -> bool {
    matches!(found, Err(Gap::Unasked(_)))
}

fn silent(ledger: &Ledger, gap: &Gap) -> Sickness {
    match gap {
        Gap::Failed { question, failure } => Sickness::Silent {
            question: question.clone(),
            failure: failure.clone(),
            resolver: ledger.answer(question).and_then(|answer| resolver(answer.source.clone())),
        },
        Gap::NotAttempted { why, .. } => Sickness::NotAsked(why.clone()),
        other => Sickness::NotAsked(other.to_string()),
    }
}

/// The addresses of an answer.
pub(super) fn addresses(found: Found<'_>) -> impl Iterator<Item = Ipv4Addr> {
    found.records().iter().filter_map(|record| match record.rdata {
        Rdata::A(ip) => Some(ip),
        _ => None,
    })
}

/// The first error code of an answer: the list's own, or one of 127.255.255.0/24,
/// which no list uses for listings.
pub(super) fn refusal(asked: &Asked, found: Found<'_>) -> Option<(Ipv4Addr, String)> {
    addresses(found).find_map(|code| {
        let own = asked.list.as_ref().and_then(|list| list.error(code)).map(str::to_owned);
        let general = || {
            let what = match code.octets() {
                [127, 255, 255, 252] => "the zone name is mistyped",
                [127, 255, 255, 254] => "asked through a public or open resolver",
                [127, 255, 255, 255] => "too many queries",
                [127, 255, 255, _] => "an error code of the list",
                _ => return None,
            };
            Some(what.to_owned())
        };
        own.or_else(general).map(|means| (code, means))
    })
}

fn resolver(source: Source) -> Option<String> {
    match source {
        Source::Resolver(address) => Some(address),
        _ => None,
    }
}
