//! Stretches of plain text: words, phrases, and what was worked out of them before.

pub(crate) mod distinct;
pub(crate) mod edits;
pub(crate) mod letters;
pub(crate) mod phrase_index;
pub(crate) mod plain_text;
pub(crate) mod recent;
