//! Which lists are asked in a run, and what is known of each beforehand.

use std::borrow::Cow;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::data::blocklists::{About, Access, Code, Kind, List, Pattern, Role, Weight, catalogue};
use crate::model::scope::AddedList;
use crate::model::untrusted::Width;
use crate::model::{Name, Scope};

/// A list as it is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub zone: Name,
    /// `None` for a zone the user named and nobody has described. The catalogue's are not
    /// copied: each round of each domain of a run works its lists out.
    pub list: Option<Cow<'static, List>>,
    pub origin: Origin,
}

/// Why a list is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Part of the catalogue's selection.
    Catalogue,
    /// Named by the user, so asked about any address.
    Named,
}

/// What one kind of question at a list is: each has its own test points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    Ip4,
    Ip6,
    Name,
}

impl Family {
    pub fn of(ip: IpAddr) -> Family {
        if ip.is_ipv4() { Family::Ip4 } else { Family::Ip6 }
    }

    fn kind(self) -> Kind {
        match self {
            Family::Ip4 => Kind::Ip4,
            Family::Ip6 => Kind::Ip6,
            Family::Name => Kind::Domain,
        }
    }
}

impl Asked {
    pub fn new(zone: &Name, origin: Origin) -> Asked {
        Asked { zone: zone.clone(), list: catalogue().find(zone).map(Cow::Borrowed), origin }
    }

    /// Whether a question of this kind belongs there; `None` where nobody has
    /// said, so that the test points must show it.
    pub fn takes(&self, family: Family) -> Option<bool> {
        self.list.as_ref().map(|list| list.subjects.contains(&family.kind()))
    }

    pub fn role(&self) -> Role {
        self.list.as_ref().map_or(Role::Block, |list| list.role)
    }

    /// A zone that the user named counts as one that some receivers act on.
    pub fn weight(&self) -> Weight {
        self.list.as_ref().map_or(Weight::Medium, |list| list.weight)
    }

    pub fn about(&self, family: Family) -> About {
        match (&self.list, family) {
            (Some(list), _) if list.about != About::Address => list.about,
            (_, Family::Name) => About::Name,
            _ => About::Address,
        }
    }

    /// The zone for people: a key in front is nobody's business.
    pub fn shown(&self) -> String {
        match &self.list {
            Some(list) => list.zone.strip_prefix("KEY.").unwrap_or(&list.zone).to_owned(),
            None => crate::model::untrusted::plain(self.zone.as_str(), Width::Line),
        }
    }

    /// Who runs it; an unknown zone is its own operator.
    pub fn operator(&self) -> String {
        self.list.as_ref().map_or_else(|| self.shown(), |list| list.operator.clone())
    }

    /// The name to ask for an address.
    pub fn address_name(&self, ip: IpAddr) -> Name {
        Name::under_list(cut(ip, self.prefix6()), &self.zone)
    }

    /// The name to ask for the /64 of an IPv6 address: the unit that providers
    /// assign and most lists enter. `None` where it is the address's own question.
    pub fn network_name(&self, ip: IpAddr) -> Option<Name> {
        let network = network(ip)?;
        (self.prefix6() > 64 && network != ip).then(|| Name::under_list(network, &self.zone))
    }

    fn prefix6(&self) -> u8 {
        self.list.as_ref().and_then(|list| list.prefix6).unwrap_or(128).min(128)
    }
}

/// The first address of the /64 that an IPv6 address lies in.
pub(crate) fn network(ip: IpAddr) -> Option<IpAddr> {
    ip.is_ipv6().then(|| cut(ip, 64))
}

/// An IPv6 address with all but its first `bits` cleared; IPv4 stays as it is.
fn cut(ip: IpAddr, bits: u8) -> IpAddr {
    match ip {
        IpAddr::V6(v6) if bits < 128 => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            IpAddr::V6((u128::from(v6) & mask).into())
        }
        other => other,
    }
}

/// The lists of a run: those the user named, or the catalogue's selection; with
/// what `mailvet.toml` adds, removes and has keys for.
pub(crate) fn lists(scope: &Scope) -> Vec<Asked> {
    let changes = &scope.list_changes;
    let own: Vec<Asked> = changes.add.iter().map(described).collect();
    if !scope.lists.is_empty() {
        let named = |zone: &Name| {
            let own = own.iter().find(|asked| asked.zone == *zone).cloned();
            own.unwrap_or_else(|| Asked::new(zone, Origin::Named))
        };
        return scope.lists.iter().map(named).collect();
    }
    let has_key = |list: &List| list.key.as_ref().is_some_and(|key| changes.keys.contains(key));
    let all = &catalogue().lists;
    let replaced: Vec<&str> =
        all.iter().filter(|list| has_key(list)).filter_map(|list| list.replaces.as_deref()).collect();
    let chosen = |list: &&List| match list.access {
        Access::Key => has_key(list),
        _ if replaced.contains(&list.zone.as_str()) => false,
        _ if scope.all_lists => list.is_askable(),
        _ => list.is_default(),
    };
    let mut lists: Vec<Asked> = all.iter().filter(chosen).map(from_catalogue).collect();
    lists.retain(|asked| own.iter().all(|own| own.zone != asked.zone));
    lists.extend(own);
    lists.retain(|asked| !changes.remove.contains(&asked.zone));
    lists
}

fn from_catalogue(list: &'static List) -> Asked {
    // The key itself enters only where the question leaves the machine, so that
    // no recording and no report holds it.
    let zone = match (list.zone.strip_prefix("KEY."), &list.key) {
        (Some(rest), Some(key)) => format!("key-{key}.{rest}"),
        _ => list.zone.clone(),
    };
    Asked { zone: Name::lenient(&zone), list: Some(Cow::Borrowed(list)), origin: Origin::Catalogue }
}

fn described(added: &AddedList) -> Asked {
    let kinds = [(added.ip4, Kind::Ip4), (added.ip6, Kind::Ip6), (added.names, Kind::Domain)];
    let kinds = kinds.into_iter().filter(|(has, _)| *has).map(|(_, kind)| kind).collect();
    let weight = Weight::from_name(&added.weight).unwrap_or(Weight::Medium);
    let mut list = List::described(&added.zone, kinds, weight);
    if let Some(operator) = &added.operator {
        list.operator.clone_from(operator);
    }
    list.delist.clone_from(&added.delist);
    list.codes = added
        .codes
        .iter()
        .filter_map(|(code, means)| {
            Some(Code { code: Pattern::parse(code)?, means: means.clone(), about: None, weight: None })
        })
        .collect();
    Asked { zone: added.zone.clone(), list: Some(Cow::Owned(list)), origin: Origin::Named }
}
