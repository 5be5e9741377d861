//! Whether a cause still holds: what a reply claims about the DNS, looked at as
//! it is now. Pure: what must be asked is noted in the ledger. An answer that
//! did not come confirms nothing.

use std::cmp::Reverse;
use std::net::IpAddr;

use crate::data::blocklists::{Kind, List, Role, catalogue};
use crate::facts::Facts;
use crate::facts::dmarc::walk::Walk;
use crate::facts::listings::{Asked, Identity, Known, Listings, Origin, Outcome, Subjects};
use crate::facts::spf::{self, SpfInput, SpfResult};
use crate::facts::transport::mx;
use crate::facts::zone::reverse;
use crate::model::untrusted::{Width, plain};
use crate::model::{Gap, Name, Target};
use crate::parse::dmarc::Disposition;
use crate::triage::cause::Cause;
use crate::triage::confirmation::{Confirmation, State};
use crate::triage::reply::ReplyVerdict;

/// What the log or the user knows besides the reply.
#[derive(Clone, Debug, Default)]
pub(crate) struct Circumstances {
    /// The address our mail left from.
    pub own: Option<IpAddr>,
    /// Envelope sender, or its domain.
    pub sender: String,
    /// Recipient address, or its domain.
    pub recipient: String,
    /// The address of the host that replied.
    pub remote: Option<IpAddr>,
}

/// What a reply claims that the DNS can show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Claim {
    /// These identities are on these lists.
    Listed { lists: Vec<Name>, identities: Vec<Identity> },
    /// The address has no name that leads back to it.
    Nameless(IpAddr),
    /// The sender's authentication fails.
    Unauthenticated { ip: Option<IpAddr>, sender: String, method: Method },
    /// The domain has no mail server.
    NoServer(Name),
    /// Something the DNS could show, were it not for this.
    Unclear(String),
}

/// Which check the reply complains of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Method {
    Spf,
    Dkim,
    Dmarc,
    /// One of SPF and DKIM would do.
    Any,
}

/// Lists looked up for one reply.
const MOST_LISTS: usize = 4;

impl Claim {
    /// What the verdict claims; `None` where the DNS has no say.
    pub(crate) fn of(verdict: &ReplyVerdict, known: &Circumstances) -> Option<Claim> {
        let lower = verdict.text.to_ascii_lowercase();
        let named = verdict.addresses.iter().copied().find(|ip| Some(*ip) != known.remote);
        let ip = named.or(known.own);
        let code = verdict.enhanced_code.map(|code| (code.subject, code.detail));
        let lists = lists(verdict);
        match verdict.cause {
            Cause::IpBlocklisted | Cause::BadReputation | Cause::SpamContent | Cause::PolicyRejected
                if !lists.is_empty() =>
            {
                Some(listed(lists, ip, domain_of(&known.sender)))
            }
            Cause::IpBlocklisted => Some(Claim::Unclear(
                "the reply names no list that can be asked; only its author can look the address up"
                    .to_owned(),
            )),
            Cause::PtrRequired => Some(ip.map_or_else(
                || Claim::Unclear("the reply does not name the sending address; give --ip ADDR".to_owned()),
                Claim::Nameless,
            )),
            Cause::AuthenticationFailed => {
                let sender = match domain_of(&known.sender) {
                    Some(_) => known.sender.clone(),
                    None => named_domain(&lower).unwrap_or_default(),
                };
                if sender.is_empty() {
                    return Some(Claim::Unclear(
                        "the reply does not name the sending domain; give --from ADDRESS".to_owned(),
                    ));
                }
                let method = match code {
                    Some((7, 23 | 24)) => Method::Spf,
                    Some((7, 20..=22)) => Method::Dkim,
                    _ if lower.contains("dmarc") => Method::Dmarc,
                    _ if lower.contains("spf") && !lower.contains("dkim") => Method::Spf,
                    _ if lower.contains("dkim") && !lower.contains("spf") => Method::Dkim,
                    _ => Method::Any,
                };
                Some(Claim::Unauthenticated { ip, sender, method })
            }
            Cause::UnknownHost | Cause::MailNotAccepted => {
                let domain = queried_name(&lower).or_else(|| domain_of(&known.recipient));
                Some(domain.map_or_else(
                    || Claim::Unclear("the reply names no domain; give --to ADDRESS".to_owned()),
                    Claim::NoServer,
                ))
            }
            Cause::SenderRejected
                if code == Some((1, 8))
                    || ["domain not found", "does not resolve", "does not exist", "domain of sender"]
                        .iter()
                        .any(|words| lower.contains(words)) =>
            {
                domain_of(&known.sender).map(Claim::NoServer)
            }
            _ => None,
        }
    }

