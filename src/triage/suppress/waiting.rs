//! Recipients whose messages wait: where a queue gives a message up, some servers name only the
//! message.

use std::collections::{BTreeMap, BTreeSet};

use super::signal::address_of;
use crate::parse::log::event::{Event, Kind};

/// Messages followed at a time.
const MOST_MESSAGES: usize = 200_000;
/// Recipients of all of them.
const MOST_RECIPIENTS: usize = 1_000_000;

/// Who waits, by queue id.
#[derive(Debug, Default)]
pub struct Waiting {
    by_id: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>>,
    recipients: usize,
    /// Deferrals beyond what is followed.
    pub not_followed: u64,
}

impl Waiting {
    fn waits(&mut self, id: &[u8], recipient: &[u8]) {
        if self.by_id.len() >= MOST_MESSAGES && !self.by_id.contains_key(id) {
            self.not_followed += 1;
            return;
        }
        let waits = self.by_id.entry(id.to_vec()).or_default();
        if self.recipients < MOST_RECIPIENTS {
            self.recipients += usize::from(waits.insert(recipient.to_vec()));
        } else if !waits.contains(recipient) {
            self.not_followed += 1;
        }
    }

    fn settled(&mut self, id: &[u8]) -> BTreeSet<Vec<u8>> {
        let waited = self.by_id.remove(id).unwrap_or_default();
        self.recipients -= waited.len();
        waited
    }

    /// Follows one event; where a message is given up that names nobody, those who waited for it.
    pub fn follow(&mut self, event: &Event<'_>) -> Vec<Vec<u8>> {
        if event.id.is_empty() {
            return Vec::new();
        }
        let recipient = address_of(event);
        match event.kind {
            Kind::Deferred if !recipient.is_empty() => self.waits(event.id, recipient),
            Kind::Delivered | Kind::Bounced => {
                if let Some(waits) = self.by_id.get_mut(event.id) {
                    self.recipients -= usize::from(waits.remove(recipient));
                }
            }
            Kind::Expired => {
                let waited = self.settled(event.id);
                if recipient.is_empty() {
                    return waited.into_iter().collect();
                }
            }
            Kind::Removed | Kind::Deleted => {
                self.settled(event.id);
            }
            _ => {}
        }
        Vec::new()
    }
}
