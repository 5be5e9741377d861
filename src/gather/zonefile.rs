//! Zone files as a source of answers: authoritative for their names.

use crate::model::{Answer, Name, RecordType};

/// The zone files of `--zone`, parsed.
#[derive(Default)]
pub struct ZoneFiles {}

/// What the zone files say of a question.
pub enum Local {
    Answer(Answer),
    /// An alias whose target stands in none of the files.
    Alias {
        target: Name,
        aliases: Vec<Name>,
    },
}

impl ZoneFiles {
    /// `None` where no file is authoritative for the name.
    pub fn answer(&self, _name: &Name, _rtype: RecordType) -> Option<Local> {
        None
    }
}