    /// Looks at the answers; what is missing becomes wanted.
    pub(crate) fn confirm(&self, facts: &Facts<'_>) -> Confirmation {
        match self {
            Claim::Listed { lists, identities } => listing(facts, lists, identities),
            Claim::Nameless(ip) => name_of(facts, *ip),
            Claim::Unauthenticated { ip, sender, method } => authentication(facts, *ip, sender, *method),
            Claim::NoServer(domain) => server(facts, domain),
            Claim::Unclear(why) => Confirmation::new(State::Unconfirmed, why.clone()),
        }
    }
}

fn listed(lists: Vec<Name>, ip: Option<IpAddr>, sender: Option<Name>) -> Claim {
    let identities: Vec<Identity> =
        ip.map(|ip| Identity::Ip(ip.to_canonical())).into_iter().chain(sender.map(Identity::Name)).collect();
    if identities.is_empty() {
        return Claim::Unclear(
            "the reply does not name the address that is listed; give --ip ADDR".to_owned(),
        );
    }
    Claim::Listed { lists, identities }
}

fn domain_of(address: &str) -> Option<Name> {
    let address = address.trim().trim_start_matches('<').trim_end_matches('>');
    let domain = address.rsplit_once('@').map_or(address, |(_, domain)| domain);
    let name = Name::parse(domain).ok()?;
    (name.label_count() > 1 && !mx::is_address(&name)).then_some(name)
}

/// The lists a reply names: by their zone, or by the pages of their operator.
fn lists(verdict: &ReplyVerdict) -> Vec<Name> {
    let mut found: Vec<Name> = Vec::new();
    let mut add = |zone: Name| {
        if found.len() < MOST_LISTS && !found.contains(&zone) {
            found.push(zone);
        }
    };
    let hosts = verdict.links.iter().filter_map(|link| {
        let host = link.split_once("://")?.1.split(['/', '?', ':', '#']).next()?;
        Name::parse(host).ok()
    });
    for name in verdict.lists.iter().filter_map(|list| Name::parse(list).ok()) {
        if catalogue().dead(&name).is_some() || catalogue().find(&name).is_some() {
            add(name);
        } else if let Some(zone) = of_operator(&name) {
            add(zone);
        } else if looks_like_zone(&name) {
            add(name);
        }
    }
    for host in hosts {
        match catalogue().find(&host) {
            Some(_) => add(host),
            None => {
                if let Some(zone) = of_operator(&host) {
                    add(zone);
                }
            }
        }
    }
    found
}

/// The list of addresses that the operator behind a web site is known for.
fn of_operator(host: &Name) -> Option<Name> {
    let site = psl::domain_str(host.as_str())?;
    let zone = |list: &&List| {
        list.role != Role::Allow
            && list.is_default()
            && list.subjects.contains(&Kind::Ip4)
            && psl::domain_str(&list.zone) == Some(site)
    };
    let heaviest = catalogue().lists.iter().filter(zone).min_by_key(|list| Reverse(list.weight));
    heaviest.map(|list| Name::lenient(&list.zone))
}

/// Nobody described it: a zone by its name only.
fn looks_like_zone(name: &Name) -> bool {
    let first = name.labels().next().unwrap_or_default();
    name.label_count() > 2
        && ["bl", "rbl", "dnsbl", "zen", "sbl", "xbl", "pbl", "block", "spam", "black", "ix", "all", "ip"]
            .iter()
            .any(|mark| first.starts_with(mark) || first.ends_with(mark))
        || name.as_str().contains(".dnsbl.")
        || name.as_str().contains(".rbl.")
}

/// `name=example.org type=MX`, `lookup of example.org failed`.
fn queried_name(lower: &str) -> Option<Name> {
    let after = lower.split_once("for name=").map(|(_, rest)| rest)?;
    let end = after.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ')')).unwrap_or(after.len());
    domain_of(&after[..end])
}

