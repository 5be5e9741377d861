//! Hosts that take mail for more than one receiver: a relay, or a house with the mail of many.
//! What such a host limits is the mail to all of them, and no limit of one receiver.

use super::hash::{self, HashedMap};

/// Hosts that are followed; one beyond them may take mail for anybody.
const KEPT: usize = 20_000;
/// Fixed: blocks must agree.
const SEED: u64 = 0x6d61_696c_686f_7073;
/// No mark of a provider.
const SHARED: u32 = 0;

/// By host the mark of the only provider whose mail it was given, deliveries included.
#[derive(Debug, Default)]
pub(super) struct Hops {
    hosts: HashedMap<u32>,
    full: bool,
}

impl Hops {
    #[inline]
    pub(super) fn add(&mut self, host: &[u8], provider: u32) {
        if !host.is_empty() && host != b"none" {
            self.put(hash::lowercase(SEED, host), provider);
        }
    }

    fn put(&mut self, key: u64, provider: u32) {
        if let Some(known) = self.hosts.get_mut(&key) {
            if *known != provider {
                *known = SHARED;
            }
        } else if self.hosts.len() < KEPT {
            self.hosts.insert(key, provider);
        } else {
            self.full = true;
        }
    }

    pub(super) fn append(&mut self, next: &Hops) {
        self.full |= next.full;
        next.hosts.iter().for_each(|(key, provider)| self.put(*key, *provider));
    }

    /// Whether the host takes, or may take, mail for several.
    pub(super) fn is_shared(&self, host: &[u8]) -> bool {
        match self.hosts.get(&hash::lowercase(SEED, host)) {
            _ if host.is_empty() || host == b"none" => false,
            Some(provider) => *provider == SHARED,
            None => self.full,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_of_two_receivers_is_shared_wherever_the_log_is_cut() {
        let (mut all, mut next) = (Hops::default(), Hops::default());
        all.add(b"relay.example", 1);
        all.add(b"mx.example.org", 1);
        next.add(b"Relay.example", 2);
        all.append(&next);
        assert!(all.is_shared(b"relay.example") && !all.is_shared(b"mx.example.org"));
        assert!(!all.is_shared(b"none") && !all.is_shared(b"new.example"));
        (0..=KEPT).for_each(|n| all.add(format!("h{n}.example").as_bytes(), 3));
        assert!(all.is_shared(b"new.example"), "not followed");
    }
}
