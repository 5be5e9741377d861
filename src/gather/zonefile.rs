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
    /// Reads and parses the files of `--zone [ORIGIN=]FILE`.
    pub fn read(
        _files: &[String],
        _read: &mut dyn FnMut(&std::path::Path) -> anyhow::Result<Vec<u8>>,
    ) -> anyhow::Result<ZoneFiles> {
        Ok(ZoneFiles {})
    }

    /// What is doubtful in the files, as text for people.
    pub fn warnings(&self) -> &[String] {
        &[]
    }

    /// `None` where no file is authoritative for the name.
    pub fn answer(&self, _name: &Name, _rtype: RecordType) -> Option<Local> {
        None
    }
}