/// The domain a receiver's reply complains of.
fn named_domain(lower: &str) -> Option<String> {
    const BEFORE: [&str; 9] = [
        "domain of ",
        "spf domain [",
        "spf [",
        "from domain ",
        "sender domain ",
        "sending domain ",
        "from ",
        "domain: ",
        "domain ",
    ];
    BEFORE.iter().find_map(|before| {
        lower.match_indices(before).find_map(|(at, _)| {
            let rest = lower.get(at + before.len()..)?.trim_start_matches(['<', '[', '\'', '"', '(']);
            let end = rest
                .find(|c: char| {
                    !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '+' | '='))
                })
                .unwrap_or(rest.len());
            let name = domain_of(rest[..end].trim_end_matches('.'))?;
            psl::domain_str(name.as_str()).map(|_| name.to_string())
        })
    })
}

fn listing(facts: &Facts<'_>, lists: &[Name], identities: &[Identity]) -> Confirmation {
    let mut subjects = Subjects::default();
    for identity in identities {
        subjects.add_given(identity);
    }
    let asked: Vec<Asked> = lists.iter().map(|zone| Asked::new(zone, Origin::Named)).collect();
    if let Some(dead) = asked.iter().find(|asked| catalogue().dead(&asked.zone).is_some()) {
        let seen = format!("the list {} is closed; a receiver that asks it must stop", dead.shown());
        return Confirmation::new(State::Unconfirmed, seen);
    }
    let listings = Listings::build(facts.ledger(), asked, subjects, &Known::new());
    let mut clean = Vec::new();
    let mut unknown = Vec::new();
    for one in &listings.listings {
        let (zone, who) = (listings.lists[one.list].shown(), &one.identity);
        match &one.outcome {
            Outcome::Listed(listed) => {
                let means =
                    listed.worst().map(|hit| format!(" ({}: {})", hit.code, plain(&hit.means, Width::Line)));
                let says = listed
                    .text
                    .as_ref()
                    .map(|text| format!("; it says {:?}", plain(text.raw(), Width::Record)));
                return Confirmation::new(
                    State::StillSo,
                    format!(
                        "{who} is listed on {zone}{}{}",
                        means.unwrap_or_default(),
                        says.unwrap_or_default()
                    ),
                );
            }
            Outcome::Clean { .. } => clean.push(format!("{who} is not listed on {zone}")),
            Outcome::Unknown(why) => {
                let reason = match why.reason.starts_with(&zone) {
                    true => why.reason.clone(),
                    false => format!("{zone} {}", why.reason),
                };
                unknown.push(match why.remedy.as_str() {
                    "" => reason,
                    remedy => format!("{reason}; {remedy}"),
                });
            }
        }
    }
    match (unknown.first(), clean.is_empty()) {
        (Some(why), _) => Confirmation::new(State::Unconfirmed, why.clone()),
        (None, true) => {
            Confirmation::new(State::Unconfirmed, "the lists named take no question about this sender")
        }
        (None, false) => {
            Confirmation::new(State::FixedSince, format!("{}; the list is healthy", clean.join(", ")))
        }
    }
}

fn name_of(facts: &Facts<'_>, ip: IpAddr) -> Confirmation {
    let target = Target { ips: vec![ip], ..Target::default() };
    let reverse = reverse::build(facts.ledger(), &target);
    let Some(address) = reverse.addresses.first() else {
        return Confirmation::new(State::Unconfirmed, format!("{ip} was not looked up"));
    };
    let names = match &address.names {
        Err(gap) => return Confirmation::unknown(gap),
        Ok(names) if names.is_empty() => {
            return Confirmation::new(State::StillSo, format!("{ip} has no PTR record"));
        }
        Ok(names) => names,
    };
    let shown =
        names.iter().take(3).map(|one| plain(one.name.as_str(), Width::Line)).collect::<Vec<_>>().join(", ");
    match address.is_confirmed() {
        Err(gap) => Confirmation::unknown(&gap),
        Ok(false) => Confirmation::new(
            State::StillSo,
            format!("{ip} is named {shown}, which does not lead back to it"),
        ),
        Ok(true) if names.iter().all(|one| one.generic.is_some()) => Confirmation::new(
            State::StillSo,
            format!("{ip} is named {shown}, and back; but that is a name of dial-up kind, which many refuse"),
        ),
        Ok(true) => Confirmation::new(State::FixedSince, format!("{ip} is named {shown}, and back")),
    }
}

