//! Sets of addresses as merged ranges, so that a record's permissions can be
//! counted and compared.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv4Subnets, Ipv6Net, Ipv6Subnets};

/// Sorted, disjoint, not touching; both ends inclusive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Ranges(Vec<(u128, u128)>);

/// Addresses of both families.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressSet {
    four: Ranges,
    six: Ranges,
}

impl Ranges {
    fn of(mut spans: Vec<(u128, u128)>) -> Ranges {
        spans.sort_unstable();
        let mut merged: Vec<(u128, u128)> = Vec::with_capacity(spans.len());
        for (low, high) in spans {
            match merged.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => merged.push((low, high)),
            }
        }
        Ranges(merged)
    }

    fn union(&self, other: &Ranges) -> Ranges {
        Ranges::of(self.0.iter().chain(&other.0).copied().collect())
    }

    fn minus(&self, other: &Ranges) -> Ranges {
        let mut left = Vec::new();
        let mut cuts = other.0.iter().peekable();
        for &(low, high) in &self.0 {
            let mut low = low;
            let mut open = true;
            while let Some(&&(cut_low, cut_high)) = cuts.peek() {
                if cut_high < low {
                    cuts.next();
                    continue;
                }
                if cut_low > high {
                    break;
                }
                if cut_low > low {
                    left.push((low, cut_low - 1));
                }
                if cut_high >= high {
                    open = false;
                    break;
                }
                low = cut_high + 1;
            }
            if open {
                left.push((low, high));
            }
        }
        Ranges(left)
    }

    fn count(&self) -> u128 {
        self.0.iter().fold(0u128, |sum, (low, high)| sum.saturating_add((high - low).saturating_add(1)))
    }
}

impl AddressSet {
    /// All IPv4 and IPv6 addresses.
    pub fn everything() -> AddressSet {
        AddressSet { four: Ranges(vec![(0, u128::from(u32::MAX))]), six: Ranges(vec![(0, u128::MAX)]) }
    }

    /// The addresses of these networks.
    pub fn of(nets: impl IntoIterator<Item = IpNet>) -> AddressSet {
        let (mut four, mut six) = (Vec::new(), Vec::new());
        for net in nets {
            match net {
                IpNet::V4(net) => {
                    four.push((u128::from(u32::from(net.network())), u128::from(u32::from(net.broadcast()))));
                }
                IpNet::V6(net) => six.push((u128::from(net.network()), u128::from(net.broadcast()))),
            }
        }
        AddressSet { four: Ranges::of(four), six: Ranges::of(six) }
    }

    pub(crate) fn union(&self, other: &AddressSet) -> AddressSet {
        AddressSet { four: self.four.union(&other.four), six: self.six.union(&other.six) }
    }

    /// The addresses that are not in `other`.
    pub fn minus(&self, other: &AddressSet) -> AddressSet {
        AddressSet { four: self.four.minus(&other.four), six: self.six.minus(&other.six) }
    }

    /// True where most addresses of a family are in the set: no sender has so many, and what is
    /// left out is a handful that was refused before everybody else was let in.
    pub fn is_world(&self) -> bool {
        self.count_four() > 1 << 31 || self.count_six() > u128::MAX / 2
    }

    /// True where no address is in the set.
    pub fn is_empty(&self) -> bool {
        self.four.0.is_empty() && self.six.0.is_empty()
    }

    /// True where the address is in the set; an IPv4-mapped one counts as IPv4.
    pub fn contains(&self, ip: IpAddr) -> bool {
        let (ranges, value) = match ip.to_canonical() {
            IpAddr::V4(ip) => (&self.four, u128::from(u32::from(ip))),
            IpAddr::V6(ip) => (&self.six, u128::from(ip)),
        };
        ranges.0.iter().any(|(low, high)| (*low..=*high).contains(&value))
    }

    /// IPv4 addresses in the set.
    pub fn count_four(&self) -> u128 {
        self.four.count()
    }

    /// IPv6 addresses in the set; the whole space counts as one less.
    pub fn count_six(&self) -> u128 {
        self.six.count()
    }

    /// The fewest networks that make up the set, IPv4 first.
    pub fn networks(&self) -> Vec<IpNet> {
        let four = self.four.0.iter().flat_map(|(low, high)| {
            Ipv4Subnets::new(address_four(*low), address_four(*high), 0).map(IpNet::V4)
        });
        let six = self.six.0.iter().flat_map(|(low, high)| {
            Ipv6Subnets::new(Ipv6Addr::from(*low), Ipv6Addr::from(*high), 0).map(IpNet::V6)
        });
        four.chain(six).collect()
    }
}

fn address_four(value: u128) -> Ipv4Addr {
    Ipv4Addr::from(u32::try_from(value).unwrap_or(u32::MAX))
}

/// A network of an address as `a` and `mx` read it.
pub(crate) fn around(ip: IpAddr, four: u8, six: u8) -> Option<IpNet> {
    match ip {
        IpAddr::V4(ip) => Ipv4Net::new(ip, four).ok().map(IpNet::V4),
        IpAddr::V6(ip) => Ipv6Net::new(ip, six).ok().map(IpNet::V6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(nets: &[&str]) -> AddressSet {
        AddressSet::of(nets.iter().map(|net| net.parse().unwrap()))
    }

    fn shown(set: &AddressSet) -> Vec<String> {
        set.networks().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ranges_merge_and_subtract() {
        let both = set(&[
            "192.0.2.0/25",
            "192.0.2.128/25",
            "198.51.100.1/32",
            "2001:db8::/33",
            "2001:db8:8000::/33",
        ]);
        assert_eq!(shown(&both), ["192.0.2.0/24", "198.51.100.1/32", "2001:db8::/32"]);
        assert_eq!((both.count_four(), both.count_six()), (257, 1 << 96));
        let left = both.minus(&set(&["192.0.2.64/26", "198.51.100.0/24", "2001:db8::/32"]));
        assert_eq!(shown(&left), ["192.0.2.0/26", "192.0.2.128/25"]);
        assert!(left.contains("192.0.2.1".parse().unwrap()) && !left.contains("192.0.2.70".parse().unwrap()));
        assert!(AddressSet::everything().minus(&AddressSet::everything()).is_empty());
        assert_eq!(shown(&AddressSet::everything().union(&both)), ["0.0.0.0/0", "::/0"]);
    }
}
