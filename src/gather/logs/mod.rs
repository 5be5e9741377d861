//! Log files: opened, unpacked, put in order and cut into blocks of whole lines
//! for the pure parsers. Bounded memory whatever the size.

mod blocks;
mod collect;
mod consent;
mod open;
mod packing;
mod rotation;
mod signers;
mod spool;
mod summary;
#[cfg(test)]
mod tests;
mod utf16;
mod walk;

pub use collect::{Collected, Seek, collect};
pub use consent::compare;
pub use open::{LogError, LogFile, open};
pub use signers::signers;
pub use summary::{Options, summarize};
pub use walk::{Spot, walk};