fn authentication(facts: &Facts<'_>, ip: Option<IpAddr>, sender: &str, method: Method) -> Confirmation {
    if method == Method::Dkim {
        return Confirmation::new(
            State::Unconfirmed,
            "a DKIM signature shows on the message only: mailvet dkim --message FILE",
        );
    }
    let Some(domain) = domain_of(sender) else {
        return Confirmation::new(State::Unconfirmed, "the bounce address <> has no domain of its own");
    };
    let shown = plain(domain.as_str(), Width::Line);
    // Both travel together.
    let policy = (method == Method::Dmarc).then(|| policy(facts, &domain));
    let input = SpfInput::mail_from(ip, sender, domain.as_str(), facts.now());
    let result = match spf::evaluate(facts.ledger(), &input, spf::Limits::RFC).known() {
        Ok(result) => result,
        Err(gap) => return Confirmation::unknown(&gap),
    };
    let policy = match policy {
        None => None,
        Some(Ok(policy)) => policy,
        Some(Err(gap)) => return Confirmation::unknown(&gap),
    };
    let asks = match (&policy, method) {
        (Some(Disposition::None) | None, Method::Dmarc) => {
            return Confirmation::new(
                State::FixedSince,
                format!("{shown} publishes no DMARC policy that asks for refusal any more"),
            );
        }
        (Some(policy), _) => format!("; its DMARC policy is {}", policy.name()),
        (None, _) => String::new(),
    };
    let Some(ip) = ip else {
        return match result {
            SpfResult::None | SpfResult::PermError => Confirmation::new(
                State::StillSo,
                format!("SPF of {shown} gives {} for any address{asks}", result.name()),
            ),
            _ => Confirmation::new(
                State::Unconfirmed,
                format!("{shown} publishes SPF, but which address sent is not known; give --ip ADDR{asks}"),
            ),
        };
    };
    let seen = format!("SPF gives {} for {ip} and {shown} today{asks}", result.name());
    match (result, method) {
        (SpfResult::Pass, _) => Confirmation::new(State::FixedSince, seen),
        (_, Method::Spf) => Confirmation::new(State::StillSo, seen),
        // A valid signature of the domain would do as well.
        _ => Confirmation::new(
            State::StillSo,
            format!("{seen}, so only a DKIM signature of {shown} could pass"),
        ),
    }
}

fn policy(facts: &Facts<'_>, domain: &Name) -> Result<Option<Disposition>, Gap> {
    let walk = Walk::take(facts, domain);
    let found = walk.discover()?;
    found.map_or(Ok(None), |found| found.policy(|| Ok(true)))
}

fn server(facts: &Facts<'_>, domain: &Name) -> Confirmation {
    let shown = plain(domain.as_str(), Width::Line);
    let found = match mx::build(facts.ledger(), domain) {
        Ok(found) => found,
        Err(gap) => return Confirmation::unknown(&gap),
    };
    if found.is_null() {
        let seen = format!("{shown} says with a null MX that it takes no mail (RFC 7505)");
        return Confirmation::new(State::StillSo, seen);
    }
    let addresses = match &found.implicit {
        Some(own) => own.clone(),
        None => {
            let mut all = Vec::new();
            let mut gap = None;
            for host in &found.hosts {
                match &host.addresses {
                    Ok(addresses) => all.extend(addresses.iter().copied()),
                    Err(why) => gap = Some(why.clone()),
                }
            }
            match gap {
                Some(gap) if all.is_empty() => Err(gap),
                _ => Ok(all),
            }
        }
    };
    let by = |text: &str| match found.hosts.first() {
        Some(host) => {
            format!("{shown} names the mail server {}{text}", plain(host.name.as_str(), Width::Line))
        }
        None => format!("{shown} has no MX record{text}"),
    };
    match addresses {
        Err(gap) => Confirmation::unknown(&gap),
        Ok(none) if none.is_empty() => Confirmation::new(State::StillSo, by(", and no address for it")),
        Ok(some) => Confirmation::new(State::FixedSince, by(&format!(", which has the address {}", some[0]))),
    }
}

#[cfg(test)]
mod tests;
