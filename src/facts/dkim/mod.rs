//! DKIM and ARC: the keys in DNS, the signatures of the sample message, and
//! whether they hold.

pub(crate) mod arc;
pub mod canonical;
mod changed_header;
pub(crate) mod keys;
pub mod result;
pub mod signed_message;

use self::keys::Key;
use self::result::Verified;
use crate::model::{Gap, Name};

/// All keys that are known.
#[derive(Clone, Debug, Default)]
pub struct Dkim {
    pub(in crate::facts) keys: Vec<Key>,
    /// Why some of the usual selectors could not be tried, where none is known: the key in use may
    /// stand at one of them.
    pub(in crate::facts) untried: Option<Gap>,
    /// The message's signatures, top to bottom.
    pub results: Vec<Verified>,
}

impl Dkim {
    /// The keys; a gap where no selector is known at all.
    pub(crate) fn keys(&self) -> Result<&[Key], Gap> {
        if self.keys.is_empty() {
            return Err(self.untried.clone().unwrap_or(Gap::NotSupplied {
                what: "DKIM selector",
                flag: "--selector NAME, a signed --message FILE, or a --log FILE in which a signer names it",
            }));
        }
        Ok(&self.keys)
    }

    /// Why a key may be missing among the guessed ones.
    pub fn untried(&self) -> Option<&Gap> {
        self.untried.as_ref()
    }

    /// The key at a name, where it was asked for.
    pub fn key(&self, name: &Name) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == *name)
    }
}
