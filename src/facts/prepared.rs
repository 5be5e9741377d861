//! What is worked out once from the files given and shared by all rounds of a
//! run: parsing a message again after each DNS answer would be waste.

use crate::evidence::Evidence;

/// Facts that no network answer can change.
pub struct Prepared {}

impl Prepared {
    pub fn new(_evidence: &Evidence) -> Prepared {
        Prepared {}
    }
}
