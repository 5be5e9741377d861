//! What an evaluation of SPF may ask beyond what a receiver asks.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::model::{Name, RecordType};

/// Questions beyond what a receiver would ask, over all evaluations of a domain. A
/// record tree may cost its owner's auditor a bounded effort, not thousands of
/// questions put to servers of others.
const BEYOND_A_RECEIVER: usize = 100;

/// What may still be asked that no receiver would ask: its evaluation ends at the
/// limit of look-ups, an audit shows what stands behind.
pub struct Allowance {
    most: usize,
    asked: RefCell<BTreeSet<(Name, RecordType)>>,
}

impl Allowance {
    /// For an audit, which shows the tree beyond the limits.
    pub fn audit() -> Allowance {
        Allowance { most: BEYOND_A_RECEIVER, asked: RefCell::default() }
    }

    /// For a judge that must not ask more than a receiver.
    pub fn receiver() -> Allowance {
        Allowance { most: 0, asked: RefCell::default() }
    }

    /// True where nothing may be asked that no receiver would ask.
    pub(super) fn is_receivers(&self) -> bool {
        self.most == 0
    }

    /// True where the question may be put; the same one again is free.
    pub(super) fn permits(&self, name: &Name, rtype: RecordType) -> bool {
        let mut asked = self.asked.borrow_mut();
        let question = (name.clone(), rtype);
        asked.contains(&question) || asked.len() < self.most && asked.insert(question)
    }
}
